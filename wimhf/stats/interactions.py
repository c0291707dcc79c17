"""Columns times what is asked: whether what is rewarded depends on the prompt."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats, Floats32
from wimhf.stats.design import rms_of

DIRECTIONS = 64
"""Principal directions of the differences that are multiplied; all would be d x q columns."""


def prompt_components(vectors: Floats32, count: int) -> Floats:
    """Return the scores (n, q) of prompts on their first principal components, of RMS 1.

    They are the same whichever response is called A, so that their products with odd columns are
    odd. Labels have no say.

    Parameters
    ----------
    vectors
        (n, d) of the prompts of n pairs.
    count
        Components at most; fewer where prompts vary in fewer directions.
    """
    own = vectors.astype(np.float64)
    own -= own.mean(axis=0)
    values, directions = np.linalg.eigh(own.T @ own)
    first = np.flatnonzero(values > 1e-9 * max(float(values[-1]), 1e-12))[::-1][:count]
    chosen = directions[:, first]
    largest = chosen[np.abs(chosen).argmax(axis=0), np.arange(len(first))]
    scores: Floats = own @ (chosen * np.sign(largest))  # a direction has no sign of its own
    return scores / rms_of(scores)


def products(columns: Floats, asked: Floats) -> Floats:
    """Return every column (n, m) times every component (n, q): (n, q m), of RMS 1 or 0."""
    made = (columns[:, None, :] * asked[:, :, None]).reshape(len(columns), -1)
    rms = rms_of(made)
    made /= np.where(rms > 0, rms, 1.0)
    return made


def leading(differences: Floats32) -> Floats:
    """Return differences (n, d) on their principal directions, not centred: (n, k)."""
    own = differences.astype(np.float64)
    _, directions = np.linalg.eigh(own.T @ own)
    led: Floats = own @ directions[:, ::-1][:, :DIRECTIONS]
    return led
