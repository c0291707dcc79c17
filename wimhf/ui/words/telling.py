"""One pair that shows what a finding means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from wimhf.run import Run
from wimhf.ui.words.figures import shortened

LOOKED_AT = 80
"""Strongest pairs among which the shortest is taken."""
SNIPPET = 360
"""Characters of a response that are shown."""


@dataclass(frozen=True)
class TellingPair:
    """A pair in which the label goes as the finding says; texts are shortened.

    Attributes
    ----------
    more, less
        The responses with more and less of the feature.
    more_won
        Whether the label prefers the one with more.
    """

    pair_id: str
    prompt: str
    more: str
    less: str
    more_won: bool


def telling_pair(
    run: Run, feature: int, effect: float, without: Collection[str] = ()
) -> TellingPair | None:
    """Return the shortest of a feature's strongest pairs whose label goes its way, if any.

    Parameters
    ----------
    effect
        In points: its sign says which way that is.
    without
        Ids of pairs that are not to be shown: those that were edited.
    """
    won = pl.col("more_won") > 0.5 if effect > 0 else pl.col("more_won") < 0.5
    length = pl.max_horizontal(pl.col("more").str.len_chars(), pl.col("less").str.len_chars())
    pairs = run.pairs(feature=feature, limit=LOOKED_AT).filter(won).sort(length)
    pairs = pairs.filter(~pl.col("pair_id").is_in(list(without)))
    if pairs.is_empty():
        return None
    row = pairs.row(0, named=True)
    return TellingPair(
        row["pair_id"], row["prompt"], shortened(row["more"], SNIPPET),
        shortened(row["less"], SNIPPET), more_won=effect > 0,
    )  # fmt: skip
