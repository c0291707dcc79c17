"""Frozen linear probes of concepts on differences: what dictionaries are held against.

After Makelov, Lange and Nanda (2024), "Towards principled evaluations of sparse autoencoders for
interpretability and control" (arXiv 2405.08366): attributes that are known, each with a probe on
the vectors themselves, fitted once and the same for every dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Floats32, Ints, Mask
from wimhf.stats import ridge_weights

LEAST_ACTIVE = 20
"""Held-out pairs whose sides a concept must tell apart to judge a dictionary by it."""
LEAST_RIGHT = 0.7
"""Share of these that its probe must get right: what the vectors do not hold judges nobody."""
MOST_CONCEPTS = 40


@dataclass(frozen=True)
class Probes:
    """Concepts that the vectors hold.

    Attributes
    ----------
    concepts
        (c,) which columns of the bank.
    truth
        (n, c) -1, 0 or 1: the side that has more, 0 where neither has.
    weights
        (d, c) the probes; their score is positive where A has more.
    right
        (c,) share of held-out pairs with a side that they get right.
    """

    concepts: Ints
    truth: Floats32
    weights: Floats
    right: Floats

    def scores(self, differences: Floats32) -> Floats:
        """Return what the probes say of differences (n, d), (n, c)."""
        return np.asarray(differences.astype(np.float64) @ self.weights)


def concept_probes(differences: Floats32, bank: Floats32, fit: Mask, test: Mask) -> Probes:
    """Fit probes of concepts; keep the most frequent of those that the vectors hold.

    Parameters
    ----------
    differences, bank
        (n, d), and (n, c) odd concept columns.
    fit, test
        (n,) which pairs fit the probes, and which say whether a concept is held.
    """
    truth = np.sign(bank).astype(np.float32)
    active = np.count_nonzero(truth[test], axis=0)
    enough = np.flatnonzero((active >= LEAST_ACTIVE) & truth[fit].any(axis=0))
    weights = ridge_weights(differences[fit], truth[fit][:, enough])
    said = np.sign(differences[test].astype(np.float64) @ weights)
    right = right_share(said, truth[test][:, enough])
    kept = np.flatnonzero(right >= LEAST_RIGHT)
    kept = np.sort(kept[np.argsort(-active[enough][kept], kind="stable")][:MOST_CONCEPTS])
    return Probes(enough[kept], truth[:, enough[kept]], weights[:, kept], right[kept])


def right_share(said: Floats, truth: Floats | Floats32) -> Floats:
    """Return per concept (c,) the share of pairs with a side that is named rightly.

    Where no side is named, half is right.
    """
    sided = truth != 0
    hits = (np.where(sided, np.sign(said) * truth, 0.0).sum(axis=0) + sided.sum(axis=0)) / 2
    return np.asarray(hits / np.maximum(sided.sum(axis=0), 1))
