"""Columns that say nearly the same, in groups."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from wimhf.base import Floats, Ints


def group_columns(columns: Floats, distance: float) -> tuple[Ints, Floats]:
    """Return the group (m,) of every column, and their correlations (m, m).

    Average linkage on 1 - |correlation|; correlations are over both orientations of every pair,
    so not centred. Groups are numbered by their first column.

    Parameters
    ----------
    columns
        (n, m), odd. A column that is 0 throughout is alone.
    distance
        Where the tree is cut.
    """
    size = np.sqrt(np.square(columns).sum(axis=0))
    unit = np.divide(columns, size, out=np.zeros_like(columns), where=size > 0)
    related: Floats = np.clip(unit.T @ unit, -1.0, 1.0)
    m = columns.shape[1]
    if m < 2:
        return np.zeros(m, dtype=np.int64), related
    far = 1.0 - np.abs(related)
    np.fill_diagonal(far, 0.0)
    tree = linkage(squareform((far + far.T) / 2, checks=False), method="average")
    labels = fcluster(tree, t=distance, criterion="distance")
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    grouped: Ints = rank[inverse]
    return grouped, related


def speakers_of(group: Ints, score: Floats, named: Floats) -> Ints:
    """Return the column that speaks for every group: of those with a name the strongest.

    Parameters
    ----------
    score
        (m,) evidence of every column alone.
    named
        (m,) 1 where a column's words are proven or defined, else 0; where no column of a group
        has a name, the strongest speaks.
    """
    order = np.lexsort((-np.abs(score), -named, group))
    _, first = np.unique(group[order], return_index=True)
    speakers: Ints = order[first].astype(np.int64)
    return speakers
