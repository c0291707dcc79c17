"""What annotators say of the same pairs, whatever order its sides have."""

from __future__ import annotations

import polars as pl

from wimhf.data.pairs import UNIT


def pair_votes(labels: pl.DataFrame) -> pl.DataFrame:
    """Return what was judged, by whom, and which text won: 2 the lesser, 1 a tie, 0 the greater.

    Where an annotator judged the same pair more than once, the majority is the vote.

    Parameters
    ----------
    labels
        Rows of the pair table that have a label and an annotator.

    Returns
    -------
    DataFrame
        ``annotator``, ``unit`` (what the pairs' ids begin with) and ``vote``.
    """
    low = pl.col("response_a") <= pl.col("response_b")
    toward = pl.when(low).then("label").otherwise(1 - pl.col("label")).sub(0.5).sign()
    return (
        labels.filter(pl.col("response_a") != pl.col("response_b"))
        .group_by("annotator", unit=pl.col("pair_id").str.head(UNIT), maintain_order=True)
        .agg(vote=toward.sum().sign().cast(pl.Int64) + 1)
    )
