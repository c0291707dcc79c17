"""Whole components drawn from data too many for every model."""

from __future__ import annotations

import numpy as np

from wimhf.base import Ints, Mask, Stream, stream

SAMPLE_PAIRS = 200_000
"""Labelled pairs, about, from which effects are estimated."""
MODEL_PAIRS = 30_000
"""Labelled pairs, about, from which models of all features are fitted, folds and all."""


def sampled(component: Ints, most: int, rng: np.random.Generator) -> Ints:
    """Return rows, in order, of whole components drawn at random until ``most`` are there.

    All rows where there are not a tenth more: leaving out so few saves nothing.

    Parameters
    ----------
    component
        (n,) numbers of components, from 0.
    """
    if len(component) <= 1.1 * most:
        return np.arange(len(component))
    sizes = np.bincount(component)
    order = rng.spawn(1)[0].permutation(np.flatnonzero(sizes))
    last = int(np.searchsorted(np.cumsum(sizes[order]), most))
    taken = np.zeros(len(sizes), dtype=bool)
    taken[order[: last + 1]] = True
    rows: Ints = np.flatnonzero(taken[component])
    return rows


def effect_sample(component: Ints, labelled: Mask, seed: int) -> Ints:
    """Return the rows from which effects are estimated: all, or a sample of those labelled.

    The same for an analysis and for what its edits would change.

    Parameters
    ----------
    component, labelled
        (n,) of every pair, as the source has it.
    """
    known = np.flatnonzero(labelled)
    chosen = sampled(component[known], SAMPLE_PAIRS, stream(seed, Stream.SAMPLE))
    return np.arange(len(component)) if len(chosen) == len(known) else known[chosen]
