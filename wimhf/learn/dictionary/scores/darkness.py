"""Dark matter: what a dictionary leaves out, and whether it could have been had.

After Engels, Smith and Tegmark (2024), "Decomposing the dark matter of sparse autoencoders"
(arXiv 2410.14670).
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from wimhf.base import Floats, Floats32, Ints, Mask
from wimhf.stats import ridge_weights

TOP_UP = 1e-8


class Darkness(TypedDict):
    """What is left, and how much of that is the encoder's fault."""

    residual_r2: float
    pursuit_gap: float


def darkness(
    differences: Floats32,
    decoded: Floats32,
    codes: Floats32,
    directions: Floats32,
    fit: Mask,
    test: Mask,
) -> Darkness:
    """Measure what the residual is made of.

    Parameters
    ----------
    differences, decoded, codes
        (n, d), (n, d) and (n, m) of every pair.
    directions
        (m, d) unit rows.

    Returns
    -------
    dict
        ``residual_r2``: held-out share of the residual's squares that a ridge from the difference
        predicts, 0 where it is noise to a linear map. ``pursuit_gap``: variance explained by
        orthogonal matching pursuit with the same directions, as many in each pair as its codes,
        less that of the codes: what a better encoder would find.
    """
    residual = differences - decoded
    beta = ridge_weights(differences[fit], residual[fit])
    left = residual[test] - differences[test].astype(np.float64) @ beta
    size = _energy(residual[test])
    held, total = differences[test], _energy(differences[test])
    counts = np.count_nonzero(codes[test], axis=1)
    gap = 0.0
    if total > 0:
        gap = (size - _energy(held - pursuit(held, directions, counts))) / total
    return {
        "residual_r2": 1 - _energy(left) / size if size > 0 else 0.0,
        "pursuit_gap": gap,
    }


def _energy(values: Floats | Floats32) -> float:
    return float(np.square(values, dtype=np.float64).sum())


def pursuit(differences: Floats32, directions: Floats32, counts: Ints) -> Floats32:
    """Return what so many directions rebuild of each pair, chosen greedily and refitted: (n, d).

    Orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993).

    Parameters
    ----------
    counts
        (n,) directions of each pair.
    """
    rows = directions.astype(np.float64)
    gram, rebuilt = rows @ rows.T, np.zeros(differences.shape)
    projected = differences.astype(np.float64) @ rows.T
    going = np.flatnonzero(counts > 0)
    chosen: Ints = np.empty((len(going), 0), dtype=np.int64)
    weights: Floats = np.empty((len(going), 0))
    for step in range(min(int(counts.max(initial=0)), len(rows))):
        kept = counts[going] > step
        going, chosen, weights = going[kept], chosen[kept], weights[kept]
        wanted, pairs = projected[going], np.arange(len(going))[:, None]
        gain = np.abs(wanted - np.einsum("ns,nsm->nm", weights, gram[chosen]))
        gain[pairs, chosen] = -1.0
        chosen = np.column_stack([chosen, gain.argmax(axis=1)])
        own = gram[chosen[:, :, None], chosen[:, None, :]] + TOP_UP * np.eye(step + 1)
        solved = np.linalg.solve(own, wanted[pairs, chosen][..., None])[..., 0]
        weights = np.asarray(solved, dtype=np.float64)
        rebuilt[going] = np.einsum("ns,nsd->nd", weights, rows[chosen])
    return rebuilt.astype(np.float32)
