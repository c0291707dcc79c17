"""A first look at a source: what it is, how much there is of it, how long it would take."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from wimhf.base import silent
from wimhf.data import SAMPLE_ROWS, RowReject, parts_of
from wimhf.errors import InputError
from wimhf.learn import AUTO_TEXTS
from wimhf.pipeline.inspection import Inspection, inspect

LOOKED_AT = 2_000
"""Rows that are examined before the analysis, which examines all."""
COUNTED = 50_000
"""Rows that are counted one by one; beyond, by the share of the file they take."""
CHARACTERS_A_SECOND = {"fast": 1_200_000.0, "minilm": 180_000.0}
"""Measured on two cores of a server; other encoders are taken to be as slow as minilm."""


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

    @property
    def characters(self) -> float:
        """Mean length of a response."""
        pairs = self.inspection.pairs
        sides = (pairs[side].str.len_chars().mean() for side in ("response_a", "response_b"))
        return sum(float(str(side)) for side in sides) / 2


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


def expected_seconds(n_pairs: int, characters: float, encoder: str) -> float:
    """Return roughly how long an analysis takes on two cores.

    Parameters
    ----------
    characters
        Mean length of a response.
    encoder
        A name as in the settings; auto is what it would choose without a GPU.
    """
    if encoder == "auto":
        encoder = "minilm" if 2 * n_pairs <= AUTO_TEXTS else "fast"
    speed = CHARACTERS_A_SECOND.get(encoder, CHARACTERS_A_SECOND["minilm"])
    steps = min(max(2_000.0, 50 * n_pairs / 256), 20_000.0)
    described = min(n_pairs, 20_000)
    return (
        6 + 2 * n_pairs * characters / speed + 0.0045 * steps + 0.0025 * described + n_pairs / 500
    )
