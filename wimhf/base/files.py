"""Files: atomic writes, and hashes of what was written."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import polars as pl

from wimhf.base.leftovers import PART, part_prefix, sweep
from wimhf.errors import RunError, WimhfError

_swept: set[Path] = set()
"""Folders that were looked through for leftovers."""


def expanded(path: str | Path) -> Path:
    """Return a path with ``~`` replaced by the home folder.

    Raises
    ------
    RunError
        If it names the home of a user who does not exist.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise RunError(f"{path} names the home of an unknown user; write the path out") from None


def regular_place(path: Path, kind: type[WimhfError] = RunError) -> Path:
    """Return where a file is written: the path, or where a symbolic link leads.

    Raises
    ------
    WimhfError
        Of the kind, if a device, a pipe or a socket stands there, which is not to be replaced.
    """
    try:
        place = path.resolve() if path.is_symlink() else path
        mode = place.stat().st_mode
    except FileNotFoundError:
        return place
    except (OSError, RuntimeError) as error:  # a link to itself
        raise kind(f"{path} cannot be written ({error}); name a new file") from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise kind(f"{path} is a device or a pipe, not a file; name a new file")
    return place


def write_atomically(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file under a temporary name, fsync it and rename it into place.

    Of a symbolic link it is the file it leads to.

    Raises
    ------
    RunError
        If the folder cannot be written or is full, an older file of that name then stays as it
        was; or if something other than a file has the name.
    """
    path, part = regular_place(path), None
    if path.parent not in _swept:
        sweep(path.parent)
        _swept.add(path.parent)
    try:
        descriptor, part = tempfile.mkstemp(
            dir=path.parent, prefix=part_prefix(path.name), suffix=PART
        )
        with os.fdopen(descriptor, "wb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException as error:
        if part is not None:
            Path(part).unlink(missing_ok=True)
        if isinstance(error, (OSError, pl.exceptions.PolarsError)):
            raise write_error(path, error) from None
        raise


def write_error(
    path: Path,
    error: Exception,
    kind: type[WimhfError] = RunError,
    kept: str = " and nothing was lost",
    mend: str = "give a folder that can be written with --output",
) -> WimhfError:
    """Return why a file could not be written, in words.

    Parameters
    ----------
    kind
        The error that it becomes.
    kept
        What else to say of a full disk.
    mend
        What to do where the disk is not full.
    """
    code, reason = None, None
    if isinstance(error, OSError):
        code, reason = error.errno, error.strerror
    if code in (errno.ENOSPC, errno.EDQUOT) or "space left" in str(error):
        return kind(
            f"{path.parent} is full: {path.name} was not written{kept}; free some space and run "
            "the same command again"
        )
    reason = reason or str(error).partition("\n")[0]
    return kind(f"{path} cannot be written ({reason}); {mend}")


_hashes: dict[Path, tuple[tuple[int, int, int], str]] = {}


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, which is read again if its place, size or time changed."""
    state = path.stat()
    stamp = (state.st_ino, state.st_size, state.st_mtime_ns)
    known = _hashes.get(path)
    if known is None or known[0] != stamp:
        with path.open("rb") as stream:
            known = _hashes[path] = (stamp, hashlib.file_digest(stream, "sha256").hexdigest())
    return known[1]


def forget_hashes() -> None:
    """Let every file be read again, whatever its place, size and time say."""
    _hashes.clear()
