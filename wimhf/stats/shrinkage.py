"""Effects without the winner's curse: what the strongest of many are likely to be again.

Adaptive shrinkage (Stephens 2017, Biostatistics 18): every effect is drawn from one unimodal
distribution around 0, a mixture of normals whose shares are fitted to all estimates together, and
what is told of one is its posterior given its own estimate. Intervals hold for effects that were
chosen because they are large, as posteriors do not change with the choosing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from wimhf.base import Floats

FINEST = 0.1
"""The narrowest normal, of the smallest error."""
ROUNDS, HALVINGS = 500, 60
LEVEL = 0.95


@dataclass(frozen=True)
class Shrunken:
    """Posterior means (p,) with 95 % intervals; NaN where there was no estimate."""

    mean: Floats
    low: Floats
    high: Floats


def shrunken(effect: Floats, error: Floats) -> Shrunken:
    """Return what estimates (p,) with normal errors (p,) are likely to be again.

    NaN where either is unknown; the estimates as they are where fewer than two are known.
    """
    known = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    out = np.full((3, len(effect)), np.nan)
    if known.sum() < 2:
        out[:, known] = effect[known] + np.array([[0], [-1.96], [1.96]]) * error[known]
        return Shrunken(*out)
    x, s = effect[known], error[known]
    spread = _grid(x, s)
    share = _shares(x, s, spread)
    density = share * _normal(x, s, spread)
    weight = density / density.sum(axis=1, keepdims=True)
    keep = spread**2 / (spread**2 + s[:, None] ** 2)
    mean, error_left = keep * x[:, None], np.sqrt(keep) * s[:, None]
    out[0, known] = (weight * mean).sum(axis=1)
    reach = np.abs(x) + 8 * s
    for place, wanted in ((1, (1 - LEVEL) / 2), (2, (1 + LEVEL) / 2)):
        out[place, known] = _quantile(weight, mean, error_left, reach, wanted)
    return Shrunken(*out)


def _grid(x: Floats, s: Floats) -> Floats:
    """Return the standard deviations (k,) of the mixture, 0 first."""
    most = 2 * np.sqrt(max(float((x**2 - s**2).max()), (FINEST * s.min()) ** 2))
    steps = int(np.ceil(2 * np.log2(most / (FINEST * s.min())))) + 1
    return np.concatenate([[0.0], FINEST * s.min() * np.sqrt(2.0) ** np.arange(max(steps, 1))])


def _normal(x: Floats, s: Floats, spread: Floats) -> Floats:
    """Return the density (p, k) of every estimate under every part of the mixture."""
    size = np.sqrt(s[:, None] ** 2 + spread**2)
    density: Floats = np.exp(-0.5 * (x[:, None] / size) ** 2) / size
    return density


def _shares(x: Floats, s: Floats, spread: Floats) -> Floats:
    """Fit the shares (k,) of the mixture by EM."""
    likelihood = np.maximum(_normal(x, s, spread), 1e-300)
    share = np.full(len(spread), 1 / len(spread))
    for _ in range(ROUNDS):
        weight = share * likelihood
        weight /= weight.sum(axis=1, keepdims=True)
        new = weight.mean(axis=0)
        if np.abs(new - share).max() < 1e-6:
            break
        share = new
    return share


def _quantile(weight: Floats, mean: Floats, error: Floats, reach: Floats, wanted: float) -> Floats:
    """Return where the posterior's distribution function crosses a share, by halving."""
    low, high = -reach, reach
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (middle[:, None] - mean) / error
        below = (weight * np.where(error > 0, ndtr(z), middle[:, None] >= 0)).sum(axis=1)
        low, high = np.where(below < wanted, middle, low), np.where(below < wanted, high, middle)
    crossed: Floats = (low + high) / 2
    return crossed
