"""Do annotators differ in what they weigh? A permutation test of every column at once."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import gamma, norm

from wimhf.base import Floats, Ints
from wimhf.stats.logit import RidgeLogit

DRAWS = 300
WORK = 2_000_000_000
"""Values summed in all permutations; of large data fewer are drawn."""
LEAST = 50
STRAIGHT = 1e-3
"""Skewness below which the permuted sums are as good as normal."""


def subjectivity_p(
    columns: Floats, controls: Floats, label: Floats, weight: Floats, component: Ints,
    annotator: Ints, rng: np.random.Generator,
) -> tuple[Floats, float]:  # fmt: skip
    """Return a p-value (m,) per column, small where annotators weigh it differently, and of all.

    Every annotator's score beyond the pooled weight is squared and summed. Under the null it does
    not matter who gave which labels; what one annotator says of one component is moved as a whole,
    to another one of the component's annotators where it has several, as they agree on what is
    alike for all of them.
    A gamma distribution with the first three moments of the permuted sums gives the tail (Pearson
    type III; Mielke and Berry 2007). NaN where nothing varies. The last one is of the sum over all
    columns, each in units of its permuted spread: whether annotators differ in anything.

    Parameters
    ----------
    columns, controls
        (n, m) and (n, c), odd.
    annotator
        (n,) numbers from 0.
    """
    blocks, who, whose = _blocks(_scores(columns, controls, label, weight), component, annotator)
    draws = int(np.clip(WORK / max(blocks.size, 1), LEAST, DRAWS))
    count = int(who.max(initial=-1)) + 1
    found = _summed(blocks, who, count)
    drawn = np.array([_summed(blocks, _moved(who, whose, rng), count) for _ in range(draws)])
    mean, spread = drawn.mean(axis=0), drawn.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (found - mean) / spread
        skew = ((drawn - mean) ** 3).mean(axis=0) / spread**3
    p = np.full(len(z), np.nan)
    known = np.flatnonzero(np.isfinite(z))
    for at in known:
        p[at] = _tail(float(z[at]), float(skew[at]))
    together = ((drawn - mean) / spread)[:, known].sum(axis=1)
    beyond = int((together >= z[known].sum()).sum())
    return p, (1 + beyond) / (1 + draws) if len(known) else np.nan


def _scores(columns: Floats, controls: Floats, label: Floats, weight: Floats) -> Floats:
    """Return what each label (n, m) says beyond the pooled weight of each column."""
    chance = np.full(len(label), 0.5)
    if controls.shape[1]:
        fit = RidgeLogit(controls, label, weight).fit(np.full(controls.shape[1], 1e-9))
        chance = expit(controls @ fit)
    curve = (weight * chance * (1 - chance))[:, None]
    turn = np.linalg.pinv(controls.T @ (controls * curve), hermitian=True)
    own = columns - controls @ (turn @ (controls.T @ (columns * curve)))
    error = own * (weight * (label - chance))[:, None]
    information = own * columns * curve
    size = information.sum(axis=0)
    pooled = np.divide(error.sum(axis=0), size, out=np.zeros(len(size)), where=size > 0)
    scores: Floats = error - information * pooled
    return scores


def _blocks(scores: Floats, component: Ints, annotator: Ints) -> tuple[Floats, Ints, Ints]:
    """Return the scores of every annotator in every component, whose they are, and in which.

    Components of one annotator are one.
    """
    pairs = np.stack([annotator, component])
    kinds, number = np.unique(pairs, axis=1, return_inverse=True)
    number = number.ravel()
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(number[order]) > 0])
    place = np.unique(kinds[1], return_inverse=True)[1].astype(np.int64)
    alone = np.bincount(place)[place] == 1
    whose = np.where(alone, -1, place)
    return np.add.reduceat(scores[order], starts, axis=0), kinds[0].astype(np.int64), whose


def _moved(who: Ints, whose: Ints, rng: np.random.Generator) -> Ints:
    """Return annotators that have changed places within each component."""
    plain = np.argsort(whose, kind="stable")
    drawn = np.lexsort((rng.random(len(who)), whose))
    moved = np.empty_like(who)
    moved[plain] = who[drawn]
    return moved


def _summed(blocks: Floats, who: Ints, count: int) -> Floats:
    """Return the annotators' squared sums (m,)."""
    order = np.argsort(who, kind="stable")
    starts = np.searchsorted(who[order], np.arange(count))
    whole: Floats = np.square(np.add.reduceat(blocks[order], starts, axis=0)).sum(axis=0)
    return whole


def _tail(z: float, skew: float) -> float:
    if skew < STRAIGHT:
        return float(norm.sf(z))
    shape = 4 / skew**2
    return float(gamma.sf(shape + z * np.sqrt(shape), shape))
