"""The annotators' own reasons in words: whether they speak of what the labels reward."""

from __future__ import annotations

from typing import Any

import polars as pl

from wimhf.run import Reasons
from wimhf.ui.words.figures import between, count, points, share

LEVEL = 0.05
TOLD = 12


def reasons_summary(reasons: Reasons) -> str:
    """Say how many findings the reasons speak of, beyond what any reason would."""
    known = reasons.findings.filter(pl.col("p").is_not_null())
    spoken = known.filter((pl.col("q") < LEVEL) & (pl.col("lift") > 0))
    how = "within each annotator" if reasons.within else "over all pairs"
    columns = " and ".join(reasons.columns)
    if known.is_empty():
        return (
            f"{count(reasons.pairs)} labels have a reason ({columns}), too few to say whether they "
            "speak of the findings."
        )
    return (
        f"{count(reasons.pairs)} labels have a reason ({columns}). They speak of "
        f"{len(spoken)} of {len(known)} findings more often where these decide than reasons that "
        f"are shuffled {how} would."
    )


def reason_sentences(reasons: Reasons, most: int = TOLD) -> list[str]:
    """Return a sentence per finding that reasons could speak of, the most spoken of first."""
    known = reasons.findings.filter(pl.col("p").is_not_null()).sort("lift", descending=True)
    return [reason_sentence(row) for row in known.head(most).iter_rows(named=True)]


def reason_sentence(row: dict[str, Any]) -> str:
    """Say how often reasons speak of a finding where it decides.

    >>> reason_sentence({"description": "refuses the request", "mentioned": 0.34,
    ...                  "shuffled": 0.12, "lift": 0.22, "low": 0.15, "high": 0.29, "q": 0.01,
    ...                  "effect": -12.0})
    'The preferred response less often refuses the request: 34% of the reasons speak of it, 12% if \
shuffled (+22.0 points, +15.0 to +29.0).'
    """
    how = "more" if (row["effect"] or 0) > 0 else "less"
    known = between(100 * row["low"], 100 * row["high"])
    unsure = "" if row["q"] < LEVEL else ", which could be chance"
    return (
        f"The preferred response {how} often {row['description']}: {share(row['mentioned'])} of "
        f"the reasons speak of it, {share(row['shuffled'])} if shuffled "
        f"({points(100 * row['lift'])} points, {known}){unsure}."
    )
