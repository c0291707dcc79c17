"""How strong features are in one pair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wimhf.base import Floats
from wimhf.curate.rules.facts import Facts


def pair_codes(facts: Facts, features: Sequence[int], row: int) -> Floats:
    """Return a pair's code of each feature (m,), in its described pole and units of its RMS.

    Parameters
    ----------
    row
        Of the pair table.
    """
    groups = {one.feature: one.whole for one in facts.features}
    active = facts.codes.of_pair(row, facts.poles, {n: groups[n] for n in features})
    units = {number: _rms(facts, groups[number]) for number in active}
    return np.array([active[n] / units[n] if n in active else 0.0 for n in features])


def _rms(facts: Facts, whole: Sequence[int]) -> float:
    """Return the root mean square of a feature's code; only a merged one's is added up."""
    if len(whole) == 1:
        return facts.codes.rms(whole[0])
    return float(np.sqrt(np.square(facts.codes.together(facts.poles, whole)).mean()))
