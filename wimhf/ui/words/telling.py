"""One pair that shows what a finding means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl

from wimhf.run import Run, pairs_showing, signs_of, straight
from wimhf.ui.words.excerpts import excerpt
from wimhf.ui.words.hits import hit_marks
from wimhf.ui.words.worddiff import Segments, telling_marks

LOOKED_AT = 80
"""Strongest pairs among which one is taken."""
SNIPPET = 360
"""Characters of a response that are shown."""


@dataclass(frozen=True)
class TellingPair:
    """A pair in which the label goes as the finding says.

    Attributes
    ----------
    more, less
        Passages of the responses with more and less of the feature. What gives it away is marked;
        where nothing written does, what only one response has.
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
    """Return one of a feature's strongest pairs whose label goes its way, if any.

    It shows as much of the feature's name as any of them does, only in the response with more of it
    where such a pair is known, and is the shortest of those.

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
    patterns = [sign.pattern for sign in signs_of(run, feature) if sign.pattern and sign.turn > 0]
    pairs = pairs_showing(run, feature, LOOKED_AT).filter(won)
    pairs = pairs.filter(~pl.col("pair_id").is_in(list(without)))
    pairs = pairs.with_columns(blurred=_blurred(pairs, "|".join(patterns)))
    pairs = pairs.sort(-pl.col("shows"), "blurred", longer, maintain_order=True)
    if pairs.is_empty():
        return None
    row = pairs.row(0, named=True)
    more, less = (excerpt(one, length) for one in _marked(row["more"], row["less"], patterns))
    return TellingPair(row["pair_id"], row["prompt"], more, less, more_won=effect > 0)


def _blurred(pairs: pl.DataFrame, pattern: str) -> pl.Series:
    """Return 0 where only the response with more has what gives it away, 1 where more of it."""
    if not pattern:
        return pl.zeros(len(pairs), eager=True)
    more, less = (straight(pairs[side]).str.count_matches(pattern) for side in ("more", "less"))
    return pl.select(
        pl.when((less == 0) & (more > 0)).then(0).when(more > less).then(1).otherwise(2)
    ).to_series()


def _marked(more: str, less: str, patterns: Sequence[str]) -> tuple[Segments, Segments]:
    """Mark what gives the feature away; where nothing written does, what only one has."""
    texts = straight(pl.Series([more, less]))
    hits = [hit_marks(text, "|".join(patterns)) if patterns else [] for text in texts]
    if not any(marked for segments in hits for _, marked in segments):
        return telling_marks(more, less), telling_marks(less, more)
    return _as_written(more, hits[0]), _as_written(less, hits[1])


def _as_written(text: str, segments: Segments) -> Segments:
    """Return segments with the text's own letters."""
    ends = list(accumulate(len(part) for part, _ in segments))
    return [
        (text[end - len(part) : end], marked)
        for end, (part, marked) in zip(ends, segments, strict=True)
    ]
