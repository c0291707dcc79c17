"""How much of a discovered feature the written bank knows already."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from wimhf.base import Floats, Ints

KNOWN = 0.5
"""Known share from which a feature is mostly a concept of the bank, not a new one."""
RIDGE = 0.05
"""Penalty per fitting pair, on columns of RMS 1."""


def known_shares(
    concepts: sparse.csc_array, codes: Floats, fit: Ints, test: Ints
) -> tuple[Floats, Ints]:
    """Return per feature its held-out multiple correlation with the concepts, and the nearest one.

    A ridge of the concepts' columns, without intercept, predicts the code.

    Parameters
    ----------
    concepts, codes
        (n, c) and (n, m), odd.

    Returns
    -------
    tuple
        (m,) shares, 0 where nothing is known; (m,) the concept with the largest |correlation| on
        the fitting pairs, -1 where there is none.
    """
    m = codes.shape[1]
    if concepts.shape[1] == 0 or m == 0:
        return np.zeros(m), np.full(m, -1, dtype=np.int64)
    own = sparse.csr_array(concepts, dtype=np.float64)
    rows = own[fit]
    scale = np.sqrt(np.asarray(rows.multiply(rows).mean(axis=0)).ravel())
    unit = sparse.diags_array(1 / np.where(scale > 0, scale, 1.0))
    rows, held = rows @ unit, own[test] @ unit
    crossed = np.asarray(rows.T @ codes[fit])
    gram = np.asarray((rows.T @ rows).todense()) + RIDGE * len(fit) * np.eye(len(scale))
    predicted = held @ cho_solve(cho_factor(gram), crossed)
    size = np.sqrt(np.square(predicted).sum(axis=0) * np.square(codes[test]).sum(axis=0))
    raw = (predicted * codes[test]).sum(axis=0)
    shares = np.divide(raw, size, out=np.zeros(m), where=size > 0)
    nearest: Ints = np.abs(crossed).argmax(axis=0).astype(np.int64)
    return np.clip(shares, 0.0, 1.0), nearest
