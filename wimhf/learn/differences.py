"""Differences e(A) - e(B): the only place that knows about sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats32, Ints, Mask, large_array
from wimhf.errors import EstimationError


@dataclass(frozen=True)
class Differences:
    """Scaled differences of every pair.

    Attributes
    ----------
    values
        (n, d) float32, already divided by ``scale``. Swapping A and B negates a row exactly.
    scale
        RMS length of the unscaled differences on the fitting pairs.
    """

    values: Floats32
    scale: float


def pair_differences(
    embeddings: Floats32, text_a: Ints, text_b: Ints, block: int = 65_536
) -> Floats32:
    """Return e(A) - e(B) of every pair (n, d), unscaled; on the disk where that is large.

    Parameters
    ----------
    embeddings
        (t, d) vectors of unique texts; may be memory-mapped.
    text_a, text_b
        (n,) row of each pair's response in ``embeddings``.
    block
        Pairs that are read at once.
    """
    values = large_array((len(text_a), embeddings.shape[1]))
    for start in range(0, len(text_a), block):
        rows = slice(start, start + block)
        np.subtract(embeddings[text_a[rows]], embeddings[text_b[rows]], out=values[rows])
    return values


def difference(
    embeddings: Floats32, text_a: Ints, text_b: Ints, fit: Mask, block: int = 65_536
) -> Differences:
    """Subtract the embeddings of the two responses and divide by one scalar.

    Never centred (a mean is not odd) and never scaled row by row (that would discard how much
    the responses differ). Identical responses give exactly 0.

    Parameters
    ----------
    embeddings, text_a, text_b
        As ``pair_differences`` takes them.
    fit
        (n,) True for the pairs that set the scale.

    Raises
    ------
    EstimationError
        If all fitting pairs have identical responses, so that nothing differs.
    """
    values = pair_differences(embeddings, text_a, text_b, block)
    # accumulated in blocks: float64 squares of a million pairs at once would not fit
    total, count = 0.0, 0
    for start in range(0, len(values), block):
        chosen = values[start : start + block][fit[start : start + block]]
        total += float(np.einsum("ij,ij->", chosen, chosen, dtype=np.float64))
        count += len(chosen)
    scale = float(np.sqrt(total / max(count, 1)))
    if scale == 0.0 or not np.isfinite(scale):
        raise EstimationError(
            "the two responses are identical in every pair, so there is nothing to measure"
        )
    values /= np.float32(scale)
    return Differences(values=values, scale=scale)
