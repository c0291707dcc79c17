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
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import filelock
import psutil

from wimhf.base import Config, expanded, sweep, write_atomically
from wimhf.errors import RunError
from wimhf.pipeline.job_state import JobState

FOLDER = ".jobs"
SPEC, PROCESS, STATUS, CANCELLED, LOG = (
    "spec.json", "process.json", "status.json", "cancelled", "log.txt",
)  # fmt: skip
GRACE = 8.0
"""Seconds between asking a job to end and ending it."""
SAME_START = 0.5
"""Seconds by which two readings of a process's start may differ."""
LOST = (
    "the process ended without a word (it was killed, or memory ran out); what was finished is "
    "kept, so start it again to go on"
)


def start_job(
    source: str | Path,
    run: str | Path,
    settings: Mapping[str, object] | None = None,
    expected: Mapping[str, float] | None = None,
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
    expected
        Seconds that each stage is expected to take: see ``expected_stages``.

    Raises
    ------
    ConfigError
        If the settings contradict each other.
    RunError
        If the run is being analyzed already, or the folder cannot be written.
    """
    config = Config.from_dict(settings or {})
    config = replace(config, read=replace(config.read, source=str(source)))
    spec = {"source": str(source), "config": config.to_dict(), "expected": dict(expected or {})}
    return begin_job(run, spec, address=config.llm.base_url or "")


def begin_job(
    run: str | Path, spec: Mapping[str, object], key: str = "", address: str = ""
) -> JobState:
    """Start the job of a run folder.

    ``spec`` says what to do: ``source``, ``config`` and, where a finished run is changed,
    ``change``. ``key`` and ``address``, which may hold a password, are a server's: given to the
    process alone. Raises as ``start_job``.
    """
    path = expanded(run).absolute()
    folder = _folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder} cannot be written ({error.strerror})") from None
    sweep(folder, own=True)
    with filelock.FileLock(folder / ".lock"):
        earlier = read_job(path)
        if earlier is not None and earlier.under_way:
            raise RunError(f"{path.name} is being analyzed already; wait for it, or cancel it")
        for name in (STATUS, CANCELLED, PROCESS):
            (folder / name).unlink(missing_ok=True)
        write_file(folder / SPEC, {**spec, "run": str(path), "started": time.time()})
        _spawn(folder, {"OPENAI_API_KEY": key.strip(), "WIMHF_SERVER": address})
    if (state := read_job(path)) is not None:
        return state
    raise RunError(f"{folder} was removed while its analysis started; start it again")


def restart_job(run: str | Path, key: str = "") -> JobState:
    """Start a job that ended once more, to do the same, with a server's key.

    Raises
    ------
    RunError
        If there is none, or it is still under way.
    """
    spec = _read(_folder(expanded(run).absolute()) / SPEC)
    if spec is None:
        raise RunError(f"nothing is known of an analysis of {run}; start it anew")
    return begin_job(run, spec | {"again": True}, key)


def _spawn(folder: Path, server: Mapping[str, str]) -> None:
    """Start the process, which belongs to nobody's terminal, and note which it is."""
    given = {name: value for name, value in server.items() if value}
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "wimhf.pipeline.worker", str(folder)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, **given},
        )  # fmt: skip
    born = _born(psutil.Process(process.pid))
    write_file(folder / PROCESS, {"pid": process.pid, "born": born})
    # whoever ends is waited for, so that no dead process keeps its number
    threading.Thread(target=process.wait, daemon=True).start()


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
    if (folder / CANCELLED).exists():
        return replace(state, status="cancelled")
    return replace(state, status="lost", error=LOST)


def list_jobs(runs: str | Path) -> list[JobState]:
    """Return the analyses of all runs of a folder, the last started first."""
    folder = expanded(runs).absolute()
    try:
        names = [item.name for item in (folder / FOLDER).iterdir() if item.is_dir()]
    except OSError:
        return []
    states = [state for name in names if (state := read_job(folder / name)) is not None]
    return sorted(states, key=lambda state: -state.started)


def sweep_runs(runs: Path) -> None:
    """Remove what killed processes left in a folder of runs, in its runs and its jobs."""
    sweep(runs)
    for folder in (runs, runs / FOLDER, runs / ".uploads"):
        with suppress(OSError):
            for item in folder.iterdir():
                if (item / "manifest.json").is_file() or folder != runs:
                    sweep(item, own=True)


def cancel_job(run: str | Path, grace: float = GRACE) -> bool:
    """Ask an analysis to end, and end it after a grace; what it finished is kept.

    Returns
    -------
    bool
        Whether there was anything to cancel.
    """
    folder, state = _folder(expanded(run).absolute()), read_job(run)
    process = _process(folder)
    if process is None or state is None or not state.under_way:
        return False
    (folder / CANCELLED).touch()
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT)
    threading.Thread(target=_insist, args=(process, grace), daemon=True).start()
    return True


def _insist(process: psutil.Process, grace: float) -> None:
    with suppress(psutil.NoSuchProcess):
        try:
            process.wait(grace)
        except psutil.TimeoutExpired:
            process.terminate()


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


def write_file(path: Path, value: Mapping[str, object]) -> None:
    """Write one of a job's files, whole or not at all."""
    text = json.dumps(value, ensure_ascii=False).encode()
    write_atomically(path, lambda stream: stream.write(text))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _state(folder: Path, spec: Mapping[str, Any]) -> JobState:
    known = {field.name for field in fields(JobState)} - {"run", "source", "started", "change"}
    status = _read(folder / STATUS) or {"status": "starting", "updated": spec["started"]}
    status = {name: value for name, value in status.items() if name in known}
    status["plan"] = tuple((name, title) for name, title in status.get("plan", ()))
    status["warnings"] = tuple(status.get("warnings", ()))
    own = {"run": Path(spec["run"]), "source": spec["source"], "started": spec["started"]}
    return JobState(**own, **status, change=spec.get("change"))


def _at_work(folder: Path, state: JobState) -> bool:
    if not (folder / PROCESS).exists():  # between the two files of a start
        return time.time() - state.started < 10
    return _process(folder) is not None


def _process(folder: Path) -> psutil.Process | None:
    """Return a job's process; None where it is gone, or its number is another's by now."""
    noted = _read(folder / PROCESS) or {}
    born = noted.get("born")
    with suppress(psutil.Error):
        process = psutil.Process(noted.get("pid"))
        if isinstance(born, float) and abs(_born(process) - born) < SAME_START:
            ended = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
            return None if ended else process
    return None


def _born(process: psutil.Process) -> float:
    """Return the seconds from boot to a process's start, which setting the clock does not move."""
    return float(process.create_time() - psutil.boot_time())
