"""How far apart two data sets' preferences are as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from wimhf.base import Floats, Ints
from wimhf.stats.contrasts import Camp
from wimhf.stats.gram import gram
from wimhf.stats.inference import effective_clusters
from wimhf.stats.logit import RidgeLogit
from wimhf.stats.resampling import percentile_interval
from wimhf.stats.summary import Bounds

DRAWS = 500
PROMPTS_PER_COLUMN = 20
"""Independent prompts that the smaller camp needs for every column that is weighed."""
OWN = 0.3
"""Share of a column's squares that those before it must leave for it to be weighed."""
PRIOR = 1.0
"""Curvature of a weak prior on every weight per RMS: one at which nothing separates."""


@dataclass(frozen=True)
class Distance:
    """How far apart the preferences of two camps are.

    Attributes
    ----------
    columns
        How many shared columns were weighed jointly.
    distance
        Root mean square over pairs of the difference in log odds that the two camps give them;
        0 where they reward the same.
    agreement
        Correlation of those log odds, -1 to 1.
    reason
        Why there is none.
    """

    columns: int
    distance: Bounds
    agreement: Bounds
    reason: str | None = None


def preference_distance(
    one: Camp, two: Camp, shared: Ints, rng: np.random.Generator, draws: int = DRAWS
) -> Distance:
    """Measure how far apart two camps' preferences are over the columns both have.

    Correlation-adjusted Euclidean distance of joint weights, which is the root mean square of the
    difference in log odds over the pairs of both. What chance adds to squares is taken off; the
    interval is of resampled clusters, each with its first-order influence.

    Parameters
    ----------
    shared
        Numbers of the columns with an effect on both camps.
    """
    nothing: Bounds = {"value": None, "low": None, "high": None}
    unit = np.sqrt((np.square(one.unit) + np.square(two.unit)) / 2)
    columns = [_columns(camp, shared, unit[shared]) for camp in (one, two)]
    moment = [own.T @ own / len(own) for own in columns]
    kept = _telling((moment[0] + moment[1]) / 2, _most(one, two), _order(one, two, shared))
    if not len(kept):
        return Distance(0, nothing, nothing, "no column is measured on both camps")
    related = ((moment[0] + moment[1]) / 2)[np.ix_(kept, kept)]
    most = int(max(one.cluster.max(), two.cluster.max())) + 1
    weights = [
        _weights(camp, own[:, kept], most) for camp, own in zip((one, two), columns, strict=True)
    ]
    return _measured(weights, related, rng, draws)


def _columns(camp: Camp, shared: Ints, unit: Floats) -> Floats:
    own: Floats = camp.data.codes[:, shared] * (camp.unit[shared] / unit)
    return own


def _most(one: Camp, two: Camp) -> int:
    prompts = [
        effective_clusters(np.ones(len(s.cluster)), s.data.weight, s.data.component)
        for s in (one, two)
    ]
    return int(min(prompts) // PROMPTS_PER_COLUMN)


def _order(one: Camp, two: Camp, shared: Ints) -> Ints:
    """Return places of shared columns, those that tell most pairs apart on both camps first."""
    differ = [(camp.data.codes[:, shared] != 0).mean(axis=0) for camp in (one, two)]
    ordered: Ints = np.argsort(-np.minimum(*differ), kind="stable")
    return ordered


def _telling(moment: Floats, most: int, order: Ints) -> Ints:
    """Return the first columns that say enough of their own; labels have no say."""
    kept: list[int] = []
    for place in order.tolist():
        if len(kept) >= most:
            break
        own = moment[place, place]
        if own <= 0:
            continue
        left = own
        if kept:
            inner, outer = moment[np.ix_(kept, kept)], moment[kept, place]
            left = own - outer @ np.linalg.solve(inner, outer)
        if left > OWN * own:
            kept.append(place)
    return np.array(kept, dtype=np.int64)


def _weights(camp: Camp, columns: Floats, clusters: int) -> tuple[Floats, Floats]:
    """Return a camp's joint weights (p,), and what every cluster adds to them (k, p)."""
    data, p = camp.data, columns.shape[1]
    design = np.column_stack([columns, data.controls])
    penalty = np.r_[np.full(p, PRIOR), np.full(design.shape[1] - p, 1e-6)]
    beta = RidgeLogit(design, data.label, data.weight).fit(penalty)
    chance = expit(design @ beta)
    curve = data.weight * chance * (1 - chance)
    bread = np.linalg.pinv(gram(design, curve) + np.diag(penalty), hermitian=True)
    each = (design * (data.weight * (data.label - chance))[:, None]) @ bread[:, :p]
    summed = np.empty((clusters, p))
    for place, own in enumerate(each.T):
        summed[:, place] = np.bincount(camp.cluster, own, clusters)
    return beta[:p], summed


def _measured(
    weights: list[tuple[Floats, Floats]], related: Floats, rng: np.random.Generator, draws: int
) -> Distance:
    (a, by_a), (b, by_b) = weights
    seen = np.flatnonzero(by_a.any(axis=1) | by_b.any(axis=1))
    by_a, by_b = by_a[seen], by_b[seen]
    # what chance adds to the squares and the product of the two vectors
    products = ((by_a - by_b, by_a - by_b), (by_a, by_b), (by_a, by_a), (by_b, by_b))
    luck = np.array([_product(x, y, related) for x, y in products])
    found = np.empty((draws + 1, 4))
    for draw in range(draws + 1):
        turn = np.bincount(rng.integers(len(seen), size=len(seen)), minlength=len(seen)) - 1.0
        x, y = (a + turn @ by_a, b + turn @ by_b) if draw else (a, b)
        squares = [x - y, x - y], [x, y], [x, x], [y, y]
        found[draw] = [u @ related @ v for u, v in squares]
        found[draw] -= luck * (2 if draw else 1)
    size = np.sqrt(np.maximum(found[:, 2] * found[:, 3], 0.0))
    agree = np.full(len(found), np.nan)
    agree = np.divide(found[:, 1], size, out=agree, where=(found[:, 2:] > 0).all(axis=1))
    gap = np.sqrt(np.maximum(found[:, 0], 0.0))
    return Distance(
        len(a), percentile_interval(gap).to_dict(),
        percentile_interval(np.clip(agree, -1.0, 1.0)).to_dict(),
    )  # fmt: skip


def _product(x: Floats, y: Floats, related: Floats) -> float:
    return float(np.einsum("ij,jk,ik->", x, related, y))
