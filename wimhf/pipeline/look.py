"""A first look at a source: what it is, how much there is of it, how long it would take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from wimhf.base import silent
from wimhf.data import SAMPLE_ROWS, RowReject, parts_of
from wimhf.errors import InputError
from wimhf.pipeline.expecting import Size
from wimhf.pipeline.inspection import Inspection, inspect

LOOKED_AT = 2_000
"""Rows that are examined before the analysis, which examines all."""
COUNTED = 50_000
"""Rows that are counted one by one; beyond, by the share of the file they take."""
CONCEPTS, MANY_PROMPTS = 230, 1_000
"""Concepts that tell enough pairs apart in texts of all kinds, from so many prompts on."""


@dataclass(frozen=True)
class Look:
    """What a source seems to be, from its first rows.

    Attributes
    ----------
    n_rows
        Rows that the analysis would read, about.
    exact
        Whether they were counted to the end.
    """

    inspection: Inspection
    n_rows: int
    exact: bool

    @property
    def n_pairs(self) -> int:
        """Pairs in all these rows, about."""
        read = max(self.inspection.source.n_read, 1)
        return round(len(self.inspection.pairs) * max(self.n_rows, read) / read)

    @property
    def whole(self) -> bool:
        """Whether all rows were examined."""
        return self.exact and self.inspection.source.n_read >= self.n_rows

    def size(self, limit: int | None = None) -> Size:
        """Return what drives the work of analyzing it, or of its first ``limit`` rows, about."""
        return size_of(self.inspection.pairs, min(self.n_pairs, limit or self.n_pairs))


def size_of(pairs: pl.DataFrame, n: int | None = None) -> Size:
    """Return what drives the work of analyzing ``n`` pairs that are like these, or these."""
    n = len(pairs) if n is None else n
    responses = pl.concat([pairs["response_a"], pairs["response_b"]]).unique()
    asked = pairs["prompt"].fill_null("").unique()
    share = n / max(len(pairs), 1)
    prompts = round(len(asked) * share)
    return Size(
        pairs=n, texts=round(len(responses) * share), prompts=prompts,
        characters=_length(responses), prompt_characters=_length(asked),
        concepts=round(CONCEPTS * min(1.0, math.sqrt(prompts / MANY_PROMPTS))),
        annotators="annotator" in pairs.columns,
    )  # fmt: skip


def _length(texts: pl.Series) -> float:
    """Return the mean length, in characters; 0 where there are no texts."""
    return float(texts.str.len_chars().mean() or 0.0)  # type: ignore[arg-type]


def source_columns(path: Path) -> list[str]:
    """Return the columns of a source's first rows; none where it cannot be read."""
    try:
        opened = parts_of((str(path),), SAMPLE_ROWS)[0].open()
        rows = list(islice(opened.rows, SAMPLE_ROWS))
        opened.close()
    except InputError:
        return []
    names = dict.fromkeys(n for row in rows if not isinstance(row, RowReject) for n in row)
    return [str(name) for name in names][:200]


def look_at(path: Path, settings: Mapping[str, object]) -> Look:
    """Read and examine the first rows of a source, without any model.

    Parameters
    ----------
    settings
        Of reading: format, columns, limit, label, label_map, roles, pairs.

    Raises
    ------
    InputError
        If it cannot be read as pairs.
    """
    limit = settings.get("limit")
    wanted = limit if isinstance(limit, int) else None
    asked = {**settings, "limit": min(wanted or LOOKED_AT, LOOKED_AT)}
    first = inspect(str(path), silent, **asked)
    read = first.source.n_read
    if read < LOOKED_AT:
        return Look(first, read, exact=True)
    counted, exact = _count(path)
    return Look(first, min(counted, wanted or counted), exact=exact)


def _count(path: Path) -> tuple[int, bool]:
    """Return about how many rows a source has, and whether all of them were counted."""
    part = parts_of((str(path),), None)[0]
    with closing(part.open()) as opened:
        counted = sum(1 for _ in islice(opened.rows, COUNTED))
        share = opened.position() / part.size if part.size else 1.0
    if counted < COUNTED or not 0 < share < 1:
        return counted, counted < COUNTED
    return round(counted / share), False
