"""How near what a search by likeness finds is, in words."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats32, Ints
from wimhf.ui.words.figures import decimal

SAME = 0.9995
"""A cosine from which a pair is the one that others are compared with."""


def nearness(likeness: Floats32, rows: Ints) -> str:
    """Say how near the nearest pairs are, beside what any pair reaches.

    Parameters
    ----------
    likeness
        (n,) cosines of all pairs with what is searched for.
    rows
        The pairs that are shown, at least one.
    """
    own = likeness[rows]
    others = own[own < SAME]
    nearest = float(others.max()) if len(others) else float(own.max())
    return (
        f"Likeness is a cosine: 1 is the same, 0 has nothing to do with it. The nearest here has "
        f"{decimal(nearest)}; half of all pairs have {decimal(float(np.median(likeness)))} or less."
    )
