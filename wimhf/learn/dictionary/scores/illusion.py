"""Whether directions point where differences go.

A direction outside the subspace in which differences vary can change a probe and yet say nothing
of the data: Makelov, Lange and Nanda (2023), "Is this the subspace you are looking for? An
interpretability illusion for subspace activation patching" (arXiv 2311.17030).
"""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats, Floats32

HELD = 0.95
"""Share of the squares of the differences that the principal subspace holds."""


def outside_share(directions: Floats32, differences: Floats32, held: float = HELD) -> Floats:
    """Return the share (m,) of each direction's square that lies outside the principal subspace.

    Parameters
    ----------
    directions
        (m, d) unit rows.
    differences
        (n, d) of the fitting pairs; uncentred, so that swapping sides changes nothing.
    held
        What the subspace holds of their squares.
    """
    own = differences.astype(np.float64)
    values, vectors = np.linalg.eigh(own.T @ own)
    values = np.clip(values[::-1], 0.0, None)
    total = values.sum()
    if total == 0:
        return np.ones(len(directions))
    kept = int(np.searchsorted(np.cumsum(values), held * total)) + 1
    inside = directions.astype(np.float64) @ vectors[:, ::-1][:, :kept]
    size = np.square(directions, dtype=np.float64).sum(axis=1)
    share = 1 - np.square(inside).sum(axis=1) / np.where(size > 0, size, 1.0)
    return np.asarray(np.clip(share, 0.0, 1.0))
