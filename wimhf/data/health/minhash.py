"""Near-duplicate texts by MinHash (Broder 1997) and banding (Leskovec et al., ch. 3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Ints, processors

Hashes = NDArray[np.uint64]
WORDS = 3
"""Words in a shingle."""
BANDS, ROWS = 12, 6
"""Texts of similarity s are compared with chance 1 - (1 - s^6)^12: .5 at .61, .99 at .83."""
MOST_IN_BUCKET = 50
"""Texts of a larger bucket are compared with its first only."""
SIMILAR = 0.8
CHUNK = 5_000
"""Texts whose words are held at once."""


def near_duplicates(texts: pl.Series, seed: int, similar: float = SIMILAR) -> Ints:
    """Return per text (n,) the first text of its group of near-duplicates.

    Texts are compared as sets of three-word shingles, whatever their case and punctuation;
    the Jaccard similarity of two joined texts is at least ``similar`` as estimated from 72 hashes.
    Texts without words are near their equals only.
    """
    table = pl.DataFrame({"text": texts}).with_row_index("row")
    equal = table.select(pl.col("row").min().over("text").cast(pl.Int64))
    first: Ints = equal.to_series().to_numpy()
    worded = texts.str.contains(r"[\pL\pN]").to_numpy()
    rows = np.flatnonzero(worded & (first == np.arange(len(texts))))
    if len(rows) == 0:
        return first
    chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    with ThreadPoolExecutor(processors()) as pool:  # numpy lets others run meanwhile
        signatures = np.concatenate(list(pool.map(
            lambda chunk: signatures_of(texts.gather(chunk), np.random.default_rng(seed)), chunks
        )))  # fmt: skip
    group = np.arange(len(rows), dtype=np.int64)
    for one, other in _candidates(signatures):
        alike = (signatures[one] == signatures[other]).mean(axis=1) >= similar
        group = _joined(group, one[alike], other[alike])
    grouped = np.arange(len(texts), dtype=np.int64)
    grouped[rows] = rows[group]
    return grouped[first]


def signatures_of(texts: pl.Series, rng: np.random.Generator) -> Hashes:
    """Return (n, bands * rows) minima of random hashes of the shingles of texts with words.

    A shingle begins at every word; one that would run into the next text repeats the last word.
    """
    words = texts.str.to_lowercase().str.extract_all(r"[\pL\pN]+")
    lengths = words.list.len().to_numpy().astype(np.int64)
    hashed = words.explode().hash(seed=0).to_numpy().astype(np.uint64)
    starts = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(len(lengths)), lengths)
    last = (starts + lengths - 1)[owner]
    place = np.arange(len(hashed))
    shingle = np.zeros(len(hashed), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for step in range(WORDS):
            word = hashed[np.minimum(place + step, last)]
            shingle = shingle * np.uint64(0x9E3779B97F4A7C15) + word
        shingle ^= shingle >> np.uint64(31)
        out = np.empty((len(lengths), BANDS * ROWS), dtype=np.uint64)
        for column in range(out.shape[1]):
            factor = np.uint64(rng.integers(2**62, dtype=np.uint64) * np.uint64(2) + np.uint64(1))
            out[:, column] = np.minimum.reduceat(shingle * factor, starts)
    return out


def _candidates(signatures: Hashes) -> list[tuple[Ints, Ints]]:
    """Return pairs of rows that agree in a whole band."""
    candidates: list[tuple[Ints, Ints]] = []
    for band in range(BANDS):
        part = signatures[:, band * ROWS : (band + 1) * ROWS]
        with np.errstate(over="ignore"):
            key = part @ np.array([0x9E3779B1 * 31**k % 2**61 for k in range(ROWS)], np.uint64)
        order = np.argsort(key, kind="stable")
        sorted_key = key[order]
        begins = np.flatnonzero(np.r_[True, sorted_key[1:] != sorted_key[:-1]])
        sizes = np.diff(np.r_[begins, len(key)])
        first = np.repeat(order[begins], sizes)
        candidates.append((first.astype(np.int64), order.astype(np.int64)))
        for gap in range(1, min(int(sizes.max(initial=1)), MOST_IN_BUCKET)):
            same = np.flatnonzero(sorted_key[gap:] == sorted_key[:-gap])
            if len(same) == 0:
                break
            candidates.append((order[same].astype(np.int64), order[same + gap].astype(np.int64)))
    return candidates


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
