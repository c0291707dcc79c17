"""How unlike known pairs new pairs are, by what a dictionary makes of them.

Two scores that do not change when sides are swapped: which share of a pair is left over, and how
rare the features are that are active in it. Either is per pair's own size, or else data whose
responses differ less would pass for familiar; size alone is told beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Floats32

SMOOTHING = 0.5
"""Pairs added to either count of a feature, active and not (Jeffreys)."""


@dataclass(frozen=True)
class Novelty:
    """Scores of pairs, higher where they are less like those known.

    Attributes
    ----------
    residual
        (n,) log share of a pair's square that is left over.
    density
        (n,) minus the log chance of its active features, as if they were independent, per feature.
    both
        (n,) the sum of the two, each in standard deviations of the known pairs.
    size
        (n,) length of the difference: what needs no dictionary.
    """

    residual: Floats
    density: Floats
    both: Floats
    size: Floats


def novelty(
    known: tuple[Floats32, Floats32, Floats32], new: tuple[Floats32, Floats32, Floats32]
) -> tuple[Novelty, Novelty]:
    """Return the scores of known pairs and of new ones.

    Parameters
    ----------
    known, new
        Differences (n, d), what is left of them (n, d) and codes (n, m), of pairs that fitted
        nothing.
    """
    active = np.count_nonzero(known[2], axis=0)
    frequency = (active + SMOOTHING) / (len(known[2]) + 2 * SMOOTHING)
    sizes = [_squares(differences) for differences, _, _ in (known, new)]
    parts = [
        np.column_stack([_share_left(rest, size), _rarity(codes, frequency)])
        for (_, rest, codes), size in zip((known, new), sizes, strict=True)
    ]
    centre, spread = parts[0].mean(axis=0), parts[0].std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    mine, its = (
        Novelty(part[:, 0], part[:, 1], ((part - centre) / spread).sum(axis=1), np.sqrt(size))
        for part, size in zip(parts, sizes, strict=True)
    )
    return mine, its


def novelty_auc(known: Floats, new: Floats) -> float:
    """Return the chance that a new pair's score exceeds a known one's."""
    every = np.sort(known)
    below = np.searchsorted(every, new, "left") + np.searchsorted(every, new, "right")
    return float(below.mean() / (2 * len(known)))


def density_shift(known: Floats32, new: Floats32) -> float:
    """Return the mean over features of how far apart the shares of active pairs lie."""
    here, there = (np.count_nonzero(codes, axis=0) / max(len(codes), 1) for codes in (known, new))
    return float(np.abs(here - there).mean())


def _squares(values: Floats32) -> Floats:
    return np.asarray(np.square(values, dtype=np.float64).sum(axis=1))


def _share_left(residual: Floats32, size: Floats) -> Floats:
    share = np.divide(_squares(residual), size, out=np.ones_like(size), where=size > 0)
    return np.asarray(np.log(np.maximum(share, np.finfo(np.float32).tiny)))


def _rarity(codes: Floats32, frequency: Floats) -> Floats:
    active = (codes != 0).astype(np.float64)
    surprise = -(active @ np.log(frequency) + (1 - active) @ np.log(1 - frequency))
    return np.asarray(surprise / (1 + active.sum(axis=1)))
