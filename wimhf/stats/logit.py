"""Logistic models without intercept: cluster-robust and ridge.

Labels may be fractions, of which .5 is a tie: half a win for each side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from wimhf.base import Floats, Ints
from wimhf.errors import EstimationError
from wimhf.stats.resampling import log_losses

MAX_COEFFICIENT = 15.0
"""A coefficient per RMS beyond this is separation, not an estimate."""
MAX_LOG_ODDS = 20.0
"""So are log odds beyond this: a billion to one."""
SEPARATED = "the labels are separated perfectly, so no finite effect fits them"


@dataclass(frozen=True)
class LogitFit:
    """Coefficients (p,) of a logistic model without intercept; robust covariance (p, p)."""

    beta: Floats
    covariance: Floats


def cluster_logit(design: Floats, label: Floats, weight: Floats, components: Ints) -> LogitFit:
    """Fit a logistic model without intercept, with cluster-robust covariance.

    Labels may be fractions (.5 is a tie: half a win for each side); weights count as repeats.
    The covariance is the sandwich over components (Liang and Zeger 1986) with the small-sample
    correction G / (G - 1) * (n - 1) / (n - p), as in statsmodels.

    Parameters
    ----------
    design
        (n, p) odd columns, scaled to comparable size.

    Raises
    ------
    EstimationError
        If the data separate the labels, the columns are collinear, or one component holds all.
    """
    _, cluster = np.unique(components, return_inverse=True)
    groups, (n, p) = int(cluster.max(initial=-1)) + 1, design.shape
    if groups < 3:
        raise EstimationError("fewer than three independent prompts, so no error can be estimated")
    if np.linalg.matrix_rank(design.T @ design, hermitian=True) < p:
        raise EstimationError("the columns are collinear")
    beta = RidgeLogit(design, label, weight).fit(np.zeros(p), tolerance=1e-13)
    score = design @ beta
    if not np.isfinite(beta).all() or np.abs(beta).max() > MAX_COEFFICIENT:
        raise EstimationError(SEPARATED)
    if np.abs(score).max() > MAX_LOG_ODDS:
        raise EstimationError(SEPARATED)
    chance = expit(score)
    bread = np.linalg.pinv(design.T @ (design * (weight * chance * (1 - chance))[:, None]))
    each = design * (weight * (label - chance))[:, None]
    summed = np.stack([np.bincount(cluster, c, minlength=groups) for c in each.T], axis=1)
    correction = groups / (groups - 1) * (n - 1) / max(n - p, 1)
    covariance: Floats = correction * bread @ (summed.T @ summed) @ bread
    spread = np.diag(covariance)
    if not np.isfinite(spread).all() or (spread <= 0).any():
        raise EstimationError("the logistic fit has no finite error")
    return LogitFit(beta=beta, covariance=covariance)


class RidgeLogit:
    """Ridge logistic models of the same data, one after another.

    Newton steps whose curvature is kept, from step to step and from fit to fit, for as long as
    every step gains at most a tenth of the one before: near the optimum a gradient is all that
    has to be computed anew.
    """

    def __init__(self, design: Floats, label: Floats, weight: Floats) -> None:
        self.design, self.label, self.weight = design, label, weight
        self._curvature: Floats | None = None

    def fit(self, penalty: Floats, start: Floats | None = None, tolerance: float = 1e-9) -> Floats:
        """Return the coefficients (p,) that minimise the penalised loss.

        The loss is the weighted log loss, labels taken as fractions, plus
        ``penalty_j beta_j^2 / 2``. Steps end when one gains less than ``tolerance`` of it.
        """
        beta: Floats = np.zeros(self.design.shape[1]) if start is None else start.copy()
        loss, gradient = self._evaluate(beta, penalty)
        before, factor = np.inf, None
        for _ in range(200):
            fresh = self._curvature is None
            if self._curvature is None or factor is None:
                factor = cho_factor(self._stable(beta, penalty))
            moved, new, gradient = self._line(beta, cho_solve(factor, gradient), loss, penalty)
            gain, beta, loss = loss - new, moved, new
            slow = not fresh and gain > before / 10
            if gain <= tolerance * (1 + abs(loss)) and not slow:
                break
            if slow:
                self._curvature = None
            before = gain
        return beta

    def _stable(self, beta: Floats, penalty: Floats) -> Floats:
        """Return curvature and penalty, with a touch more so that collinear columns do no harm."""
        whole = self._curved(beta) + np.diag(penalty)
        whole[np.diag_indices_from(whole)] += 1e-8 * np.diag(whole).mean() + 1e-12
        return whole

    def _curved(self, beta: Floats) -> Floats:
        if self._curvature is not None:
            return self._curvature
        chance = expit(self.design @ beta)
        self._curvature = self.design.T @ (
            self.design * (self.weight * chance * (1 - chance))[:, None]
        )
        return self._curvature

    def _line(
        self, beta: Floats, step: Floats, loss: float, penalty: Floats
    ) -> tuple[Floats, float, Floats]:
        """Halve the step until the loss does not rise."""
        size = 1.0
        while True:
            moved = beta - size * step
            new, gradient = self._evaluate(moved, penalty)
            if new <= loss or size < 1e-6:
                return moved, new, gradient
            size /= 2

    def _evaluate(self, beta: Floats, penalty: Floats) -> tuple[float, Floats]:
        score = self.design @ beta
        error = self.weight * (expit(score) - self.label)
        loss = float((self.weight * log_losses(score, self.label)).sum())
        loss += float((penalty * beta * beta).sum() / 2)
        return loss, self.design.T @ error + penalty * beta
