"""Analyses in the background: a process of its own for each, watched through small files.

The job of ``RUNS/NAME`` lives in ``RUNS/.jobs/NAME``: what to do (spec.json), who does it
(process.json), how far it is (status.json, which only that process writes), whether it was
cancelled, and its log. So it outlives the page, the tab and the program that started it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import filelock

from wimhf.base import Config, expanded, write_atomically
from wimhf.errors import RunError

FOLDER = ".jobs"
SPEC, PROCESS, STATUS, CANCELLED, LOG = (
    "spec.json", "process.json", "status.json", "cancelled", "log.txt",
)  # fmt: skip
GRACE = 8.0
"""Seconds between asking a job to end and ending it."""
LOST = (
    "the process ended without a word (it was killed, or memory ran out); what was finished is "
    "kept, so start it again to go on"
)


@dataclass(frozen=True)
class JobState:
    """How far a background analysis is.

    Attributes
    ----------
    run
        The run folder it fills.
    status
        starting, running, done, failed, cancelled, or lost (its process is gone and said nothing).
    stage, message
        What it is doing, and the last line for a person.
    done, total, unit
        Units of the stage finished and planned; ``total`` is 0 where the number is not known.
    rate, left
        Units a second, and seconds until the stage is through; None where not known.
    plan
        Names and titles of the stages, in order.
    warnings
        What a person should know, oldest first.
    error
        One line: what went wrong and what to do.
    started, updated
        Seconds since 1970.
    """

    run: Path
    source: str
    status: str
    started: float
    updated: float
    stage: str = ""
    message: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    rate: float | None = None
    left: float | None = None
    plan: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    error: str | None = None

    @property
    def name(self) -> str:
        """The run folder's name."""
        return self.run.name

    @property
    def under_way(self) -> bool:
        """Say whether a process is at work."""
        return self.status in ("starting", "running")


def start_job(
    source: str | Path, run: str | Path, settings: dict[str, Any] | None = None
) -> JobState:
    """Start the analysis of a source in a process of its own.

    Parameters
    ----------
    source
        As for ``wimhf.analyze``.
    run
        The run folder; what an earlier analysis finished there with the same inputs is kept.
    settings
        Nested as in ``Config.to_dict``: ``{"embed": {"encoder": "fast"}}``.

    Raises
    ------
    ConfigError
        If the settings contradict each other.
    RunError
        If the run is being analyzed already, or the folder cannot be written.
    """
    path, asked = expanded(run).absolute(), settings or {}
    read = {**asked.get("read", {}), "source": str(source)}
    config = Config.from_dict({**asked, "read": read})
    folder = _folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder} cannot be written ({error.strerror})") from None
    with filelock.FileLock(folder / ".lock"):
        known = read_job(path)
        if known is not None and known.under_way:
            raise RunError(f"{path.name} is being analyzed already; wait for it, or cancel it")
        for name in (STATUS, CANCELLED, PROCESS):
            (folder / name).unlink(missing_ok=True)
        write_file(folder / SPEC, {
            "source": str(source), "run": str(path), "config": config.to_dict(),
            "started": time.time(),
        })  # fmt: skip
        pid = _spawn(folder)
        write_file(folder / PROCESS, {"pid": pid, "born": _born(pid)})
    state = read_job(path)
    if state is None:
        raise RunError(f"{folder} was removed while its analysis started; start it again")
    return state


def restart_job(run: str | Path) -> JobState:
    """Start an analysis that ended once more, with the same source and settings.

    Raises
    ------
    RunError
        If there is none, or it is still under way.
    """
    spec = _read(_folder(expanded(run).absolute()) / SPEC)
    if spec is None:
        raise RunError(f"nothing is known of an analysis of {run}; start it anew")
    return start_job(spec["source"], run, spec["config"])


def _spawn(folder: Path) -> int:
    """Start the process, which belongs to nobody's terminal; return its id."""
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "wimhf.pipeline.worker", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    # whoever ends is waited for, so that no dead process keeps its number
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid


def read_job(run: str | Path) -> JobState | None:
    """Return how far the analysis of a run folder is; None where there is none."""
    folder = _folder(expanded(run).absolute())
    spec = _read(folder / SPEC)
    if spec is None:
        return None
    state = _state(folder, spec)
    if not state.under_way or _at_work(folder, state):
        return state
    state = _state(folder, spec)  # it may have ended well between the two looks
    if not state.under_way:
        return state
    gone = {"status": "cancelled"} if (folder / CANCELLED).exists() else {
        "status": "lost", "error": LOST,
    }  # fmt: skip
    return JobState(**{f.name: getattr(state, f.name) for f in fields(state)} | gone)


def list_jobs(runs: str | Path) -> list[JobState]:
    """Return the analyses of all runs of a folder, the last started first."""
    folder = expanded(runs).absolute()
    try:
        names = [item.name for item in (folder / FOLDER).iterdir() if item.is_dir()]
    except OSError:
        return []
    found = [state for name in names if (state := read_job(folder / name)) is not None]
    return sorted(found, key=lambda state: -state.started)


def cancel_job(run: str | Path, grace: float = GRACE) -> bool:
    """Ask an analysis to end, and end it after a grace; what it finished is kept.

    Returns
    -------
    bool
        Whether there was anything to cancel.
    """
    folder, state = _folder(expanded(run).absolute()), read_job(run)
    pid = _pid(folder)
    if pid is None or state is None or not state.under_way:
        return False
    (folder / CANCELLED).touch()
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    threading.Thread(target=_insist, args=(folder, pid, grace), daemon=True).start()
    return True


def _insist(folder: Path, pid: int, grace: float) -> None:
    end = time.monotonic() + grace
    while time.monotonic() < end:
        if _pid(folder) != pid:
            return
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def forget_job(run: str | Path) -> None:
    """Remove what is kept about an analysis that ended; its run folder stays as it is.

    Raises
    ------
    RunError
        If it is still under way.
    """
    state = read_job(run)
    if state is not None and state.under_way:
        raise RunError(f"{state.name} is being analyzed; cancel it first")
    shutil.rmtree(_folder(expanded(run).absolute()), ignore_errors=True)


# -- the files -----------------------------------------------------------------------------------


def _folder(run: Path) -> Path:
    return run.parent / FOLDER / run.name


def write_file(path: Path, value: dict[str, Any]) -> None:
    """Write one of a job's files, whole or not at all."""
    text = json.dumps(value, ensure_ascii=False).encode()
    write_atomically(path, lambda stream: stream.write(text))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _state(folder: Path, spec: dict[str, Any]) -> JobState:
    known = {f.name for f in fields(JobState)}
    told = _read(folder / STATUS) or {"status": "starting", "updated": spec["started"]}
    told = {name: value for name, value in told.items() if name in known}
    told["plan"] = tuple((name, title) for name, title in told.get("plan", ()))
    told["warnings"] = tuple(told.get("warnings", ()))
    return JobState(
        **{"run": Path(spec["run"]), "source": spec["source"], "started": spec["started"], **told}
    )


def _at_work(folder: Path, state: JobState) -> bool:
    if not (folder / PROCESS).exists():  # between the two files of a start
        return time.time() - state.started < 10
    return _pid(folder) is not None


def _pid(folder: Path) -> int | None:
    """Return the id of a job's process; None where it is gone, or the id is another's by now."""
    known = _read(folder / PROCESS)
    if known is None or known["born"] is None or _born(known["pid"]) != known["born"]:
        return None
    return int(known["pid"])


def _born(pid: int) -> str | None:
    """Return when a process was started, as told by the system; None where it is gone."""
    if not Path("/proc/self/stat").exists():
        told = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split(maxsplit=1)
        return None if len(told) < 2 or told[0].startswith("Z") else told[1].strip()
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if words[0] in "ZX" else f"{boot} {words[19]}"
