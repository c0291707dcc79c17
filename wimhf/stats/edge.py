"""Effects near the edge, where the side with more nearly always or nearly never wins.

There a normal interval around the coefficient fails, and a coefficient may not be finite at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq

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
    fit = firth_logit(design, label, weight)
    fit = LogitFit(fit.beta, fit.covariance / clustering**2)
    beta, step = float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0]))

    def rejected(value: float) -> float:
        """Return by how much the test of a value is beyond its reach, on either side."""
        return clustering * abs(tested(value)) - reach

    low, high = (_crossing(rejected, beta, turn * step, turn * most) for turn in (-1, 1))
    return EdgeEffect(fit, low, high)


def _crossing(rejected: Callable[[float], float], start: float, step: float, most: float) -> float:
    """Return where going from an accepted value outward first meets a rejected one."""
    inside, outside, close = start, start + step, 1e-3 * abs(step)
    while abs(outside) < abs(most) or outside * most < 0:
        if rejected(outside) > 0:
            return (
                float(brentq(rejected, inside, outside, xtol=close))
                if rejected(inside) < 0
                else inside
            )
        inside, outside, step = outside, outside + 2 * step, 2 * step
    return most


def _score_test(
    z: Floats, controls: Floats, label: Floats, weight: Floats
) -> Callable[[float], float]:
    """Return the score of a coefficient's value over the model's error, the controls fitted."""
    ridge = 1e-9 * len(z) * np.eye(controls.shape[1])
    turned = np.ascontiguousarray(controls.T)  # few long rows are multiplied far faster
    won, half = weight * (label - 0.5), 0.5 * weight
    gamma = np.zeros(controls.shape[1])  # values are tested near one another: so are their fits

    @cache
    def tested(beta: float) -> float:
        nonlocal gamma
        offset = beta * z
        for _ in range(STEPS):
            lean = np.tanh(0.5 * (offset + controls @ gamma))  # the chance is (1 + lean) / 2
            error, curve = won - half * lean, 0.5 * half * (1 - lean * lean)
            curved = (turned * curve) @ controls + ridge
            step = np.linalg.solve(curved, turned @ error)
            if np.abs(step).max(initial=0.0) < 1e-6:
                break
            gamma = gamma + np.clip(step, -1, 1)
        own = z - controls @ np.linalg.solve(curved, turned @ (curve * z))
        size = float(np.sqrt((curve * own * own).sum()))
        return float(error @ own) / max(size, 1e-12)

    return tested
