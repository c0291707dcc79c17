"""Near-duplicate texts by MinHash (Broder 1997) and banding (Leskovec et al., ch. 3)."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
WORDS = 3
"""Words in a shingle."""
BANDS, ROWS = 12, 6
"""Texts of similarity s are compared with chance 1 - (1 - s^6)^12: .5 at .61, .99 at .83."""
MOST_IN_BUCKET = 50
"""Texts of a larger bucket are compared with its first only."""
SIMILAR = 0.8


def near_duplicates(texts: pl.Series, seed: int, similar: float = SIMILAR) -> Ints:
    """Return a group number (n,) per text; texts of a group are near-duplicates of one another.

    Texts are compared as sets of three-word shingles, whatever their case and punctuation;
    the Jaccard similarity of two joined texts is at least ``similar`` as estimated from 72 hashes.
    """
    signatures = _signatures(texts, np.random.default_rng(seed))
    group = np.arange(len(texts), dtype=np.int64)
    for one, other in _candidates(signatures):
        alike = (signatures[one] == signatures[other]).mean(axis=1) >= similar
        group = _joined(group, one[alike], other[alike])
    return group


def _signatures(texts: pl.Series, rng: np.random.Generator) -> Hashes:
    """Return (n, bands * rows) minima of random hashes of each text's shingles."""
    words = texts.str.to_lowercase().str.extract_all(r"[\pL\pN]+")
    lengths = words.list.len().to_numpy().astype(np.int64)
    hashed = words.explode().hash(seed=0).to_numpy().astype(np.uint64)
    hashed = hashed[np.repeat(lengths > 0, np.maximum(lengths, 1))]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    # shingles may begin anywhere but run into the next text; there the last words are repeated
    owner = np.repeat(np.arange(len(lengths)), lengths)
    last = (starts + lengths - 1)[owner]
    place = np.arange(len(hashed))
    shingle = np.zeros(len(hashed), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for step in range(WORDS):
            word = hashed[np.minimum(place + step, last)]
            shingle = shingle * np.uint64(0x9E3779B97F4A7C15) + word
        out = np.full((len(lengths), BANDS * ROWS), np.iinfo(np.uint64).max, dtype=np.uint64)
        filled = np.flatnonzero(lengths > 0)
        for column in range(out.shape[1]):
            factor = np.uint64(rng.integers(2**62, dtype=np.uint64) * np.uint64(2) + np.uint64(1))
            mixed = (shingle ^ (shingle >> np.uint64(31))) * factor
            if len(filled):
                out[filled, column] = np.minimum.reduceat(mixed, starts[filled])
    return out


def _candidates(signatures: Hashes) -> list[tuple[Ints, Ints]]:
    """Return pairs of rows that agree in a whole band."""
    found: list[tuple[Ints, Ints]] = []
    for band in range(BANDS):
        part = signatures[:, band * ROWS : (band + 1) * ROWS]
        with np.errstate(over="ignore"):
            key = part @ np.array([0x9E3779B1 * 31**k % 2**61 for k in range(ROWS)], np.uint64)
        order = np.argsort(key, kind="stable")
        sorted_key = key[order]
        begins = np.flatnonzero(np.r_[True, sorted_key[1:] != sorted_key[:-1]])
        sizes = np.diff(np.r_[begins, len(key)])
        first = np.repeat(order[begins], sizes)
        found.append((first.astype(np.int64), order.astype(np.int64)))
        for gap in range(1, min(int(sizes.max(initial=1)), MOST_IN_BUCKET)):
            same = np.flatnonzero(sorted_key[gap:] == sorted_key[:-gap])
            if len(same) == 0:
                break
            found.append((order[same].astype(np.int64), order[same + gap].astype(np.int64)))
    return found


def _joined(group: Ints, one: Ints, other: Ints) -> Ints:
    """Return groups in which the given rows are together."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    n = len(group)
    edges = sparse.coo_matrix((np.ones(len(one)), (group[one], group[other])), shape=(n, n))
    label = connected_components(edges, directed=False)[1]
    merged: Ints = label[group].astype(np.int64)
    _, smallest, inverse = np.unique(merged, return_index=True, return_inverse=True)
    numbered: Ints = smallest[inverse].astype(np.int64)
    return numbered
