"""Rows laid out as pairs and rejects, a chunk at a time, each on its own."""

from __future__ import annotations

import io
import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from wimhf.base import ReadConfig
from wimhf.data.containers.read import as_json
from wimhf.data.containers.rows import Row
from wimhf.data.formats.family import Family, Numbered
from wimhf.data.pairs import Pair, PairTable, Remark, RowReject

ROW_COLUMNS = {"source_row": pl.Int64, "row": pl.String}


@dataclass(frozen=True)
class Laid:
    """What some rows give.

    Attributes
    ----------
    pairs
        Their pairs, with ids that know of no other rows.
    remarks
        What was done to read them, and how often.
    rejects
        What is no pair, each with the number of its row.
    rows
        The rows as they are, as a Parquet file.
    n_rows
        How many there are.
    """

    pairs: pl.DataFrame
    remarks: Counter[Remark]
    rejects: list[tuple[int, RowReject]]
    rows: bytes
    n_rows: int


@dataclass(frozen=True)
class Laying:
    """Lays out rows of one part of a source.

    Attributes
    ----------
    config
        How the source is read.
    family
        The family of the part.
    part
        The part's name, where there are several.
    """

    config: ReadConfig
    family: Family
    part: str | None

    def __call__(self, chunk: Sequence[Numbered]) -> Laid:
        """Lay out numbered rows."""
        pairs, rejects = PairTable(), []
        for number, row in chunk:
            for pair in map(self._chosen, self.family.parsed(self._renamed(row))):
                if isinstance(pair, RowReject):
                    rejects.append((number, pair))
                else:
                    pairs.add(pair, number, self.part)
        return Laid(pairs.packed(), pairs.remarks, rejects, _packed(chunk), len(chunk))

    def sent(self, chunk: Sequence[Numbered]) -> bytes | Laid:
        """Return rows as they go to another process; those nested too deeply are laid out here."""
        try:
            return pickle.dumps(chunk)
        except (RecursionError, pickle.PicklingError):
            return self(chunk)

    def received(self, rows: bytes | Laid) -> Laid:
        """Lay out what was ``sent``."""
        return rows if isinstance(rows, Laid) else self(pickle.loads(rows))

    def _renamed(self, row: Row | RowReject) -> Row | RowReject:
        if not self.config.columns or isinstance(row, RowReject):
            return row
        return self.family.renamed(row, self.config.columns)

    def _chosen(self, pair: Pair | RowReject) -> Pair | RowReject:
        """Leave out labels of others, where one annotator's were asked for."""
        wanted = self.config.label
        if wanted is None or isinstance(pair, RowReject) or pair.annotator == wanted:
            return pair
        return RowReject("label not asked for", f"it is {pair.annotator or 'nobody'}'s")


def _packed(chunk: Sequence[Numbered]) -> bytes:
    texts = {"source_row": [n for n, _ in chunk], "row": [as_json(row) for _, row in chunk]}
    packed = io.BytesIO()
    pl.DataFrame(texts, schema=ROW_COLUMNS).write_parquet(packed)
    return packed.getvalue()
