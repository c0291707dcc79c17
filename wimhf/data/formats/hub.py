"""hf:owner/name[:config][:split]: datasets of the hub, or of a folder, through ``datasets``."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from wimhf.data.containers.rows import Opened, Row
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

PREFIX = "hf:"
EXPECTED = "hf:owner/name, hf:owner/name:split or hf:owner/name:config:split"


@dataclass(frozen=True)
class Dataset:
    """A split of a dataset.

    Attributes
    ----------
    n_rows
        0 where unknown.
    open
        Opens it.
    note
        Which split was taken, where there are others and none was named.
    """

    name: str
    n_rows: int
    open: Callable[[], Opened]
    note: str | None = None


def open_dataset(source: str, limit: int | None) -> Dataset:
    """Load the split of a dataset that a source names, in the version that ``revision`` tells.

    With a limit it is streamed, so that no more is fetched than is read.

    Raises
    ------
    InputError
        If ``datasets`` is not installed, the name is not understood, or the hub does not answer.
    """
    path, config, split = _named(source)
    datasets = _library()
    note = None
    if split is None:
        split, others = _default_split(datasets, path, config)
        note = _taken(source, path, config, split, others)
    data = _loaded(datasets, path, config, split, streaming=limit is not None)
    size = 0 if limit is not None else len(data)
    read = 0

    def rows() -> Iterator[Row | RowReject]:
        nonlocal read
        iterator = iter(data)
        while True:
            try:
                row = next(iterator)
            except StopIteration:
                return
            except Exception as error:  # the builder's and the network's own
                raise _failure(source, error) from None
            read += 1
            yield dict(row)

    name = ":".join(filter(None, [Path(path).name, config, split]))
    return Dataset(name, size, lambda: Opened("hf", rows(), lambda: read), note)


def revision(source: str) -> str:
    """Return what tells versions of a dataset apart: the hub's commit, or the folder's files."""
    path, config, split = _named(source)
    folder = Path(path).expanduser()
    if folder.is_dir():
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        stamps = [
            f"{f.relative_to(folder)} {f.stat().st_size} {f.stat().st_mtime_ns}" for f in files
        ]
        return "\n".join([source, *stamps])
    commit = _commit(path)
    return f"{source} {config} {split}" if commit is None else f"{source} {commit}"


def _commit(path: str) -> str | None:
    """Return the commit of a dataset that the hub has; None for a folder, or offline."""
    if Path(path).expanduser().is_dir():
        return None
    try:
        return _asked_commit(path)
    except Exception:  # offline: the cached copy is what there is
        return None


@cache
def _asked_commit(path: str) -> str:
    """Ask the hub once, so that what is read and what its hash tells are one version."""
    from huggingface_hub import HfApi

    return str(HfApi().dataset_info(path, timeout=10).sha)


def _named(source: str) -> tuple[str, str | None, str | None]:
    rest = source.removeprefix(PREFIX)
    parts = rest.split(":")
    if not parts[0].strip() or len(parts) > 3 or any(not part.strip() for part in parts):
        raise InputError(f"{source!r} is not understood; write {EXPECTED}")
    config = parts[1] if len(parts) == 3 else None
    return parts[0], config, parts[-1] if len(parts) > 1 else None


def _library() -> ModuleType:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        import datasets
    except ImportError:
        raise InputError(
            "hf: sources need the datasets package; install it with pip install 'wimhf[hub]'"
        ) from None
    datasets.disable_progress_bars()
    for name in ("huggingface_hub", "datasets"):  # what matters of their words is in the error
        logging.getLogger(name).setLevel(logging.CRITICAL)
    library: ModuleType = datasets
    return library


def _default_split(datasets: ModuleType, path: str, config: str | None) -> tuple[str, list[str]]:
    """Return the only split, or train, and the others."""
    try:
        splits = datasets.get_dataset_split_names(path, config, revision=_commit(path))
    except Exception as error:  # the hub client and the builders each raise their own
        raise _failure(f"{PREFIX}{path}", error) from None
    taken = str(splits[0]) if len(splits) == 1 else "train"
    if taken not in splits:
        raise InputError(
            f"{PREFIX}{path} has no split train; add one of {', '.join(map(str, splits))}, "
            f"e.g. {PREFIX}{path}:{splits[0]}"
        )
    return taken, [str(name) for name in splits if name != taken]


def _taken(source: str, path: str, config: str | None, split: str, others: list[str]) -> str | None:
    if not others:
        return None
    named = ":".join(filter(None, [path, config, others[0]]))
    return (
        f"{source} names no split: {split} was taken; there are also {', '.join(others[:20])}, "
        f"as in {PREFIX}{named}"
    )


def _loaded(
    datasets: ModuleType, path: str, config: str | None, split: str, *, streaming: bool
) -> Collection[Row]:
    try:
        rows: Collection[Row] = datasets.load_dataset(
            path, config, split=split, streaming=streaming, revision=_commit(path)
        )
        return rows
    except Exception as error:  # the hub client and the builders each raise their own
        raise _failure(f"{PREFIX}{path}", error) from None


def _failure(source: str, error: Exception) -> InputError:
    lines = str(error).strip().splitlines()
    first = lines[0][:300] if lines else repr(error)
    return InputError(f"{source} cannot be read ({first}); expected {EXPECTED}")
