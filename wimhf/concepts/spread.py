"""Concepts counted in many pairs by an engine, a run of pairs at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from scipy import sparse

from wimhf.base import Engine, Event, Progress, silent
from wimhf.concepts.columns import (
    Asked,
    ConceptColumns,
    columns_and_codes,
    concept_columns,
    most_first,
    unique_texts,
)
from wimhf.concepts.concept import Concept

PAIRS = 10_000
"""Pairs of a part: making the expressions ready takes as long as counting in a tenth as many."""
Part = tuple[Asked, tuple[Sequence[str], Sequence[str]]]


def spread_columns(
    bank: Sequence[Concept],
    asked: Asked,
    responses: tuple[Sequence[str], Sequence[str]],
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
    if not engine.elsewhere:
        return concept_columns(bank, asked, responses, progress)
    n, together = len(asked.last), together or PAIRS
    parts = [
        _part(asked, responses, slice(at, at + together)) for at in range(0, max(n, 1), together)
    ]
    found: dict[int, ConceptColumns] = {}
    told: dict[str, str | None] = {}
    done = 0
    for place, (columns, codes) in engine.results(partial(_counted, tuple(bank)), parts):
        found[place] = columns
        told |= zip(unique_texts(*parts[place][1])[0], codes, strict=True)
        done += len(parts[place][0].last)
        progress(Event("concepts", done, n, unit="pairs"))
    whole = [found[place] for place in range(len(parts))]
    return ConceptColumns(
        whole[0].concepts,
        _stacked([one.odd for one in whole]),
        whole[0].prompts,
        _stacked([one.held for one in whole]),
        np.concatenate([one.foreign for one in whole]),
        most_first([told[text] for text in unique_texts(*responses)[0]]),
    )


def _part(asked: Asked, sides: tuple[Sequence[str], Sequence[str]], rows: slice) -> Part:
    return Asked(asked.last[rows], asked.all[rows]), (sides[0][rows], sides[1][rows])


def _counted(bank: Sequence[Concept], part: Part) -> tuple[ConceptColumns, list[str | None]]:
    return columns_and_codes(bank, *part)


def _stacked(parts: list[sparse.csc_array]) -> sparse.csc_array:
    return sparse.csc_array(sparse.vstack(parts, format="csc"))
