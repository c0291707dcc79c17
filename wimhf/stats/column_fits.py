"""Logistic models of one column each with the same controls, many of them at once.

What ``cluster_logit`` fits one by one: Newton's steps of all columns share their passes over the
pairs, so that hundreds of columns cost a few matrix products a step.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from wimhf.base import Floats, Ints, Mask
from wimhf.stats.logit import MAX_COEFFICIENT, MAX_LOG_ODDS, LogitFit, RidgeLogit

BLOCK = 2**22
"""Values of columns looked at together."""
STEPS = 30
STILL = 1e-5
"""Largest step of a coefficient that has arrived: what is left is about its square."""


@dataclass(frozen=True)
class ColumnFits:
    """Models of p columns.

    Attributes
    ----------
    beta
        (p, 1 + c) coefficients of each column, then of the controls beside it.
    variance
        (p,) of the column's coefficient, clustered, as ``cluster_logit`` has it.
    fitted
        (p,) False where a column has no finite fit, is collinear with the controls or did not
        arrive: what ``cluster_logit`` says of it holds.
    """

    beta: Floats
    variance: Floats
    fitted: Mask

    def of(self, place: int) -> LogitFit | None:
        """Return one column's model; None where it was not fitted."""
        if not self.fitted[place]:
            return None
        return LogitFit(self.beta[place], self.variance[place].reshape(1, 1))


def column_fits(
    columns: Floats, controls: Floats, label: Floats, weight: Floats, component: Ints
) -> ColumnFits:
    """Fit every column with the controls.

    Parameters
    ----------
    columns, controls
        (n, p) and (n, c), odd, scaled to comparable size.
    """
    clusters = np.unique(component, return_inverse=True)[1]
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(clusters[order]) > 0])
    pairs = _Pairs(controls, label, weight, order, starts)
    width = max(1, BLOCK // max(len(label), 1))
    blocks = [columns[:, at : at + width] for at in range(0, columns.shape[1], width)]
    if len(starts) < 3 or not blocks:
        p = columns.shape[1]
        empty = np.zeros((p, 1 + controls.shape[1]))
        return ColumnFits(empty, np.zeros(p), np.zeros(p, dtype=bool))
    with ThreadPoolExecutor(min(os.cpu_count() or 1, len(blocks), 8)) as pool:
        parts = list(pool.map(pairs.fit, blocks))
    beta, variance, fitted = (np.concatenate(part) for part in zip(*parts, strict=True))
    return ColumnFits(beta, variance, fitted)


class _Pairs:
    """What all columns share: controls, labels, weights, and which pairs hang together."""

    def __init__(
        self, controls: Floats, label: Floats, weight: Floats, order: Ints, starts: Ints
    ) -> None:
        self.controls, self.label, self.weight = controls, label, weight
        self.order, self.starts = order, starts
        n, c = controls.shape
        self.start = np.zeros(c)
        if c:
            self.start = RidgeLogit(controls, label, weight).fit(np.full(c, 1e-9))
        self.products = (controls[:, :, None] * controls[:, None, :]).reshape(n, c * c)

    def fit(self, z: Floats) -> tuple[Floats, Floats, Mask]:
        """Return coefficients, the columns' variances and which were fitted, of (n, b) columns."""
        z = np.ascontiguousarray(z)
        beta = np.zeros((z.shape[1], 1 + self.controls.shape[1]))
        beta[:, 1:] = self.start
        full = self._curved(z, np.ones_like(z))
        fitted = np.linalg.matrix_rank(full, hermitian=True) == beta.shape[1]
        beta, moved = self._newton(z, beta, fitted)
        error, curve, farthest = self._state(z, beta)
        fitted &= (moved < STILL) & np.isfinite(beta).all(axis=1)
        fitted &= (np.abs(beta).max(axis=1) <= MAX_COEFFICIENT) & (farthest <= MAX_LOG_ODDS)
        bread = np.zeros_like(beta)
        bread[fitted] = np.linalg.pinv(self._curved(z, curve)[fitted], hermitian=True)[:, 0]
        each = error * (z * bread[:, 0] + self.controls @ bread[:, 1:].T)
        summed = np.add.reduceat(each[self.order], self.starts, axis=0)
        groups, (n, p) = len(self.starts), (len(z), beta.shape[1])
        correction = groups / (groups - 1) * (n - 1) / max(n - p, 1)
        variance = correction * np.square(summed).sum(axis=0)
        return beta, variance, fitted & (variance > 0)

    def _newton(self, z: Floats, beta: Floats, fitted: Mask) -> tuple[Floats, Floats]:
        """Return the coefficients, and how far the last step moved each column's (b,)."""
        moved = np.full(len(beta), np.inf)
        going = fitted.copy()
        for _ in range(STEPS):
            going &= moved >= STILL
            rows = np.flatnonzero(going)
            if len(rows) == 0:
                break
            own = z if len(rows) == z.shape[1] else z[:, rows]
            error, curve, _ = self._state(own, beta[rows])
            slope = np.column_stack([(own * error).sum(axis=0), error.T @ self.controls])
            try:
                step = np.linalg.solve(self._curved(own, curve), slope[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                break
            beta[rows] += step
            moved[rows] = np.abs(step).max(axis=1)
            going[rows] = np.abs(beta[rows]).max(axis=1) <= 2 * MAX_COEFFICIENT
        return beta, moved

    def _state(self, z: Floats, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return weighted errors and curvatures (n, b), and the largest log odds (b,)."""
        score = z * beta[:, 0]
        score += self.controls @ beta[:, 1:].T
        farthest = np.abs(score).max(axis=0, initial=0.0)
        chance = expit(score)
        weight = self.weight[:, None]
        error = weight * (self.label[:, None] - chance)
        curve = weight * chance
        curve *= 1 - chance
        return error, curve, farthest

    def _curved(self, z: Floats, curve: Floats) -> Floats:
        """Return the curvature (b, 1 + c, 1 + c) of every column and the controls."""
        b, c = z.shape[1], self.controls.shape[1]
        out = np.empty((b, 1 + c, 1 + c))
        leaning = z * curve
        out[:, 0, 0] = (leaning * z).sum(axis=0)
        out[:, 0, 1:] = out[:, 1:, 0] = leaning.T @ self.controls
        out[:, 1:, 1:] = (curve.T @ self.products).reshape(b, c, c)
        return out
