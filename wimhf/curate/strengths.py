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
    codes = np.zeros(len(features))
    for place, number in enumerate(features):
        code = facts.code(number)
        if code[row]:
            codes[place] = code[row] / np.sqrt(np.square(code).mean())
    return codes
