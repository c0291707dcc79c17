"""How far every two annotators agree where they judged the same."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Ints
from wimhf.stats.inference import share_interval

MIN_SHARED = 20
"""Items that two annotators must share before they are compared."""
MOST_COMPARED = 30
"""Annotators compared two by two, those with the lowest numbers."""
AGREEMENT_COLUMNS: dict[str, pl.DataType] = {
    "first": pl.Int64(), "second": pl.Int64(), "shared": pl.Int64(), "agreement": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "kappa": pl.Float64(),
}  # fmt: skip
"""Two annotators' numbers, the items that both judged, the share on which their votes are the same
with Wilson's interval, and Cohen's kappa (1960); null where neither ever votes otherwise."""


def pairwise_agreement(item: Ints, annotator: Ints, vote: Ints, cluster: Ints) -> pl.DataFrame:
    """Return AGREEMENT_COLUMNS of every two annotators who share 20 items, by their numbers.

    Parameters
    ----------
    item, annotator, vote
        (v,) numbers from 0; an annotator votes once on an item.
    cluster
        (v,) items that are not independent: those of one prompt.
    """
    rows = []
    kept = annotator < MOST_COMPARED
    item, annotator, vote, cluster = (x[kept] for x in (item, annotator, vote, cluster))
    if len(item) == 0:
        return pl.DataFrame(schema=AGREEMENT_COLUMNS)
    size = (int(item.max()) + 1, int(annotator.max()) + 1)
    # votes from 1, so that 0 is none
    votes = sparse.csc_array((vote + 1, (item, annotator)), shape=size)
    of_item = np.zeros(size[0], dtype=np.int64)
    of_item[item] = cluster
    for first, second in combinations(range(size[1]), 2):
        one, two = (votes[:, [at]].toarray()[:, 0] for at in (first, second))
        both = np.flatnonzero((one > 0) & (two > 0))
        if len(both) >= MIN_SHARED:
            one, two, ones = one[both], two[both], np.ones(len(both))
            share = share_interval((one == two).astype(np.float64), ones, of_item[both])
            rows.append({
                "first": first, "second": second, "shared": len(both),
                "agreement": share["value"], "low": share["low"], "high": share["high"],
                "kappa": _kappa(one, two),
            })  # fmt: skip
    return pl.DataFrame(rows, schema=AGREEMENT_COLUMNS)


def _kappa(one: Ints, two: Ints) -> float | None:
    """Return Cohen's kappa of two annotators' votes."""
    from sklearn.metrics import cohen_kappa_score

    if len(np.unique([one, two])) < 2:
        return None
    return float(cohen_kappa_score(one, two))
