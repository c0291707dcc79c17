"""Quantiles, p-values and intervals under clustering."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtr, stdtr, stdtrit
from scipy.stats import false_discovery_control

from wimhf.base import Floats, Ints
from wimhf.stats.summary import Bounds

NORMAL = 1.959963984540054
SEEN = (NORMAL + 0.8416212335729143) / NORMAL


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; all three are None where nothing can be estimated."""

    value: float | None
    low: float | None
    high: float | None

    def to_dict(self) -> Bounds:
        """Return value, low and high as they are written in JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}


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


def detectable(low: float | None, high: float | None) -> float | None:
    """Return the least effect that data with such a 95 % interval show in four cases of five.

    In the interval's unit; None where there is none. The half width is 1.96 standard errors, and
    1.96 + .84 of them are seen with a power of .8 (Bloom 1995, minimum detectable effects).
    """
    return None if low is None or high is None else (high - low) / 2 * SEEN


def two_sided_p(z: Floats, clusters: float | Floats = np.inf) -> Floats:
    """Return two-sided p-values: normal, or t for an effective number of clusters."""
    if np.ndim(clusters) > 0 or np.isfinite(clusters):
        few: Floats = 2.0 * stdtr(np.maximum(np.asarray(clusters) - 1.0, 1.0), -np.abs(z))
        return few
    p: Floats = 2.0 * ndtr(-np.abs(z))
    return p


def with_q(table: pl.DataFrame, p: str = "p", q: str = "q") -> pl.DataFrame:
    """Return a table with Benjamini-Hochberg q-values of its p-values; null where p is null."""
    known = table[p].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return table.with_columns(pl.Series(q, q_values(known), nan_to_null=True))


def q_values(p: Floats) -> Floats:
    """Return Benjamini-Hochberg q-values; absent (NaN) p-values stay absent and do not count."""
    q = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return q


def share_interval(won: Floats, weight: Floats, component: Ints) -> Bounds:
    """Return a weighted share (0 to 1) with its interval.

    Wilson's (1927), for the number of independent pairs that would vary as much as the clusters do.
    """
    total = weight.sum()
    if len(won) == 0 or total <= 0:
        return {"value": None, "low": None, "high": None}
    mean = float((weight * won).sum() / total)
    groups = np.unique(component, return_inverse=True)[1]
    off = np.bincount(groups, weights=weight * (won - mean))
    clusters = effective_clusters(np.ones(len(won)), weight, component)
    if clusters < 2:
        return {"value": mean, "low": None, "high": None}
    spread = float((off**2).sum() * len(off) / (len(off) - 1)) / total**2
    # as if of so many independent pairs; where nothing varies, of as many as there are clusters
    n = min(mean * (1 - mean) / spread, len(won)) if spread > 0 else clusters
    low, high = _wilson(mean, n, t_bound(clusters))
    return {"value": mean, "low": low, "high": high}


def wilson_interval(yes: int, asked: int) -> Bounds:
    """Return the share (0 to 1) of independent answers that are yes, with Wilson's interval."""
    if asked == 0:
        return {"value": None, "low": None, "high": None}
    low, high = _wilson(yes / asked, asked, t_bound(np.inf))
    return {"value": yes / asked, "low": low, "high": high}


def _wilson(share: float, n: float, z: float) -> tuple[float, float]:
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return float(max(middle - reach, 0.0)), float(min(middle + reach, 1.0))


def mean_interval(values: Floats, weight: Floats, component: Ints) -> Bounds:
    """Return a weighted mean with its cluster-robust interval; none where nothing varies."""
    total = weight.sum()
    if len(values) == 0 or total <= 0:
        return {"value": None, "low": None, "high": None}
    mean = float((weight * values).sum() / total)
    groups = np.unique(component, return_inverse=True)[1]
    off = np.bincount(groups, weights=weight * (values - mean))
    clusters = effective_clusters(np.ones(len(values)), weight, component)
    if clusters < 2 or not off.any():
        return {"value": mean, "low": None, "high": None}
    se = float(np.sqrt((off**2).sum() * len(off) / (len(off) - 1)) / total)
    reach = t_bound(clusters) * se
    return {"value": mean, "low": mean - reach, "high": mean + reach}
