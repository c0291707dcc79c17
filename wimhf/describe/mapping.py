"""Lexical mapping: what words the codes, all together, move.

The idea of LexVLA (Li et al. 2024, "Unified lexical representation for interpretable
visual-language alignment", arXiv 2407.17827): vectors are read through a map into a vocabulary.
Here a ridge regression from the codes of a pair to its word differences; where features go
together, a word counts for the one that moves it.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from wimhf.base import Floats

RIDGE = 0.05
"""Penalty per pair, on codes of RMS 1."""
MOST = 3
"""Words of a name."""


def word_map(codes: Floats, words: sparse.csc_array) -> Floats:
    """Return how far each code moves each word (m, p), in RMS of either; odd in the codes.

    Parameters
    ----------
    codes
        (n, m) of the fitting pairs.
    words
        (n, p) word differences.
    """
    n, m = codes.shape
    size = np.sqrt(np.square(codes).mean(axis=0)) if n else np.zeros(m)
    unit = codes / np.where(size > 0, size, 1.0)
    crossed = np.asarray(words.T @ unit).T
    beta = cho_solve(cho_factor(unit.T @ unit + RIDGE * max(n, 1) * np.eye(m)), crossed)
    rms = np.sqrt(np.asarray(words.multiply(words).mean(axis=0)).ravel()) if n else np.zeros(0)
    return np.asarray(beta / np.where(rms > 0, rms, 1.0))
