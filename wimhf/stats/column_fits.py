"""Logistic models of one column each with the same controls, many of them at once.

What ``cluster_logit`` fits one by one: Newton's steps of all columns share their passes over the
pairs, so that hundreds of columns cost a few matrix products a step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wimhf.base import Floats, Ints, Mask, side_by_side
from wimhf.stats.logit import MAX_COEFFICIENT, MAX_LOG_ODDS, LogitFit, RidgeLogit

WIDTH, TOGETHER = 48, 4096
"""Columns of which each thread has a block, and the pairs of it that fit a processor's cache."""
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
    groups = int(clusters.max(initial=-1)) + 1
    pairs = _Pairs(controls, label, weight, clusters, groups)
    blocks = [columns[:, at : at + WIDTH] for at in range(0, columns.shape[1], WIDTH)]
    if groups < 3 or not blocks:
        p = columns.shape[1]
        empty = np.zeros((p, 1 + controls.shape[1]))
        return ColumnFits(empty, np.zeros(p), np.zeros(p, dtype=bool))
    parts = list(side_by_side(pairs.fit, blocks))
    beta, variance, fitted = (np.concatenate(part) for part in zip(*parts, strict=True))
    return ColumnFits(beta, variance, fitted)


class _Pairs:
    """What all columns share: controls, labels, weights, and which pairs hang together."""

    def __init__(
        self, controls: Floats, label: Floats, weight: Floats, clusters: Ints, groups: int
    ) -> None:
        self.controls, self.label, self.weight, self.groups = controls, label, weight, groups
        n, c = controls.shape
        self.start = np.zeros(c)
        if c:
            self.start = RidgeLogit(controls, label, weight).fit(np.full(c, 1e-9))
        self.products = (controls[:, :, None] * controls[:, None, :]).reshape(n, c * c)
        place = (clusters, np.arange(n))
        self.summing = sparse.csr_array((np.ones(n), place), shape=(groups, n))

    def fit(self, z: Floats) -> tuple[Floats, Floats, Mask]:
        """Return coefficients, the columns' variances and which were fitted, of (n, b) columns."""
        z = np.ascontiguousarray(z)
        beta = np.zeros((z.shape[1], 1 + self.controls.shape[1]))
        beta[:, 1:] = self.start
        full = np.zeros((len(beta), beta.shape[1], beta.shape[1]))
        for rows in _some(len(z)):
            self._add_curved(full, z[rows], np.ones_like(z[rows]), rows)
        fitted = np.linalg.matrix_rank(full, hermitian=True) == beta.shape[1]
        beta, moved = self._newton(z, beta, fitted)
        _, curved, farthest = self._sums(z, beta)
        fitted &= (moved < STILL) & np.isfinite(beta).all(axis=1)
        fitted &= (np.abs(beta).max(axis=1) <= MAX_COEFFICIENT) & (farthest <= MAX_LOG_ODDS)
        bread = np.zeros_like(beta)
        bread[fitted] = np.linalg.pinv(curved[fitted], hermitian=True)[:, 0]
        each = np.empty_like(z)
        for rows in _some(len(z)):
            error, _, _ = self._state(z[rows], beta, rows)
            each[rows] = error * (z[rows] * bread[:, 0] + self.controls[rows] @ bread[:, 1:].T)
        summed = each if self.groups == len(z) else self.summing @ each
        n, p = len(z), beta.shape[1]
        correction = self.groups / (self.groups - 1) * (n - 1) / max(n - p, 1)
        variance = correction * np.square(summed).sum(axis=0)
        return beta, variance, fitted & (variance > 0)

    def _newton(self, z: Floats, beta: Floats, fitted: Mask) -> tuple[Floats, Floats]:
        """Return the coefficients, and how far the last step moved each column's (b,)."""
        moved = np.full(len(beta), np.inf)
        going, own, held = fitted.copy(), z, np.arange(len(beta))
        for _ in range(STEPS):
            going &= moved >= STILL
            rows = np.flatnonzero(going)
            if len(rows) == 0:
                break
            if len(rows) != len(held):
                own, held = np.ascontiguousarray(z[:, rows]), rows
            slope, curved, _ = self._sums(own, beta[rows])
            try:
                step = np.linalg.solve(curved, slope[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                break
            beta[rows] += step
            moved[rows] = np.abs(step).max(axis=1)
            going[rows] = np.abs(beta[rows]).max(axis=1) <= 2 * MAX_COEFFICIENT
        return beta, moved

    def _sums(self, z: Floats, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return slopes (b, 1 + c), curvatures (b, 1 + c, 1 + c) and the largest log odds (b,)."""
        slope, farthest = np.zeros_like(beta), np.zeros(len(beta))
        curved = np.zeros((len(beta), beta.shape[1], beta.shape[1]))
        for rows in _some(len(z)):
            own = z[rows]
            error, curve, score = self._state(own, beta, rows)
            slope[:, 0] += np.einsum("ij,ij->j", own, error)
            slope[:, 1:] += error.T @ self.controls[rows]
            self._add_curved(curved, own, curve, rows)
            np.maximum(farthest, np.abs(score).max(axis=0, initial=0.0), out=farthest)
        return slope, curved, farthest

    def _state(self, z: Floats, beta: Floats, rows: slice) -> tuple[Floats, Floats, Floats]:
        """Return weighted errors, curvatures and log odds (r, b) of some pairs."""
        score = z * beta[:, 0]
        score += self.controls[rows] @ beta[:, 1:].T
        lean = np.tanh(0.5 * score)  # the chance is (1 + lean) / 2; three times as fast
        weight, label = self.weight[rows, None], self.label[rows, None]
        error = weight * (label - 0.5) - (0.5 * weight) * lean
        np.square(lean, out=lean)
        curve = np.subtract(1, lean, out=lean)
        curve *= 0.25 * weight
        return error, curve, score

    def _add_curved(self, curved: Floats, z: Floats, curve: Floats, rows: slice) -> None:
        """Add some pairs' curvature of every column and the controls."""
        b, c = z.shape[1], self.controls.shape[1]
        leaning = z * curve
        crossed = leaning.T @ self.controls[rows]
        curved[:, 0, 0] += np.einsum("ij,ij->j", leaning, z)
        curved[:, 0, 1:] += crossed
        curved[:, 1:, 0] += crossed
        curved[:, 1:, 1:] += (curve.T @ self.products[rows]).reshape(b, c, c)


def _some(n: int) -> list[slice]:
    """Return the pairs in parts that fit a processor's cache."""
    return [slice(start, start + TOGETHER) for start in range(0, n, TOGETHER)]
