"""Statistics that the rooms share, thin over scipy and scikit-learn.

Scores and columns here are odd: exchanging A and B negates them and mirrors the label. What is
computed does not change when any set of pairs is exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components as _graph_components
from scipy.special import expit, ndtr, stdtr, stdtrit

from wimhf.base import Floats, Ints
from wimhf.errors import EstimationError

BINS = 10
METRICS = ("auc", "accuracy", "log_loss", "calibration_error")


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; all three are None where nothing can be estimated."""

    value: float | None
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return value, low and high as a plain dictionary."""
        return {"value": self.value, "low": self.low, "high": self.high}


def linked_components(keys: list[Ints], n: int) -> Ints:
    """Return the connected component (n,) of rows that share any key.

    Parameters
    ----------
    keys
        Arrays (n,) of non-negative group numbers; -1 links a row to nothing. An array (n, c) links
        rows that share a number in any of its columns.
    """
    graphs = []
    offset = n
    for key in keys:
        columns = key.reshape(n, -1)
        linked, column = np.nonzero(columns >= 0)
        graphs.append((linked, columns[linked, column] + offset))
        offset += int(key.max(initial=-1)) + 1
    rows = np.concatenate([rows for rows, _ in graphs]) if graphs else np.empty(0, np.int64)
    cols = np.concatenate([cols for _, cols in graphs]) if graphs else np.empty(0, np.int64)
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(offset, offset))
    labels = _graph_components(graph, directed=False)[1][:n]
    # numbered by first appearance, so that nothing depends on scipy's order of visiting
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[inverse]
    return numbered


def grouped_parts(
    components: Ints, shares: tuple[float, ...], rng: np.random.Generator
) -> NDArray[np.int8]:
    """Deal whole components into parts whose sizes come close to ``shares`` (which sum to 1).

    Large components are dealt first, each to the part that lacks most; the order among equals
    is drawn by ``rng``.
    """
    sizes = np.bincount(components)
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    wanted = [share * len(components) for share in shares]
    filled = [0] * len(shares)
    lacks = [1.0] * len(shares)
    part_of = np.zeros(len(sizes), dtype=np.int8)
    for component, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        part = lacks.index(max(lacks))
        part_of[component] = part
        filled[part] += size
        lacks[part] = (wanted[part] - filled[part]) / wanted[part]
    return part_of[components]


def auc(score: Floats, label: Floats, weight: Floats) -> float:
    """Return the AUC over both orientations of every decided pair.

    The chance that a pair's score, seen from its winner, exceeds one seen from a loser; a
    fractional label is split between the two. Ties (.5) say nothing about order and are left out.

    Raises
    ------
    EstimationError
        If no pair is decided.
    """
    return float(_AucDraws(score, label, weight).draw(None))


class _AucDraws:
    """The AUC of one score under many reweightings of the pairs, sorted once."""

    def __init__(self, score: Floats, label: Floats, weight: Floats) -> None:
        self.used = np.flatnonzero((label != 0.5) & (weight > 0))
        if len(self.used) == 0:
            raise EstimationError("no pair has a decided label")
        label, weight = label[self.used], weight[self.used]
        values = np.concatenate([score[self.used], -score[self.used]])
        _, self.rank = np.unique(values, return_inverse=True)
        self.won = np.concatenate([label * weight, (1 - label) * weight])
        self.lost = np.concatenate([(1 - label) * weight, label * weight])

    def draw(self, counts: Floats | None) -> float:
        """Return the AUC with pair i counted ``counts[i]`` times (None: once)."""
        twice = 1.0 if counts is None else np.tile(counts[self.used], 2)
        won = np.bincount(self.rank, weights=self.won * twice)
        lost = np.bincount(self.rank, weights=self.lost * twice)
        total = won.sum() * lost.sum()
        if total == 0:
            return np.nan
        below = np.cumsum(lost) - lost / 2
        return float((won * below).sum() / total)


def log_losses(score: Floats, label: Floats) -> Floats:
    """Return the log loss of every score (log odds) on labels that may be fractions."""
    loss: Floats = label * np.logaddexp(0, -score) + (1 - label) * np.logaddexp(0, score)
    return loss


class _CalibrationDraws:
    """Accuracy, log loss and calibration error of one score under many reweightings.

    All three are sums over pairs, added up per component once.
    """

    def __init__(self, score: Floats, label: Floats, weight: Floats, component: Ints) -> None:
        favoured = np.where(score >= 0, label, 1 - label)
        confidence = expit(np.abs(score))
        decided = weight * (label != 0.5)
        right = np.where(score == 0, 0.5, favoured)
        loss = log_losses(score, label)
        place = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
        columns = [decided * right, decided, weight * loss, weight]
        for value in (confidence, favoured):
            columns += [np.where(place == i, weight * value, 0.0) for i in range(BINS)]
        n = int(component.max()) + 1
        self.sums = np.stack([np.bincount(component, c, minlength=n) for c in columns], axis=1)

    def draw(self, counts: Floats | None) -> tuple[float, float, float]:
        """Return accuracy, log loss and expected calibration error."""
        total = self.sums.sum(axis=0) if counts is None else counts @ self.sums
        right, decided, loss, weight = total[:4]
        gaps = np.abs(total[4 : 4 + BINS] - total[4 + BINS :]).sum()
        return (
            float(right / decided) if decided > 0 else np.nan,
            float(loss / weight) if weight > 0 else np.nan,
            float(gaps / weight) if weight > 0 else np.nan,
        )


def bootstrap_metrics(
    scores: dict[str, Floats],
    label: Floats,
    weight: Floats,
    components: Ints,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, dict[str, Floats]]:
    """Return per score and metric (1 + draws,) values: the estimate, then resampled components.

    Metrics are auc, accuracy (of decided pairs), log_loss and calibration_error (ten bins of the
    favoured side's probability). Scores are log odds. The same resamples serve every score, so
    that differences and ratios of them are paired.
    """
    n = int(components.max()) + 1
    curves = {name: _AucDraws(score, label, weight) for name, score in scores.items()}
    sums = {
        name: _CalibrationDraws(score, label, weight, components) for name, score in scores.items()
    }
    out = {name: {metric: np.empty(draws + 1) for metric in METRICS} for name in scores}
    for draw in range(draws + 1):
        counts = None
        if draw:
            picked = rng.integers(n, size=n)
            counts = np.bincount(picked, minlength=n).astype(np.float64)
        by_pair = None if counts is None else counts[components]
        for name in scores:
            values = (curves[name].draw(by_pair), *sums[name].draw(counts))
            for metric, value in zip(METRICS, values, strict=True):
                out[name][metric][draw] = value
    return out


def percentile_interval(estimate_and_draws: Floats, level: float = 0.95) -> Interval:
    """Return the estimate with the percentile interval of its finite bootstrap draws."""
    estimate, draws = estimate_and_draws[0], estimate_and_draws[1:]
    finite = draws[np.isfinite(draws)]
    if not np.isfinite(estimate) or len(finite) < 0.9 * len(draws) or len(finite) < 2:
        return Interval(float(estimate) if np.isfinite(estimate) else None, None, None)
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(estimate), float(low), float(high))


def effective_clusters(column: Floats, weight: Floats, components: Ints) -> float:
    """Return how many equal clusters would carry a column as unevenly as these do.

    (sum s)^2 / sum s^2 with s the weighted square of the column within each component: 1 where
    one component holds it all. Clustered errors built on few are far too small (Cameron and
    Miller 2015); t quantiles with this many clusters, less one, make up for some of it.
    """
    share = np.bincount(components, weights=weight * column * column)
    squares = float(np.square(share).sum())
    return float(share.sum() ** 2 / squares) if squares > 0 else 0.0


def t_bound(clusters: float, level: float = 0.95) -> float:
    """Return the two-sided t quantile for an effective number of clusters."""
    return float(stdtrit(max(clusters - 1.0, 1.0), (1 + level) / 2))


def two_sided_p(z: Floats, clusters: float | Floats = np.inf) -> Floats:
    """Return two-sided p-values: normal, or t for an effective number of clusters."""
    if np.ndim(clusters) > 0 or np.isfinite(clusters):
        few: Floats = 2.0 * stdtr(np.maximum(np.asarray(clusters) - 1.0, 1.0), -np.abs(z))
        return few
    p: Floats = 2.0 * ndtr(-np.abs(z))
    return p


def q_values(p: Floats) -> Floats:
    """Return Benjamini-Hochberg q-values; absent (NaN) p-values stay absent and do not count."""
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return q


def odd_correlation(x: Floats, y: Floats, weight: Floats | None = None) -> float:
    """Return the correlation over both orientations of every pair (uncentred); 0 if constant."""
    w = np.ones(len(x)) if weight is None else weight
    size = np.sqrt((w * x * x).sum() * (w * y * y).sum())
    return float((w * x * y).sum() / size) if size > 0 else 0.0


def bootstrap_correlation(
    x: Floats,
    y: Floats,
    components: Ints,
    draws: int,
    rng: np.random.Generator,
    weight: Floats | None = None,
) -> Floats:
    """Return the odd correlation (1 + draws,): the estimate, then resamples of components."""
    _, group = np.unique(components, return_inverse=True)
    w = np.ones(len(x)) if weight is None else weight
    sums = np.stack(
        [np.bincount(group, weights=v) for v in (w * x * y, w * x * x, w * y * y)], axis=1
    )
    counts = np.ones((1, len(sums)))
    if draws:
        picked = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=draws)
        counts = np.concatenate([counts, picked])
    xy, xx, yy = (counts @ sums).T
    size = np.sqrt(xx * yy)
    out: Floats = np.divide(xy, size, out=np.zeros_like(xy), where=size > 0)
    return out
