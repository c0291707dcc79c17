"""Vectors that the user brings: by row (.npy or .parquet) or by text (.parquet)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from wimhf.base import Floats32, Ints, large_array
from wimhf.errors import EncoderError
from wimhf.learn.embed.encoder import user_path

BLOCK = 32_768
"""Rows of a file that are looked at together."""
EXPECTED = (
    "expected .npy of shape (source rows, 2, d) with the source's first and second response, "
    "or .parquet with columns text, embedding or source_row, first, second"
)


def load_vectors(file: str, pairs: pl.DataFrame, normalize: bool) -> tuple[Floats32, Ints, Ints]:
    """Return (vectors (t, d), row of each A (n,), row of each B (n,)).

    Raises
    ------
    EncoderError
        If the file cannot be read, has another shape or lacks a text or row of the pairs.
    """
    path = user_path(file)
    if not path.is_file():
        raise EncoderError(f"embeddings file {path} does not exist; {EXPECTED}")
    try:
        if path.suffix == ".npy":
            loaded = _load_npy(path, pairs, changed=normalize)
        else:
            loaded = _load_parquet(path, pairs)
    except (
        ValueError, TypeError, OSError, EOFError, pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
    ) as error:  # fmt: skip
        first = (str(error) or repr(error)).splitlines()[0][:160]
        raise EncoderError(f"embeddings file {path} cannot be used ({first}); {EXPECTED}") from None
    vectors, first_row, second_row = loaded
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        if not np.isfinite(block).all():
            raise EncoderError(
                f"embeddings file {path} holds NaN or infinite numbers; compute it again"
            )
        if normalize:
            block /= np.maximum(np.linalg.norm(block, axis=1, keepdims=True), 1e-12)
    swapped = pairs["swapped"].to_numpy()
    row_a = np.where(swapped, second_row, first_row)
    return vectors, row_a, np.where(swapped, first_row, second_row)


def _load_npy(path: Path, pairs: pl.DataFrame, *, changed: bool) -> tuple[Floats32, Ints, Ints]:
    """Return the vectors of pairs; the file itself where it holds just these, to be read only."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray):
        array.close()
        raise ValueError("it is an archive of several arrays")
    if array.ndim != 3 or array.shape[1] != 2 or array.shape[2] == 0:
        raise ValueError(f"its shape is {array.shape}")
    rows = pairs["source_row"].to_numpy()
    if rows.max() >= len(array):
        raise ValueError(f"it has {len(array)} rows, the source at least {rows.max() + 1}")
    index = np.arange(len(rows), dtype=np.int64) * 2
    whole = len(rows) == len(array) and bool((2 * rows == index).all())
    if whole and array.dtype == np.float32 and array.flags.c_contiguous and not changed:
        return array.reshape(2 * len(rows), -1), index, index + 1
    vectors = large_array((2 * len(rows), array.shape[2]))
    for start in range(0, len(rows), BLOCK):
        part = np.asarray(array[rows[start : start + BLOCK]], dtype=np.float32)
        vectors[2 * start : 2 * (start + len(part))] = part.reshape(2 * len(part), -1)
    return vectors, index, index + 1


def _load_parquet(path: Path, pairs: pl.DataFrame) -> tuple[Floats32, Ints, Ints]:
    table = pl.read_parquet(path)
    if {"text", "embedding"} <= set(table.columns):
        return _by_text(table, pairs)
    if {"source_row", "first", "second"} <= set(table.columns):
        wanted = pairs.select("source_row").join(
            table.unique("source_row"), on="source_row", how="left", maintain_order="left"
        )
        missing = wanted["first"].null_count() + wanted["second"].null_count()
        if missing:
            raise ValueError(f"it lacks vectors of {missing} responses")
        both = [_matrix(wanted[name]) for name in ("first", "second")]
        return _by_row(np.stack(both, axis=1))
    raise ValueError(f"its columns are {', '.join(table.columns)}")


def _by_text(table: pl.DataFrame, pairs: pl.DataFrame) -> tuple[Floats32, Ints, Ints]:
    table = table.unique("text", keep="first", maintain_order=True)
    row_of = {text: row for row, text in enumerate(table["text"].to_list())}
    sides = [
        np.array([row_of.get(text, -1) for text in pairs[column].to_list()], dtype=np.int64)
        for column in ("response_a", "response_b")
    ]
    missing = int(sum((rows < 0).sum() for rows in sides))
    if missing:
        raise ValueError(f"it lacks vectors of {missing} responses")
    swapped = pairs["swapped"].to_numpy()
    first = np.where(swapped, sides[1], sides[0])
    return _matrix(table["embedding"]), first, np.where(swapped, sides[0], sides[1])


def _by_row(both: Floats32) -> tuple[Floats32, Ints, Ints]:
    """Lay (n, 2, d) out so that what does not depend on side order comes first to last."""
    n = len(both)
    index = np.arange(n, dtype=np.int64) * 2
    return np.ascontiguousarray(both.reshape(2 * n, -1)), index, index + 1


def _matrix(column: pl.Series) -> Floats32:
    values = column.to_list()
    if column.null_count():
        raise ValueError(f"it lacks {column.null_count()} vectors")
    width = {len(value) for value in values}
    if len(width) != 1 or 0 in width:
        raise ValueError(f"its vectors have {len(width)} different lengths, or none")
    return np.asarray(values, dtype=np.float32)
