"""Logistic models without intercept: cluster-robust and ridge.

Labels may be fractions, of which .5 is a tie: half a win for each side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs
from scipy.special import expit

from wimhf.base import Floats, Ints
from wimhf.errors import EstimationError
from wimhf.stats.gram import gram
from wimhf.stats.resampling import log_losses

MAX_COEFFICIENT = 15.0
"""A coefficient per RMS beyond this is separation, not an estimate."""
MAX_LOG_ODDS = 20.0
"""So are log odds beyond this: a billion to one."""
FIRTH_ROUNDS = 30
SEPARATED = "the labels are separated perfectly, so no finite effect fits them"


class SeparationError(EstimationError):
    """No finite coefficients fit the labels."""

    def __init__(self) -> None:
        super().__init__(SEPARATED)


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
    groups, p = int(cluster.max(initial=-1)) + 1, design.shape[1]
    if groups < 3:
        raise EstimationError("fewer than three independent prompts, so no error can be estimated")
    _check_rank(design)
    beta = RidgeLogit(design, label, weight).fit(np.zeros(p), tolerance=1e-13)
    score = design @ beta
    if not np.isfinite(beta).all() or np.abs(beta).max() > MAX_COEFFICIENT:
        raise SeparationError
    if np.abs(score).max() > MAX_LOG_ODDS:
        raise SeparationError
    covariance = _sandwich(design, beta, label, weight, cluster)
    spread = np.diag(covariance)
    if not np.isfinite(spread).all() or (spread <= 0).any():
        raise EstimationError("the logistic fit has no finite error")
    return LogitFit(beta=beta, covariance=covariance)


def _sandwich(design: Floats, beta: Floats, label: Floats, weight: Floats, cluster: Ints) -> Floats:
    """Return the clustered covariance (p, p) of coefficients."""
    scores, bread = _cluster_scores(design, beta, label, weight, cluster)
    covariance: Floats = bread @ (scores.T @ scores) @ bread
    return covariance


def cluster_influences(
    design: Floats, beta: Floats, label: Floats, weight: Floats, cluster: Ints
) -> Floats:
    """Return by how much every cluster moved the coefficients: (G, p).

    Their squares sum to the clustered covariance; those of two fits of the same clusters,
    subtracted, to that of the difference.
    """
    scores, bread = _cluster_scores(design, beta, label, weight, cluster)
    influences: Floats = scores @ bread
    return influences


def _cluster_scores(
    design: Floats, beta: Floats, label: Floats, weight: Floats, cluster: Ints
) -> tuple[Floats, Floats]:
    """Return every cluster's score (G, p), and by what it moves the coefficients (p, p)."""
    chance, (n, p) = expit(design @ beta), design.shape
    groups = int(cluster.max()) + 1
    curved = gram(design, weight * chance * (1 - chance))
    error, scores = weight * (label - chance), np.empty((groups, p))
    for place, column in enumerate(design.T):
        scores[:, place] = np.bincount(cluster, error * column, minlength=groups)
    correction = groups / (groups - 1) * (n - 1) / max(n - p, 1)
    return scores, np.sqrt(correction) * np.linalg.pinv(curved)


def _check_rank(design: Floats) -> None:
    if np.linalg.matrix_rank(design.T @ design, hermitian=True) < design.shape[1]:
        raise EstimationError("the columns are collinear")


def firth_logit(
    design: Floats, label: Floats, weight: Floats, components: Ints | None = None
) -> LogitFit:
    """Fit a logistic model without intercept whose coefficients are finite whatever the labels.

    Every pair also counts as a tie by its leverage (Firth 1993, Heinze and Schemper 2002), which
    keeps the fit odd. The covariance is the model's own, as residuals of separated labels say
    nothing of errors, with the spread over components where that is wider.

    Raises
    ------
    EstimationError
        If the columns are collinear.
    """
    _check_rank(design)
    beta = np.zeros(design.shape[1])
    for _ in range(FIRTH_ROUNDS):
        chance = expit(design @ beta)
        curve = weight * chance * (1 - chance)
        covariance: Floats = np.linalg.pinv(gram(design, curve), hermitian=True).astype(np.float64)
        leverage = curve * np.einsum("ij,ij->i", design @ covariance, design)
        ties = (weight * label + leverage / 2) / (weight + leverage)
        new = RidgeLogit(design, ties, weight + leverage).fit(np.zeros(len(beta)), beta)
        moved, beta = np.abs(new - beta).max(initial=0.0), new
        if moved < 1e-6:
            break
    if components is not None:
        cluster = np.unique(components, return_inverse=True)[1].astype(np.int64)
        clustered = np.diag(_sandwich(design, beta, label, weight, cluster))
        wider = np.sqrt(np.maximum(clustered / np.diag(covariance), 1.0))
        covariance = covariance * np.outer(wider, wider)
    return LogitFit(beta, covariance)


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
                factor, failed = dpotrf(self._stable(beta, penalty))
                if failed:
                    raise np.linalg.LinAlgError("the penalised curvature is not positive definite")
            step, _ = dpotrs(factor, gradient)
            moved, new, gradient = self._line(beta, step, loss, penalty)
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
        self._curvature = gram(self.design, self.weight * chance * (1 - chance))
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
