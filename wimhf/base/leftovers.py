"""What is being written, and what a process that was killed left of it.

Its name holds the process and the machine that write it, so that whoever comes next knows whether
somebody still does.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import psutil

PART = ".part"
LEFT = re.compile(r"\..+\.(?P<process>\d+)-(?:(?P<machine>[0-9a-f]{6})-)?\w+" + re.escape(PART))
"""The name of what a process is writing."""
RANDOM = "[a-z0-9_]{8}"
UNNAMED = re.compile(rf"\.wimhf-export\.{RANDOM}")
"""What the first version wrote exports in, which no process is named in."""
UNNAMED_OWN = re.compile(
    rf"\.[\w.-]+\.(?:jsonl?|parquet|npy|safetensors|html|txt|toml)\.{RANDOM}|part-{RANDOM}"
)
"""What it wrote in folders in which nobody else writes."""
DAY = 86_400.0
COMMIT = "names.json"
"""In a folder of parts that are whole: the name that each is to have beside the folder."""


@cache
def machine() -> str:
    """Return six digits that tell this machine from others that share a folder with it."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def part_prefix(name: str) -> str:
    """Return how the name of something begins that this process writes."""
    short = name.encode()[:160].decode(errors="ignore")  # a name has 255 bytes
    return f".{short}.{os.getpid()}-{machine()}-"


@contextmanager
def scratch(folder: Path, name: str) -> Iterator[Path]:
    """Give a hidden folder in another, which is gone afterwards whatever happens.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    sweep(folder)
    made = Path(tempfile.mkdtemp(dir=folder, prefix=part_prefix(name), suffix=PART))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def move_together(parts: Path, names: Mapping[str, str]) -> None:
    """Give files and folders of a scratch folder their names beside it, all or none.

    Which are to get one is noted first: where the process is killed between two of them,
    ``sweep`` gives the rest.

    Parameters
    ----------
    names
        Of each part, in the order in which they are moved, the name.
    """
    note = parts / COMMIT
    with (parts / f"{COMMIT}.new").open("w", encoding="utf-8") as stream:
        json.dump(names, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(stream.name, note)
    _move(parts, names)
    note.unlink()


def _move(parts: Path, names: Mapping[str, str]) -> None:
    for part, name in names.items():
        if os.path.lexists(parts / part):
            os.replace(parts / part, parts.parent / name)


def sweep(folder: Path, *, own: bool = False) -> None:
    """Remove what processes that are gone were writing into a folder; end what they had begun.

    Parameters
    ----------
    own
        Whether nobody but this program writes into the folder.
    """
    with suppress(OSError):
        for place in list(folder.iterdir()):
            if _is_left(place, own=own):
                _remove(place)


def _is_left(place: Path, *, own: bool) -> bool:
    found = LEFT.fullmatch(place.name)
    if found is None:
        unnamed = UNNAMED.fullmatch(place.name) or (own and UNNAMED_OWN.fullmatch(place.name))
        return bool(unnamed) and time.time() - place.lstat().st_mtime > DAY
    if found["machine"] not in (None, machine()):
        return time.time() - place.lstat().st_mtime > DAY
    try:
        born = psutil.Process(int(found["process"])).create_time()
    except (psutil.Error, OverflowError, ValueError):
        return True
    return bool(born > place.lstat().st_mtime + 2)  # another process has its number by now


def _remove(place: Path) -> None:
    if not place.is_dir() or place.is_symlink():
        place.unlink(missing_ok=True)
        return
    with suppress(OSError, ValueError, AttributeError, TypeError):
        names = json.loads((place / COMMIT).read_bytes())
        if all(Path(one).name == one for pair in names.items() for one in pair):
            _move(place, names)
    shutil.rmtree(place, ignore_errors=True)
