"""hf:owner/name[:config][:split]: datasets of the hub, or of a folder, through ``datasets``."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from wimhf.errors import InputError
from wimhf.formats.base import Opened, Row
from wimhf.schema import RowReject

PREFIX = "hf:"
EXPECTED = "hf:owner/name, hf:owner/name:split or hf:owner/name:config:split"


def open_dataset(source: str, limit: int | None) -> tuple[str, int, Callable[[], Opened]]:
    """Return a dataset's name, its number of rows (0 if unknown) and how to open it.

    With a limit it is streamed, so that no more is fetched than is read.

    Raises
    ------
    InputError
        If ``datasets`` is not installed, the name is not understood, or the hub does not answer.
    """
    path, config, split = _named(source)
    datasets = _library()
    split = split or _default_split(datasets, path, config)
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
    return name, size, lambda: Opened("hf", rows(), lambda: read)


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
    try:
        from huggingface_hub import HfApi

        return f"{source} {HfApi().dataset_info(path, timeout=10).sha}"
    except Exception:  # offline: the cached copy is what there is
        return f"{source} {config} {split}"


def _named(source: str) -> tuple[str, str | None, str | None]:
    rest = source.removeprefix(PREFIX)
    parts = rest.split(":")
    if not parts[0].strip() or len(parts) > 3 or any(not part.strip() for part in parts):
        raise InputError(f"{source!r} is not understood; write {EXPECTED}")
    config = parts[1] if len(parts) == 3 else None
    return parts[0], config, parts[-1] if len(parts) > 1 else None


def _library() -> Any:
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
    return datasets


def _default_split(datasets: Any, path: str, config: str | None) -> str:
    """Return the only split, or train."""
    try:
        splits = datasets.get_dataset_split_names(path, config)
    except Exception as error:  # the hub client and the builders each raise their own
        raise _failure(f"{PREFIX}{path}", error) from None
    if len(splits) == 1 or "train" not in splits:
        if len(splits) == 1:
            return str(splits[0])
        raise InputError(
            f"{PREFIX}{path} has no split train; add one of {', '.join(map(str, splits))}, "
            f"e.g. {PREFIX}{path}:{splits[0]}"
        )
    return "train"


def _loaded(datasets: Any, path: str, config: str | None, split: str, *, streaming: bool) -> Any:
    try:
        return datasets.load_dataset(path, config, split=split, streaming=streaming)
    except Exception as error:  # the hub client and the builders each raise their own
        raise _failure(f"{PREFIX}{path}", error) from None


def _failure(source: str, error: Exception) -> InputError:
    said = str(error).strip().splitlines()
    first = said[0][:300] if said else repr(error)
    return InputError(f"{source} cannot be read ({first}); expected {EXPECTED}")
