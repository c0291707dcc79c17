"""How good a dictionary is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from wimhf.base import Floats, Floats32
from wimhf.learn.dictionary.protocol import Dictionary


def variance_explained(dictionary: Dictionary, differences: Floats32) -> float:
    """Return 1 - sum||delta - delta_hat||^2 / sum||delta||^2, uncentred."""
    left, total = 0.0, 0.0
    for start in range(0, len(differences), 65_536):
        block = differences[start : start + 65_536]
        error = block - dictionary.decode(dictionary.encode(block))
        left += float(np.einsum("ij,ij->", error, error, dtype=np.float64))
        total += float(np.einsum("ij,ij->", block, block, dtype=np.float64))
    return 1.0 - left / total if total > 0 else 0.0


def swap_error(dictionary: Dictionary, differences: Floats32) -> float:
    """Return sum|f(d) + f(-d)| / sum|f(d)|; 0 for an odd dictionary."""
    codes = dictionary.encode(differences)
    swapped = dictionary.encode(-differences)
    size = float(np.abs(codes).sum(dtype=np.float64))
    return float(np.abs(codes + swapped).sum(dtype=np.float64)) / size if size > 0 else 0.0


def evaluate(dictionary: Dictionary, differences: Floats32) -> dict[str, float]:
    """Measure a dictionary on held-out differences.

    Returns
    -------
    dict
        variance_explained, mean_active (features per pair), dead_share (features never active
        here), swap_error, max_cosine and mean_max_cosine (redundancy of directions),
        max_code_correlation.
    """
    codes = dictionary.encode(differences)
    active = codes != 0
    cosine = np.abs(dictionary.directions @ dictionary.directions.T)
    np.fill_diagonal(cosine, 0.0)
    length = np.sqrt(np.square(codes, dtype=np.float64).sum(axis=0))
    gram = codes.T.astype(np.float64) @ codes
    outer = np.outer(length, length)
    related = np.abs(np.divide(gram, outer, out=np.zeros_like(gram), where=outer > 0))
    np.fill_diagonal(related, 0.0)
    return {
        "variance_explained": variance_explained(dictionary, differences),
        "mean_active": float(active.sum(axis=1).mean()),
        "dead_share": float((~active.any(axis=0)).mean()),
        "swap_error": swap_error(dictionary, differences),
        "max_cosine": float(cosine.max()),
        "mean_max_cosine": float(cosine.max(axis=1).mean()),
        "max_code_correlation": float(related.max()),
    }


def stability(dictionary: Dictionary, others: Sequence[Dictionary]) -> Floats | None:
    """Return per feature the mean |cosine| with its match in dictionaries of other seeds (m,).

    Matches are one to one, so that the sum of |cosine| is largest (Hungarian method). None where
    there is no other dictionary.
    """
    if not others:
        return None
    matched = [matched_cosines(dictionary.directions, other.directions) for other in others]
    mean: Floats = np.mean(matched, axis=0)
    return mean


def matched_cosines(mine: Floats32, its: Floats32) -> Floats:
    """Return per direction (m,) the |cosine| with its one match among others (m', d).

    0 where the others are too few.
    """
    cosine = np.abs(mine @ its.T)
    own, other = linear_sum_assignment(-cosine)
    cosines = np.zeros(len(mine))
    cosines[own] = cosine[own, other]
    return cosines
