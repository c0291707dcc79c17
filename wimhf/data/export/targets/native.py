"""Our own columns, which hold everything that the pair table knows."""

from __future__ import annotations

from operator import itemgetter

from wimhf.data.export.target import Chosen, Column, Target
from wimhf.data.pairs import PAIR_COLUMNS

PLACES = {"source", "source_row", "swapped"}
"""Columns of the pair table that say where a pair stood in its source."""


def _column(name: str) -> Column:
    def known(chosen: Chosen) -> bool:
        return name in chosen.pairs.columns

    return Column(name, itemgetter(name), PAIR_COLUMNS[name], known)


NATIVE = Target(
    name="native", aliases=("wimhf",),
    about="prompt, response_a, response_b, label (1 = A, 0 = B, .5 = tie) and all that is known",
    ties=True, fractions=True, unlabelled=True, weights=True, strength=True, annotators=True,
    turns=True, zero_weights=True, family="native",
    columns=tuple(_column(name) for name in PAIR_COLUMNS if name not in PLACES),
)  # fmt: skip
