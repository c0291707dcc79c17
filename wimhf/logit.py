"""Logistic models without intercept: cluster-robust (statsmodels) and ridge.

Labels may be fractions, of which .5 is a tie: half a win for each side.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from wimhf.errors import EstimationError
from wimhf.stats import log_losses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MAX_COEFFICIENT = 15.0
"""A coefficient per RMS beyond this is separation, not an estimate."""


@dataclass(frozen=True)
class LogitFit:
    """Coefficients (p,) of a logistic model without intercept; robust covariance (p, p)."""

    beta: Floats
    covariance: Floats


def cluster_logit(design: Floats, label: Floats, weight: Floats, components: Ints) -> LogitFit:
    """Fit a logistic model without intercept, with cluster-robust covariance.

    Labels may be fractions (.5 is a tie: half a win for each side); weights count as repeats.
    The covariance is the sandwich over components with statsmodels' small-sample correction
    (Liang and Zeger 1986).

    Parameters
    ----------
    design
        (n, p) odd columns, scaled to comparable size.

    Raises
    ------
    EstimationError
        If the data separate the labels, the columns are collinear, or one component holds all.
    """
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    if len(np.unique(components)) < 3:
        raise EstimationError("fewer than three independent prompts, so no error can be estimated")
    if np.linalg.matrix_rank(design.T @ design, hermitian=True) < design.shape[1]:
        raise EstimationError("the columns are collinear")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fitted = GLM(label, design, family=Binomial(), freq_weights=weight).fit(
                cov_type="cluster", cov_kwds={"groups": components}
            )
        except (np.linalg.LinAlgError, ValueError, ArithmeticError) as error:
            raise EstimationError(f"the logistic fit failed: {error}") from None
    beta = np.asarray(fitted.params, dtype=np.float64)
    covariance = np.asarray(fitted.cov_params(), dtype=np.float64)
    spread = np.diag(covariance)
    if not np.isfinite(beta).all() or np.abs(beta).max() > MAX_COEFFICIENT or not fitted.converged:
        raise EstimationError("the labels are separated perfectly, so no finite effect fits them")
    if not np.isfinite(spread).all() or (spread <= 0).any():
        raise EstimationError("the logistic fit has no finite error")
    return LogitFit(beta=beta, covariance=covariance)


def ridge_logit(
    design: Floats, label: Floats, weight: Floats, penalty: Floats, start: Floats | None = None
) -> Floats:
    """Return the coefficients (p,) of a ridge logistic model without intercept.

    Minimises the weighted log loss, labels taken as fractions, plus ``penalty_j beta_j^2 / 2``,
    by Newton steps with halving.
    """
    beta = np.zeros(design.shape[1]) if start is None else start.copy()
    loss = _ridge_loss(design, label, weight, penalty, beta)
    for _ in range(50):
        chance = expit(design @ beta)
        gradient = design.T @ (weight * (chance - label)) + penalty * beta
        curved = design * (weight * chance * (1 - chance))[:, None]
        hessian = design.T @ curved + np.diag(penalty + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while True:
            moved = beta - size * step
            new = _ridge_loss(design, label, weight, penalty, moved)
            if new <= loss or size < 1e-6:
                break
            size /= 2
        gain, beta, loss = loss - new, moved, new
        if gain <= 1e-9 * (1 + abs(loss)):
            break
    return beta


def _ridge_loss(
    design: Floats, label: Floats, weight: Floats, penalty: Floats, beta: Floats
) -> float:
    score = design @ beta
    return float((weight * log_losses(score, label)).sum() + (penalty * beta * beta).sum() / 2)
