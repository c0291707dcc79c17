"""How values of several groups share out over the same bins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import ArrayLike


def binned(groups: Mapping[str, ArrayLike], edges: ArrayLike) -> pl.DataFrame:
    """Return how many values of each group lie in which bin.

    Parameters
    ----------
    groups
        Values by the group's name.
    edges
        (b + 1,) rising; a bin holds its lower edge, the last one both.

    Returns
    -------
    DataFrame
        group, low, high, count and share (of the group's values), one row per group and bin.
    """
    bounds = np.asarray(edges)
    parts = []
    for name, values in groups.items():
        counts, _ = np.histogram(np.asarray(values), bounds)
        parts.append(pl.DataFrame({
            "group": [name] * len(counts), "low": bounds[:-1], "high": bounds[1:],
            "count": counts, "share": counts / max(np.size(values), 1),
        }))  # fmt: skip
    return pl.concat(parts)
