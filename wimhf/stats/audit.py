"""What the labels do with a concern: rewarded, penalised, no evidence, undecided, or not measured.

Absence of evidence is told apart from evidence of absence by an equivalence bound: two one-sided
tests (Schuirmann 1987), here an interval that lies within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wimhf.stats.effects import Effect
from wimhf.stats.inference import q_values

EQUIVALENT = 5.0
"""Points within which an effect is as good as none."""
LEVEL = 0.05
AuditVerdict = Literal["rewarded", "penalised", "no evidence", "undecided", "cannot be measured"]


@dataclass(frozen=True)
class Judgement:
    """What the labels do with one concern.

    Attributes
    ----------
    q
        Over all concerns that could be measured.
    pairs
        Labelled pairs as these that would settle an undecided concern, if its effect stays.
    """

    effect: Effect
    q: float | None
    verdict: AuditVerdict
    pairs: int | None = None


def judge(effects: Sequence[Effect], n: int) -> list[Judgement]:
    """Return what the labels do with every concern.

    Parameters
    ----------
    effects
        Of the concerns' own columns.
    n
        Labelled pairs they were measured on.
    """
    p = np.array([np.nan if e.p is None else e.p for e in effects], dtype=np.float64)
    return [_judged(e, float(q), n) for e, q in zip(effects, q_values(p), strict=True)]


def _judged(one: Effect, q: float, n: int) -> Judgement:
    effect, low, high = one.effect, one.effect_low, one.effect_high
    if effect is None or low is None or high is None or not np.isfinite(q):
        return Judgement(one, None, "cannot be measured")
    if q < LEVEL and (low > 0 or high < 0):
        return Judgement(one, q, "rewarded" if effect > 0 else "penalised")
    if -EQUIVALENT < low and high < EQUIVALENT:
        return Judgement(one, q, "no evidence")
    # the interval has to shrink until it leaves out either 0 or the bound
    room = max(abs(effect), EQUIVALENT - abs(effect))
    half = (high - low) / 2
    return Judgement(one, q, "undecided", int(np.ceil(n * max((half / room) ** 2, 1.0))))
