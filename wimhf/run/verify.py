"""Whether a run is whole, file by file; and what can be done where it is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wimhf.base import Config, expanded, forget_hashes, write_atomically
from wimhf.errors import RunError
from wimhf.run.anchor import ANCHOR, Anchor, read_anchor
from wimhf.run.answers import CHECKS, read_answers
from wimhf.run.history import replayed
from wimhf.run.log import LOG, read_edit
from wimhf.run.manifest import MANIFEST
from wimhf.run.opening import DamagedManifest, new_manifest, open_run
from wimhf.run.run import Run

AGAIN = "the same `wimhf analyze` writes it anew"
UNANCHORED = (
    "it is not there: whether the {edits:,} edits of edits.jsonl are all that there were cannot be "
    "told; look at `wimhf curate history {run}`, and accept them with `wimhf repair {run}`"
)


@dataclass(frozen=True)
class Damage:
    """A file that is not as it was written.

    Attributes
    ----------
    name
        The file's.
    why
        What is wrong with it, and what to do.
    """

    name: str
    why: str


@dataclass(frozen=True)
class Verified:
    """How many files were checked, and those that are damaged."""

    checked: int
    damaged: tuple[Damage, ...]


def verify_run(folder: str | Path) -> Verified:
    """Check every file of a run against what was recorded when it was written.

    Raises
    ------
    RunError
        If there is no run, or its manifest is damaged.
    """
    run = open_run(folder)
    forget_hashes()
    found: list[Damage] = []
    names = [name for stage in run.manifest.stages if run.manifest.done(stage)
             for name in run.manifest.outputs(stage)]  # fmt: skip
    for name in names:
        if not (run.path / name).is_file():
            found.append(Damage(name, f"it is not there; {AGAIN}"))
        elif not run.manifest.vouches_for(name):
            found.append(Damage(name, f"it is not what was written; {AGAIN}"))
    read: dict[str, Callable[[], object]] = {
        LOG: lambda: replayed(run.log.edits()), CHECKS: lambda: read_answers(run),
    }  # fmt: skip
    there = [name for name in read if (run.path / name).exists() or name == LOG]
    for name in there:
        try:
            read[name]()
        except RunError as error:
            found.append(Damage(name, str(error)))
    if LOG not in {one.name for one in found}:
        found += _unanchored(run)
    return Verified(1 + len(names) + len(there), tuple(found))


def _unanchored(run: Run) -> list[Damage]:
    """Say that a log lacks its anchor; those of schema 1 have none."""
    edits = len(run.log.edits())
    old = json.loads((run.path / MANIFEST).read_bytes())["schema_version"] < 2
    if old or not edits or (run.path / ANCHOR).exists():
        return []
    return [Damage(ANCHOR, UNANCHORED.format(edits=edits, run=run.path))]


def repair_run(folder: str | Path) -> list[str]:
    """Make a damaged run usable; what is taken out of it is kept aside, in the same folder.

    A damaged manifest is begun anew, so that the same analysis can be made in the folder; a damaged
    log of edits keeps the edits before the damage. Other files are written anew by the analysis.

    Returns
    -------
    list of str
        What was done, and what is left to do; empty where nothing was.

    Raises
    ------
    RunError
        If there is no run, or it cannot be written.
    """
    path, told = expanded(folder), []
    try:
        run = open_run(path)
    except DamagedManifest:
        aside = _aside(path, MANIFEST)
        run = Run(path, new_manifest(Config()))
        run.manifest.write()
        told.append(
            f"{MANIFEST} was damaged and is kept as {aside.name}; now run the same "
            f"`wimhf analyze SOURCE -o {path}`"
        )
    run.lock.take()
    try:
        told += _repaired_log(path)
    finally:
        run.lock.release()
    damaged = verify_run(path).damaged
    return told + [f"{one.name}: {one.why}" for one in damaged]


def _repaired_log(path: Path) -> list[str]:
    """Accept the edits that can be read, and keep the log as it was aside."""
    log = path / LOG
    lines = log.read_bytes().splitlines(keepends=True) if log.exists() else []
    kept: list[bytes] = []
    for line in lines:
        try:
            read_edit(line, len(kept) + 1, log)
        except RunError:
            break
        kept.append(line)
    whole = b"".join(kept)
    now = Anchor(len(kept), len(whole), hashlib.sha256(whole).hexdigest() if kept else "")
    try:
        before = read_anchor(path)
    except RunError:
        before = None
    if len(kept) == len(lines) and before == now:
        return []
    told = f"{len(kept):,} edits are accepted as they are"
    if len(kept) < len(lines):
        told += f"; the log is kept as {_aside(path, LOG).name}"
        write_atomically(log, lambda stream: stream.write(whole))
    (path / ANCHOR).unlink(missing_ok=True)
    if kept:
        now.write(path)
    return [told]


def _aside(path: Path, name: str) -> Path:
    """Give a file a name under which it is kept beside its successor."""
    stem, _, ending = name.partition(".")
    number = 1
    while (aside := path / f"{stem}.damaged-{number}.{ending}").exists():
        number += 1
    try:
        (path / name).rename(aside)
    except OSError as error:
        raise RunError(f"{path} cannot be written ({error.strerror}); make it writable") from None
    return aside
