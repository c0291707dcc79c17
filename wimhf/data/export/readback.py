"""What was written is read back and compared before it gets its name."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from wimhf.base import ReadConfig
from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import Cell, csv_cell, rows_of
from wimhf.data.export.target import Chosen, Target
from wimhf.data.formats import read_pairs
from wimhf.data.pairs import content_hash
from wimhf.errors import ExportError, InputError

Key = tuple[str, float | None, float | None]


class Tally:
    """Counts and hashes rows as they pass, so that two passes can be compared.

    Parameters
    ----------
    cell
        For CSV files, in which every cell is text: what happens to a text cell; else None.
    """

    def __init__(self, cell: Cell | None = None) -> None:
        self.count = 0
        self._cell = cell
        self._digest = hashlib.sha256()

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on."""
        for row in rows:
            self.count += 1
            self._digest.update(self._canonical(row))
            yield row

    @property
    def sha256(self) -> str:
        """Return the hash of all rows that passed."""
        return self._digest.hexdigest()

    def _canonical(self, row: Row) -> bytes:
        if self._cell is not None:
            cells = {name: csv_cell(value, self._cell) for name, value in row.items()}
            row = {name: cell for name, cell in cells.items() if cell}
        return json.dumps(_plain(row), sort_keys=True).encode()


def _plain(value: object) -> object:
    """Return a value as all containers know it: no empty cells, one kind of number."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def check_rows(path: Path, kind: str, written: Tally, name: str) -> None:
    """Read a container with its own reader and compare every row with what was written.

    Raises
    ------
    ExportError
        If a row is missing, added or different.
    """
    read = Tally(cell=str if kind == "csv" else None)
    for _ in read.watch(rows_of(path, kind)):
        pass
    if (read.count, read.sha256) != (written.count, written.sha256):
        raise ExportError(
            f"{name} does not read back as written ({read.count:,} rows of {written.count:,}); "
            "nothing was kept; write .jsonl and report this"
        )


def check_pairs(path: Path, target: Target, chosen: Chosen, cell: Cell, name: str) -> None:
    """Read an export as a source and compare its pairs with those that were to be written.

    Raises
    ------
    ExportError
        If a pair is missing or has another label.
    """
    if target.family is None:
        return
    expected = Counter(_key(pair, target, chosen, cell) for pair in _readable(target, chosen))
    if not expected:
        return
    try:
        source = read_pairs(ReadConfig(source=str(path), format=target.family, **target.reading))
    except InputError as error:
        raise ExportError(f"{name} does not read back: {error}") from None
    read = Counter(_key(pair, target, chosen) for pair in source.pairs.iter_rows(named=True))
    lost = (expected - read).total()
    added = (read - expected).total() - (chosen.pairs.height - expected.total())
    if lost or added > 0:
        raise ExportError(
            f"{name} does not read back as the same pairs: {lost:,} of {expected.total():,} "
            "differ; nothing was kept; write --to native and report this"
        )


def _readable(target: Target, chosen: Chosen) -> Iterator[Row]:
    """Return the pairs that our reader is to find again."""
    if type(target).reads_back is Target.reads_back:  # all of them; rows may hold several
        return chosen.each()
    rows = zip(target.rows(chosen), chosen.each(), strict=True)
    return (pair for row, pair in rows if target.reads_back(row, pair))


def _key(pair: Row, target: Target, chosen: Chosen, cell: Cell = str) -> Key:
    """Return what makes a pair, whatever the order of its sides."""
    prompt, first, second = (cell(pair[name]) for name in ("prompt", "response_a", "response_b"))
    label = pair["label"]
    if label is not None:
        mirrored = 1.0 - label
        label = max(label, mirrored) if first == second else label if first < second else mirrored
        label = round(label, 9)
    travels = target.weights_read and (chosen.weighted or target.zero_weights)
    return content_hash(prompt, first, second), label, pair["weight"] if travels else None


def kinds_of_change(pairs: pl.DataFrame) -> dict[str, int]:
    """Count the pairs that edits changed, each under one kind."""
    if "source_label" not in pairs.columns:
        return {}
    label, before = pl.col("label"), pl.col("source_label")
    moved = label.ne_missing(before)
    kind = (
        pl.when(~pl.col("kept")).then(pl.lit("dropped"))
        .when(moved & (label == 0.5)).then(pl.lit("tied"))
        .when(moved & (label == 1 - before)).then(pl.lit("flipped"))
        .when(moved).then(pl.lit("set"))
        .when(pl.col("weight").ne_missing(pl.col("source_weight"))).then(pl.lit("weighted"))
    )  # fmt: skip
    counts = pairs.select(kind=kind).drop_nulls().group_by("kind").len().sort("kind")
    return dict(counts.iter_rows())
