"""Making log odds say what they promise (Platt 1999), alike from either side of a pair."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from wimhf.base import Floats

STEEPEST = 20.0
"""Times that log odds may be stretched: labels that models foresee perfectly have no best slope."""


def odds_slope(log_odds: Floats, won: Floats) -> float:
    """Return by what log odds must be multiplied to be right on average; never below 0.

    The maximum-likelihood slope of a logistic model without a constant, so that exchanging the
    sides of pairs changes nothing.

    Parameters
    ----------
    log_odds
        (n,) that the first response is preferred, from models that never saw the pair.
    won
        (n,) 1 where it was, 0 where it was not; fractions allowed.
    """
    toward = log_odds * (2 * won - 1)
    if not len(toward) or not np.any(toward):
        return 1.0

    def loss(slope: float) -> float:
        return float(np.logaddexp(0.0, -slope * toward).mean())

    return float(minimize_scalar(loss, bounds=(0.0, STEEPEST), method="bounded").x)
