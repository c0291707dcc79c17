"""How far behaviour moved, and whether preferences predict it."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats, Ints
from wimhf.stats.inference import effective_clusters, t_bound, two_sided_p, with_q
from wimhf.stats.resampling import odd_correlation, percentile_interval
from wimhf.stats.summary import Bounds

DRAWS = 500
FEW = 10
"""Pairs below which a column that leads in so few, or in all but so few, is taken to vary as much
as it does in all pairs."""
SHIFT_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "observed": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "p": pl.Float64(), "q": pl.Float64(),
}  # fmt: skip
"""How much more often the second of two responses has more of a column, in points of all pairs."""


def observed_shifts(leads: Floats, component: Ints) -> pl.DataFrame:
    """Return how far every column moved (SHIFT_COLUMNS), with intervals clustered by component.

    Parameters
    ----------
    leads
        (n, m) 1 where the second response has more, -1 where the first has, 0 where neither.
    """
    n, total = len(leads), leads.mean(axis=0)
    groups = np.unique(component, return_inverse=True)[1]
    count = int(groups.max()) + 1
    clusters = effective_clusters(np.ones(n), np.ones(n), groups.astype(np.int64))
    rows: list[dict[str, float | int]] = []
    for number, column in enumerate(leads.T):
        off = np.bincount(groups, weights=column - total[number])
        se = float(np.sqrt((off**2).sum() * count / max(count - 1, 1))) / n
        reach = t_bound(clusters) * se
        p = float(two_sided_p(np.array([total[number] / se]), clusters)[0]) if se > 0 else 1.0
        ends = {"low": 100 * (total[number] - reach), "high": 100 * (total[number] + reach)}
        rows.append({"feature": number, "observed": 100 * float(total[number]), "p": p} | ends)
    return with_q(pl.DataFrame(rows, schema=SHIFT_COLUMNS))


def shift_contrasts(
    leads: Floats, inside: NDArray[np.bool_], component: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return how much more every column moved in some pairs than in the others.

    Parameters
    ----------
    leads
        (n, m) as in ``observed_shifts``.
    inside
        (n,) which pairs; some are and some are not.

    Returns
    -------
    tuple
        (m,) the difference in points, half its 95 % interval, and p; clustered by component.
    """
    groups = np.unique(component, return_inverse=True)[1].astype(np.int64)
    count, usual = int(groups.max()) + 1, leads.var(axis=0)
    differs, missing = np.zeros(leads.shape[1]), np.zeros(leads.shape[1])
    summed, clusters = np.zeros((count, leads.shape[1])), np.inf
    for turn, own in ((1.0, inside), (-1.0, ~inside)):
        n, part = int(own.sum()), leads[own]
        mean = part.mean(axis=0)
        off = (part - mean) / n
        sums = [np.bincount(groups[own], one, minlength=count) for one in off.T]
        moved = np.stack(sums, axis=1)
        summed += turn * moved
        differs += turn * mean
        # where next to none, or next to all, differ, a part's own spread says nothing of its error
        few = np.minimum((part != 0).sum(axis=0), (part == 0).sum(axis=0)) < FEW
        missing += few * np.maximum(usual / n - np.square(moved).sum(axis=0), 0.0)
        clusters = min(clusters, effective_clusters(np.ones(n), np.ones(n), groups[own]))
    se = np.sqrt(np.square(summed).sum(axis=0) * count / max(count - 1, 1) + missing)
    z = np.divide(differs, se, out=np.zeros(len(se)), where=se > 0)
    return 100 * differs, 100 * t_bound(clusters) * se, two_sided_p(z, clusters)


def predicted_share(
    predicted: Floats, leads: Floats, component: Ints, rng: np.random.Generator
) -> Bounds:
    """Return R2 of observed shifts on predicted ones, over columns, with its interval.

    Not centred, since which pole of a column is described must not matter; the interval is of
    resampled components. Negative where shifts go against what is predicted.
    """
    groups = np.unique(component, return_inverse=True)[1]
    sums = np.stack([np.bincount(groups, weights=column) for column in leads.T], axis=1)
    found = np.empty(DRAWS + 1)
    for draw in range(DRAWS + 1):
        turn = np.bincount(rng.integers(len(sums), size=len(sums)), minlength=len(sums))
        moved = turn @ sums if draw else sums.sum(axis=0)
        r = odd_correlation(predicted, moved.astype(np.float64))
        found[draw] = np.sign(r) * r * r
    return percentile_interval(found).to_dict()
