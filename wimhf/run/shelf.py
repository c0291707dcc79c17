"""The folder in which runs lie: renaming one, throwing one away, bringing it back."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

from wimhf.errors import RunError
from wimhf.run.manifest import RunLock

TRASH = ".trash"
NAME = re.compile(r"\w[\w\- ]{0,79}")
"""What a run may be called."""


def rename_run(path: Path, name: str) -> Path:
    """Give a run another name; return its new folder.

    Raises
    ------
    RunError
        If it cannot be called so, there is one of that name, or somebody writes the run.
    """
    if not NAME.fullmatch(name):
        raise RunError(
            f"a run cannot be called {name[:80]!r}; use letters, digits, hyphens and underscores"
        )
    target = path.with_name(name)
    if target.exists():
        raise RunError(f"there is a run {name} already; give another name")
    _move(path, target)
    return target


def discard_run(path: Path) -> Path:
    """Throw a run away, for now; return where it lies, for ``restore_run``.

    Raises
    ------
    RunError
        If somebody writes the run, or it cannot be moved.
    """
    kept = path.parent / TRASH / f"{time.time_ns()}-{path.name}"
    try:
        kept.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(f"{path.parent} cannot be written ({error.strerror})") from None
    _move(path, kept)
    return kept


def restore_run(kept: Path) -> Path:
    """Bring back a run that was thrown away; return its folder.

    Raises
    ------
    RunError
        If it is gone, or another has its name by now.
    """
    target = kept.parent.parent / kept.name.partition("-")[2]
    if not kept.is_dir():
        raise RunError(f"the run {target.name} is gone for good")
    if target.exists():
        raise RunError(f"there is another run {target.name} by now; rename that one first")
    _move(kept, target)
    return target


def discarded_runs(runs: Path) -> list[Path]:
    """Return the runs of a folder that can be brought back, the last thrown away first."""
    try:
        return sorted((item for item in (runs / TRASH).iterdir() if item.is_dir()), reverse=True)
    except OSError:
        return []


def empty_trash(runs: Path) -> None:
    """Remove for good what was thrown away."""
    shutil.rmtree(runs / TRASH, ignore_errors=True)


def _move(path: Path, target: Path) -> None:
    lock = RunLock(path)
    lock.take()
    lock.release()
    try:
        path.rename(target)
    except OSError as error:
        raise RunError(f"{path} cannot be moved: {error.strerror or error}") from None
