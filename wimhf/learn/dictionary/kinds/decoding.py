"""What the features of a given encoder add to a difference."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from wimhf.base import Floats32
from wimhf.learn.dictionary.kinds.stored import unit_rows
from wimhf.learn.dictionary.kinds.thresholded import Thresholded

Given = TypeVar("Given", bound=Thresholded)
FITTED = 20_000
"""Pairs by which a decoder is fitted at most."""
RIDGE = 1e-3
"""Penalty, as a share of the mean square of a code."""


def written_by(dictionary: Given, fit: Floats32) -> Given:
    """Return a dictionary whose decoder writes fitting pairs best from its codes.

    Codes are scaled so that the decoder's rows have length 1; which of them are 0 stays.

    Parameters
    ----------
    fit
        (n, d) differences.
    """
    some = fit[:FITTED]
    codes = dictionary.encode(some).astype(np.float64)
    gram = codes.T @ codes
    penalty = RIDGE * max(float(gram.diagonal().mean()), float(np.finfo(np.float32).tiny))
    rows = np.linalg.solve(gram + penalty * np.eye(len(gram)), codes.T @ some)
    size = np.maximum(np.linalg.norm(rows, axis=1), 1e-6).astype(np.float32)
    return replace(
        dictionary,
        decoder=unit_rows(rows.astype(np.float32)),
        encoder=dictionary.encoder * size[:, None],
        threshold=dictionary.threshold * size,
    )
