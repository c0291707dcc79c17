"""Concepts counted in many pairs by an engine, a run of pairs at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Engine, Event, Progress, silent
from wimhf.concepts.columns import (
    Asked,
    ConceptColumns,
    concept_columns,
)
from wimhf.concepts.concept import Concept
from wimhf.concepts.measures import Texts

PAIRS = 10_000
"""Pairs of a part: making the expressions ready takes as long as counting in a fifth as many."""
Part = tuple[Asked, tuple[list[str], list[str]]]


class _Parts(Sequence[Part]):
    """Pairs in parts, each made when it is asked for: texts are not held twice."""

    def __init__(self, asked: Asked, sides: tuple[Texts, Texts], together: int) -> None:
        self._asked, self._together = asked, together
        self.sides = tuple(pl.Series(side, dtype=pl.String) for side in sides)

    def __len__(self) -> int:
        return -(-max(len(self._asked.last), 1) // self._together)

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < len(self):
            raise IndexError(place)
        start = place * self._together
        rows = slice(start, start + self._together)
        a, b = (side.slice(start, self._together).to_list() for side in self.sides)
        return Asked(self._asked.last[rows], self._asked.all[rows]), (a, b)


def spread_columns(
    bank: Sequence[Concept],
    asked: Asked,
    responses: tuple[Texts, Texts],
    engine: Engine,
    progress: Progress = silent,
    together: int | None = None,
) -> ConceptColumns:
    """Return what ``concept_columns`` does: every value depends on its own pair only.

    Parameters
    ----------
    together
        Pairs of a part, where an engine does parts elsewhere; as many as pay by default.

    Raises
    ------
    EngineError
        If the engine's machines fail.
    """
    n, together = len(asked.last), together or PAIRS
    if not engine.elsewhere or not bank:
        return concept_columns(bank, asked, (list(responses[0]), list(responses[1])), progress)
    parts = _Parts(asked, responses, together)
    found: dict[int, ConceptColumns] = {}
    done = 0
    for place, columns in engine.results(partial(_counted, tuple(bank)), parts):
        found[place] = columns
        done += min(together, n - place * together)
        progress(Event("concepts", done, n, unit="pairs"))
    whole = [found.pop(place) for place in range(len(parts))]
    return ConceptColumns(
        whole[0].concepts,
        _stacked([one.odd for one in whole]),
        whole[0].prompts,
        _stacked([one.held for one in whole]),
        np.concatenate([one.foreign for one in whole]),
    )


def _counted(bank: Sequence[Concept], part: Part) -> ConceptColumns:
    return concept_columns(bank, *part)


def _stacked(parts: list[sparse.csc_array]) -> sparse.csc_array:
    rows = sparse.vstack([one.tocsr() for one in parts], format="csr")  # without a copy by entry
    return sparse.csc_array(rows.tocsc())
