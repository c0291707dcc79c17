"""How true a description is, on pairs that chose nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Ints
from wimhf.stats import (
    Interval,
    bootstrap_correlation,
    odd_correlation,
    percentile_interval,
    two_sided_p,
)

DRAWS = 500
MIN_ACTIVE = 5
"""Active test pairs below which a fidelity would be an anecdote."""


@dataclass(frozen=True)
class Fidelity:
    """What a description's predictions are worth on one split.

    Attributes
    ----------
    correlation
        Between prediction and code over all pairs of the split, zeros included.
    p
        Two-sided, from the bootstrap over components.
    sign_accuracy
        Share of active pairs where the prediction names the right response; ties count half.
    active
        Active pairs behind it.
    reason
        Why the numbers are absent, if they are.
    """

    correlation: Interval
    p: float | None
    sign_accuracy: float | None
    active: int
    reason: str | None = None

    def columns(self) -> dict[str, object]:
        """Return the numbers under their names in the tables of descriptions."""
        return {
            "fidelity": self.correlation.value, "fidelity_low": self.correlation.low,
            "fidelity_high": self.correlation.high, "fidelity_p": self.p,
            "sign_accuracy": self.sign_accuracy, "active_test": self.active,
            "reason": self.reason,
        }  # fmt: skip


def correlation(predicted: Floats, code: Floats) -> float:
    """Return the score by which descriptions compete on the select split."""
    return odd_correlation(predicted, code)


def fidelity(
    predicted: Floats, code: Floats, components: Ints, rng: np.random.Generator
) -> Fidelity:
    """Judge predictions on held-out pairs.

    Parameters
    ----------
    predicted, code
        (n,) in the described pole.
    components
        (n,) resampled as a whole.
    """
    return weighted_fidelity(predicted, code, components, np.ones(len(code)), rng)


def weighted_fidelity(
    predicted: Floats,
    code: Floats,
    components: Ints,
    weight: Floats,
    rng: np.random.Generator,
) -> Fidelity:
    """Judge predictions on a sample of held-out pairs, each weighted by what it stands for."""
    active = np.flatnonzero(code)
    if len(active) < MIN_ACTIVE:
        reason = f"active in only {len(active)} held-out pairs"
        return Fidelity(Interval(None, None, None), None, None, len(active), reason)
    draws = bootstrap_correlation(predicted, code, components, DRAWS, rng, weight)
    spread = float(np.arctanh(np.clip(draws[1:], -0.999999, 0.999999)).std(ddof=1))
    value = float(np.clip(draws[0], -0.999999, 0.999999))
    p = float(two_sided_p(np.array([np.arctanh(value) / spread]))[0]) if spread > 0 else None
    agrees = np.sign(predicted[active]) * np.sign(code[active])
    return Fidelity(
        correlation=percentile_interval(draws),
        p=p,
        sign_accuracy=float(np.average((agrees + 1) / 2, weights=weight[active])),
        active=len(active),
    )
