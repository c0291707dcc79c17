"""Effects near the edge, where the side with more nearly always or nearly never wins.

There a normal interval around the coefficient fails, and a coefficient may not be finite at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from wimhf.base import Floats
from wimhf.stats.logit import MAX_LOG_ODDS, LogitFit, firth_logit

EDGE = 5.0
"""Independent prompts on the rarer side below which an effect is at the edge."""
STEPS = 50


@dataclass(frozen=True)
class EdgeEffect:
    """A model of a column at the edge, and its coefficient's interval."""

    fit: LogitFit
    low: float
    high: float


def edge_effect(
    design: Floats, label: Floats, weight: Floats, score: float, reach: float
) -> EdgeEffect:
    """Return a column's coefficient and its interval where few prompts are on the rarer side.

    The coefficient is Firth's (1993), which is always finite. The interval holds the values that
    a score test does not reject (Rao 1948), as Wilson's of a share does. The test's error is the
    model's, widened by what clusters do to the score of no effect, so that 0 is inside exactly
    where the robust score is within its reach.

    Parameters
    ----------
    design
        (n, 1 + c) the column, then the controls.
    score
        The column's robust score.
    reach
        Quantile that the score is held against.
    """
    z, controls = design[:, 0], design[:, 1:]
    most = MAX_LOG_ODDS / float(np.abs(z).max())
    tested = _score_test(z, controls, label, weight)
    clustering = abs(score / tested(0.0)) if score else 1.0

    def bound(wanted: float) -> float:
        def off(beta: float) -> float:
            return clustering * tested(beta) - wanted

        if off(-most) <= 0:
            return -most
        return most if off(most) >= 0 else float(brentq(off, -most, most, xtol=1e-4))

    fit = firth_logit(design, label, weight)
    fit = LogitFit(fit.beta, fit.covariance / clustering**2)
    return EdgeEffect(fit, bound(reach), bound(-reach))


def _score_test(
    z: Floats, controls: Floats, label: Floats, weight: Floats
) -> Callable[[float], float]:
    """Return the score of a coefficient's value over the model's error, the controls fitted."""
    gamma = np.zeros(controls.shape[1])

    def tested(beta: float) -> float:
        for _ in range(STEPS):
            chance = expit(beta * z + controls @ gamma)
            curve = weight * chance * (1 - chance)
            gram = controls.T @ (controls * curve[:, None])
            slope = controls.T @ (weight * (label - chance))
            step = np.linalg.pinv(gram, hermitian=True) @ slope if len(gamma) else gamma
            gamma[:] = gamma + np.clip(step, -1, 1)
            if np.abs(step).max(initial=0.0) < 1e-6:
                break
        own = z - controls @ (np.linalg.pinv(gram, hermitian=True) @ (controls.T @ (z * curve)))
        size = float(np.sqrt((curve * own * own).sum()))
        return float((weight * (label - chance)) @ own) / max(size, 1e-12)

    return tested
