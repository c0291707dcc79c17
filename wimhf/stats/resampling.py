"""Statistics that the rooms share, thin over scipy and scikit-learn.

Scores and columns here are odd: exchanging A and B negates them and mirrors the label. What is
computed does not change when any set of pairs is exchanged.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from wimhf.base import Floats, Ints
from wimhf.errors import EstimationError
from wimhf.stats.inference import Interval

BINS = 10
METRICS = ("auc", "accuracy", "log_loss", "calibration_error")


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
    size = np.abs(score)  # written so that swapping sides changes no bit
    loss: Floats = np.log1p(np.exp(-size)) + size * np.where(score > 0, 1 - label, label)
    return loss


class _CalibrationDraws:
    """Accuracy, log loss and calibration error of one score under many reweightings.

    All three are sums over pairs, added up per component once.
    """

    def __init__(self, score: Floats, label: Floats, weight: Floats, component: Ints) -> None:
        # a score of 0 favours neither side, and half a win is what it promises
        favoured = np.where(score == 0, 0.5, np.where(score > 0, label, 1 - label))
        confidence = expit(np.abs(score))
        decided = weight * (label != 0.5)
        loss = log_losses(score, label)
        place = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
        columns = [decided * favoured, decided, weight * loss, weight]
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
    return Resamples(components, draws, rng).correlations(x, y, weight)


class Resamples:
    """Resamples of components, drawn once for many correlations, which are then paired."""

    def __init__(self, components: Ints, draws: int, rng: np.random.Generator) -> None:
        self._group = np.unique(components, return_inverse=True)[1]
        n = int(self._group.max(initial=-1)) + 1
        picked = rng.multinomial(n, np.full(n, 1 / n), size=draws) if draws else np.ones((0, n))
        self._counts = np.concatenate([np.ones((1, n)), picked])

    def correlations(self, x: Floats, y: Floats, weight: Floats | None = None) -> Floats:
        """Return the odd correlation (1 + draws,): the estimate, then that of every resample."""
        w = np.ones(len(x)) if weight is None else weight
        products = (w * x * y, w * x * x, w * y * y)
        sums = np.stack([np.bincount(self._group, weights=one) for one in products], axis=1)
        xy, xx, yy = (self._counts @ sums).T
        size = np.sqrt(xx * yy)
        out: Floats = np.divide(xy, size, out=np.zeros_like(xy), where=size > 0)
        return out
