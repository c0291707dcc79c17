"""What a source string names: a file, a folder, a glob, or a dataset of the hub."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from wimhf.base import file_hash
from wimhf.data.cards import export_fault
from wimhf.data.containers.limits import Limits
from wimhf.data.containers.read import CONTAINERS, kind_of, open_container
from wimhf.data.containers.rows import Opened
from wimhf.data.formats import hub
from wimhf.errors import InputError

METADATA = frozenset({
    "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json",
    "package.json", "manifest.json", "metadata.json",
})  # fmt: skip
"""Files of a folder that describe data and hold none."""


@dataclass(frozen=True)
class Part:
    """One file, or one split of a dataset.

    Attributes
    ----------
    name
        What tells it from the other parts of the sources.
    source
        The source that names it, as it was given.
    size
        Bytes, or rows of a dataset, as ``position`` counts them; 0 where unknown.
    open
        Opens it.
    note
        What was chosen where the source left a choice, for the reader.
    """

    name: str
    source: str
    size: int
    open: Callable[[], Opened]
    note: str | None = None


def parts_of(sources: tuple[str, ...], limit: int | None, limits: Limits = Limits()) -> list[Part]:
    """Return the parts of all sources, in order.

    Raises
    ------
    InputError
        If one names nothing that can be read.
    """
    parts: list[Part] = []
    for source in sources:
        if source.startswith(hub.PREFIX):
            data = hub.open_dataset(source, limit)
            parts.append(Part(data.name, source, data.n_rows, data.open, data.note))
            continue
        files, base = _files(source)
        found = [_file_part(path, base, source, limits) for path in files]
        if base is not None or len(files) == 1:
            found[0] = replace(found[0], note=export_fault(base or files[0]) or None)
        parts += found
    if len({part.name for part in parts}) == len(parts):
        return parts
    return [replace(part, name=f"{part.name} ({i + 1})") for i, part in enumerate(parts)]


def sources_hash(sources: tuple[str, ...]) -> str:
    """Return a hash of the bytes of everything that sources name; where nothing is, their names."""
    digest = hashlib.sha256()
    files: list[Path] = []
    for source in sources:
        if source.startswith(hub.PREFIX):
            digest.update(hub.revision(source).encode())
        else:
            files += _files(source)[0]
    hashes = [file_hash(path) for path in files]
    if len(hashes) == 1 and len(sources) == 1:
        return hashes[0]
    for text in hashes:
        digest.update(text.encode())
    return digest.hexdigest()


def _file_part(path: Path, base: Path | None, source: str, limits: Limits) -> Part:
    name = path.name if base is None else path.relative_to(base).as_posix()
    size = path.stat().st_size if path.exists() else 0
    return Part(name, source, size, partial(open_container, path, limits))


def _files(source: str) -> tuple[list[Path], Path | None]:
    """Return the files that a source names, and the folder it names."""
    if not source.strip():
        raise InputError("the name of the source is empty; name a file, or . for this folder")
    if "\0" in source:
        raise InputError(f"{source!r} cannot be read: a path holds no NUL")
    try:
        path = Path(source).expanduser()
        if path.is_dir():
            return _inside(path), path
        exists = path.exists()
    except RuntimeError:
        raise InputError(f"{source} does not exist: no such user; check the path") from None
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{source!r} cannot be read: {error}") from None
    if exists or not glob.has_magic(source):
        return [path], None
    matched = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]
    files = [name for name in matched if name.is_file()]
    if not files:
        raise InputError(f"{source} matches no file; check the pattern")
    return files, None


def _inside(folder: Path) -> list[Path]:
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in METADATA
        and not path.name.endswith(".card.json")
        and not (path.suffix == ".arrow" and path.name.startswith("cache-"))
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and kind_of(path) is not None
    ]
    if not files:
        raise InputError(f"{folder} is a folder without a file of {', '.join(CONTAINERS)}")
    return files
