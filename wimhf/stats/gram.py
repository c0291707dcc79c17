"""Weighted products of columns with one another."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats

ROWS = 16_384
"""Rows that are weighted at once: weighted all at once, a large design would be held twice."""


def gram(columns: Floats, weight: Floats) -> Floats:
    """Return the sum (p, p) over rows of weight times the products of the columns (n, p).

    Parameters
    ----------
    weight
        (n,) of the rows, none below 0.
    """
    root, p = np.sqrt(weight), columns.shape[1]
    total = np.zeros((p, p))
    for start in range(0, len(columns), ROWS):
        rows = slice(start, start + ROWS)
        own = columns[rows] * root[rows, None]
        total += own.T @ own  # the same array on both sides: only half of it is computed
    return total
