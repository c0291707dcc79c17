"""An odd column predicted from odd columns."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats, Floats32, Ints

PENALTIES = np.logspace(-3, 3, 13)
"""Tried per row, on columns whose mean square is 1 together."""
FITTED = 20_000
"""Rows fitted at most: the first ones."""


def ridge_predictions(columns: Floats | Floats32, target: Floats, fit: Ints) -> Floats:
    """Return what a ridge regression without intercept says of every row (n,).

    Odd by construction: exchanging sides negates it. The penalty has the least generalised
    cross-validation error (Golub, Heath and Wahba 1979).

    Parameters
    ----------
    columns
        (n, d).
    target
        (n,), read in the fitted rows only.
    fit
        Rows that are fitted.
    """
    rows = fit[:FITTED]
    beta = ridge_weights(columns[rows], target[rows, None])[:, 0]
    predicted: Floats = columns @ beta.astype(columns.dtype)
    return predicted


def ridge_weights(columns: Floats | Floats32, targets: Floats | Floats32) -> Floats:
    """Return the coefficients (d, c) of ridge regressions without intercept, one for each target.

    Each target has a penalty of its own, with the least generalised cross-validation error.

    Parameters
    ----------
    columns
        (n, d), of which the first rows are fitted.
    targets
        (n, c); one that is 0 everywhere has coefficients 0.
    """
    own, wanted = columns[:FITTED].astype(np.float64), targets[:FITTED].astype(np.float64)
    size = np.square(own).mean() if own.size else 0.0
    if size == 0:
        return np.zeros((columns.shape[1], targets.shape[1]))
    values, vectors = np.linalg.eigh(own.T @ own / (size * len(own)))
    values = np.clip(values, 0.0, None)
    crossed = vectors.T @ (own.T @ wanted) / (size * len(own))
    power = np.square(wanted).mean(axis=0) / size
    shrunk = np.zeros_like(crossed)
    for at in range(targets.shape[1]):
        of = crossed[:, at], float(power[at]), len(own)
        best = min(PENALTIES, key=lambda penalty: _gcv(penalty, values, *of))
        shrunk[:, at] = of[0] / (values + best)
    return np.asarray(vectors @ shrunk)


def _gcv(penalty: float, values: Floats, crossed: Floats, power: float, n: int) -> float:
    """Return the generalised cross-validation error, up to a factor."""
    shrunk = crossed / (values + penalty)
    rest = power - 2 * float(shrunk @ crossed) + float(np.square(shrunk) @ values)
    freedom = float((values / (values + penalty)).sum())
    return rest / max(1 - freedom / n, 1e-9) ** 2
