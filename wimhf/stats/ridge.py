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
    own, wanted = columns[rows].astype(np.float64), target[rows].astype(np.float64)
    size = np.square(own).mean()
    if size == 0 or not wanted.any():
        return np.zeros(len(columns))
    values, vectors = np.linalg.eigh(own.T @ own / (size * len(rows)))
    values = np.clip(values, 0.0, None)
    crossed = vectors.T @ (own.T @ wanted) / (size * len(rows))
    power = float(np.square(wanted).mean()) / size
    best = min(PENALTIES, key=lambda penalty: _gcv(penalty, values, crossed, power, len(rows)))
    beta = vectors @ (crossed / (values + best))
    predicted: Floats = columns @ beta.astype(columns.dtype)
    return predicted


def _gcv(penalty: float, values: Floats, crossed: Floats, power: float, n: int) -> float:
    """Return the generalised cross-validation error, up to a factor."""
    shrunk = crossed / (values + penalty)
    rest = power - 2 * float(shrunk @ crossed) + float(np.square(shrunk) @ values)
    freedom = float((values / (values + penalty)).sum())
    return rest / max(1 - freedom / n, 1e-9) ** 2
