"""Connected components, and whole components dealt into parts and folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components as _graph_components

from wimhf.base import Ints


def linked_components(keys: list[Ints], n: int) -> Ints:
    """Return the connected component (n,) of rows that share any key.

    Parameters
    ----------
    keys
        Arrays (n,) of non-negative group numbers; -1 links a row to nothing. An array (n, c) links
        rows that share a number in any of its columns.
    """
    graphs = []
    offset = n
    for key in keys:
        columns = key.reshape(n, -1)
        linked, column = np.nonzero(columns >= 0)
        graphs.append((linked, columns[linked, column] + offset))
        offset += int(key.max(initial=-1)) + 1
    rows = np.concatenate([rows for rows, _ in graphs]) if graphs else np.empty(0, np.int64)
    cols = np.concatenate([cols for _, cols in graphs]) if graphs else np.empty(0, np.int64)
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(offset, offset))
    labels = _graph_components(graph, directed=False)[1][:n]
    # numbered by first appearance, so that nothing depends on scipy's order of visiting
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[inverse]
    return numbered


def grouped_parts(
    components: Ints, shares: tuple[float, ...], rng: np.random.Generator
) -> NDArray[np.int8]:
    """Deal whole components into parts whose sizes come close to ``shares`` (which sum to 1).

    Large components are dealt first, each to the part that lacks most; the order among equals
    is drawn by ``rng``.
    """
    sizes = np.bincount(components)
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    wanted = [share * len(components) for share in shares]
    filled = [0] * len(shares)
    lacks = [1.0] * len(shares)
    part_of = np.zeros(len(sizes), dtype=np.int8)
    for component, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        part = lacks.index(max(lacks))
        part_of[component] = part
        filled[part] += size
        lacks[part] = (wanted[part] - filled[part]) / wanted[part]
    return part_of[components]


def spread_rows(rows: Ints, components: Ints, rng: np.random.Generator) -> Ints:
    """Return rows in a random order in which no component comes twice before all came once.

    Parameters
    ----------
    components
        (n,) of all rows, not only of these.
    """
    drawn = rng.permutation(rows)
    seen: dict[int, int] = {}
    turn = []
    for one in components[drawn].tolist():
        turn.append(seen.get(one, 0))
        seen[one] = turn[-1] + 1
    ordered: Ints = drawn[np.argsort(np.array(turn, dtype=np.int64), kind="stable")]
    return ordered


def fold_numbers(component: Ints, count: int, rng: np.random.Generator) -> Ints | None:
    """Return the fold (n,) of every pair, whole components in one; None where there are too few."""
    if len(np.unique(component)) < count:
        return None
    return grouped_parts(component, (1 / count,) * count, rng).astype(np.int64)
