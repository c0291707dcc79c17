"""One pair that shows what a finding means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from wimhf.run import Run
from wimhf.ui.words.excerpts import excerpt
from wimhf.ui.words.worddiff import Segments, telling_marks

LOOKED_AT = 80
"""Strongest pairs among which the shortest is taken."""
SNIPPET = 360
"""Characters of a response that are shown."""


@dataclass(frozen=True)
class TellingPair:
    """A pair in which the label goes as the finding says.

    Attributes
    ----------
    more, less
        Passages of the responses with more and less of the feature, from where they differ; what
        only one has is marked.
    more_won
        Whether the label prefers the one with more.
    """

    pair_id: str
    prompt: str
    more: Segments
    less: Segments
    more_won: bool


def telling_pair(
    run: Run,
    feature: int,
    effect: float,
    without: Collection[str] = (),
    length: int = SNIPPET,
) -> TellingPair | None:
    """Return the shortest of a feature's strongest pairs whose label goes its way, if any.

    Parameters
    ----------
    effect
        In points: its sign says which way that is.
    without
        Ids of pairs that are not to be shown: those that were edited.
    length
        Characters of a response that are shown, at most.
    """
    won = pl.col("more_won") > 0.5 if effect > 0 else pl.col("more_won") < 0.5
    longer = pl.max_horizontal(pl.col("more").str.len_chars(), pl.col("less").str.len_chars())
    pairs = run.pairs(feature=feature, limit=LOOKED_AT).filter(won).sort(longer)
    pairs = pairs.filter(~pl.col("pair_id").is_in(list(without)))
    if pairs.is_empty():
        return None
    row = pairs.row(0, named=True)
    more, less = (
        excerpt(telling_marks(row[one], row[other]), length)
        for one, other in (("more", "less"), ("less", "more"))
    )
    return TellingPair(row["pair_id"], row["prompt"], more, less, more_won=effect > 0)
