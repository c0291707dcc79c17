"""Example pairs of a feature, oriented so that the side with more of it comes first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Index = NDArray[np.int64]


def strongest_pairs(code: Floats, components: Index, count: int) -> Index:
    """Return the pairs with the largest |code|, at most one of each component while others remain.

    Parameters
    ----------
    code
        (n,) of one feature.
    """
    order = np.argsort(-np.abs(code), kind="stable")
    order = order[code[order] != 0]
    _, first = np.unique(components[order], return_index=True)
    distinct = order[np.sort(first)]
    rest = np.setdiff1d(order, distinct, assume_unique=True)
    rest = rest[np.argsort(-np.abs(code[rest]), kind="stable")]
    chosen: Index = np.concatenate([distinct, rest])[:count].astype(np.int64)
    return chosen
