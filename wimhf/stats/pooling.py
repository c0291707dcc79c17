"""Pooled weights, subjectivity and departures with their errors: see ``tastes``."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from wimhf.base import Floats, Ints
from wimhf.stats.inference import t_bound
from wimhf.stats.tastes import (
    FEW,
    MOST_TAU,
    RIDGE,
    Design,
    Fit,
    Known,
    begun,
    chances,
    departures,
    fitted,
    marginal,
    moments_of,
)

GROUPS, JACKKNIFED = 20, 400
"""Groups of a jackknife, and annotators in it at most."""


@dataclass(frozen=True)
class Pooled:
    """The fitted model.

    Attributes
    ----------
    beta
        (p + c,) pooled weights, with their errors ``se``, robust to annotators and components.
    tau, tau_low, tau_high
        (p,) subjectivity with its 95 % interval.
    departure, departure_se
        (annotators, p) what annotators weigh more or less, shrunken, and their errors, which
        allow for subjectivity being estimated.
    own_se
        (annotators, p) errors of annotators' own weights, ``beta + departure``.
    """

    beta: Floats
    se: Floats
    tau: Floats
    tau_low: Floats
    tau_high: Floats
    departure: Floats
    departure_se: Floats
    own_se: Floats

    def scores(self, design: Design, *, own: bool) -> Floats:
        """Return log odds (n,) that A is preferred, by annotators' own weights or pooled ones."""
        score: Floats = design.columns @ self.beta
        if own:
            taste = self.departure[design.annotator]
            score = score + (design.columns[:, : design.features] * taste).sum(axis=1)
        return score


def fit_pooled(design: Design, rng: np.random.Generator) -> Pooled:
    """Fit pooled weights, subjectivity, and every annotator's departures.

    Intervals of subjectivity are by a jackknife over groups of annotators; of many annotators, over
    those of a sample, scaled to all.
    """
    fit = fitted(design, begun(design))
    p = design.features
    error, reach = _jackknife(design, fit, rng)
    low, high = (np.maximum(fit.variance + end * reach * error, 0.0) for end in (-1, 1))
    left, _ = marginal(fit.moments, fit.variance)
    se = _errors(design, fit.beta, fit.known, left)
    size, shrunken = _uncertain(fit, error)
    return Pooled(
        beta=fit.beta,
        se=se,
        tau=np.sqrt(fit.variance),
        tau_low=np.sqrt(low),
        tau_high=np.minimum(np.sqrt(high), MOST_TAU)
        if len(design.starts) > 2
        else np.full(p, np.inf),
        departure=fit.known.mean,
        departure_se=size,
        own_se=np.hypot(size, shrunken * se[:p]),
    )


def _uncertain(fit: Fit, error: Floats) -> tuple[Floats, Floats]:
    """Return errors (u, p) of departures, and how far (u, p) these are shrunken.

    A variance that is estimated, with ``error`` (p,), adds what departures move with it (Kass and
    Steffey 1989); and one that came out at 0 need not be 0: the posterior errors are those at its
    mean among the variances that may be.
    """
    p, variance = len(error), fit.variance
    error = np.where(np.isfinite(error), error, 0.0)  # of two annotators, where nothing is known
    beyond = variance / np.where(error > 0, error, 1.0)
    ratio = np.exp(norm.logpdf(beyond) - norm.logcdf(beyond))
    believed = variance + error * ratio
    moving = error**2 * (1 - beyond * ratio - ratio**2)
    left, turn = marginal(fit.moments, variance)
    pull = np.einsum("ust,ut->us", turn, fit.moments.value - fit.moments.curve @ fit.beta)[:, :p]
    shrunken = np.clip(1 - variance * np.einsum("ujj->uj", left)[:, :p], 0.0, 1.0)
    posterior = np.einsum("ujj->uj", departures(fit.moments, fit.beta, believed).covariance)
    size: Floats = np.sqrt(np.maximum(posterior + np.square(pull * shrunken) * moving, 0.0))
    return size, shrunken


def _jackknife(design: Design, fit: Fit, rng: np.random.Generator) -> tuple[Floats, float]:
    """Return the error (p,) of each variance, and how many of them a 95 % interval reaches."""
    count = len(design.starts) - 1
    chosen = np.sort(rng.permutation(count)[:JACKKNIFED])
    part, number = np.isin(design.annotator, chosen), np.zeros(count, dtype=np.int64)
    groups = min(len(chosen), GROUPS)
    number[chosen] = rng.permutation(len(chosen)) % groups
    found = []
    for group in range(groups):
        kept = chosen[number[chosen] != group]
        rows = np.flatnonzero(part & (number[design.annotator] != group))
        if len(kept) == 0:
            return np.full(design.features, np.inf), 1.0
        own = design.rows(rows)
        own = replace(own, annotator=np.searchsorted(kept, own.annotator).astype(np.int64))
        known = Known(fit.known.mean[kept], fit.known.covariance[kept])
        start = Fit(fit.beta, fit.variance, known, moments_of(own, fit.beta, known))
        found.append(fitted(own, start, FEW).variance)
    off = np.square(np.array(found) - np.mean(found, axis=0)).sum(axis=0)
    error: Floats = np.sqrt(off * (groups - 1) / groups * len(chosen) / count)
    return error, t_bound(groups)


def _errors(design: Design, beta: Floats, known: Known, left: Floats) -> Floats:
    """Return the errors of the pooled weights, clustered by annotator and by component.

    Scores at the departures sum up to an annotator's score in the marginal model. Two-way: the sum
    of both clusterings less that of their crossing (Cameron, Gelbach and Miller 2011), and never
    below the model's own.
    """
    bread = np.linalg.pinv(left.sum(axis=0) + RIDGE * np.eye(len(beta)), hermitian=True)
    chance = np.concatenate([chance for _, _, chance, _ in chances(design, beta, known)])
    each = design.columns * (design.weight * (design.label - chance))[:, None]
    pairs = np.stack([design.annotator, design.component])
    both = np.unique(pairs, axis=1, return_inverse=True)[1].ravel()
    squares = _clustered(each, design.annotator) + _clustered(each, design.component)
    robust = np.diag(bread @ (squares - _clustered(each, both)) @ bread)
    error: Floats = np.sqrt(np.maximum(robust, np.diag(bread)))
    return error


def _clustered(each: Floats, cluster: Ints) -> Floats:
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(cluster[order]) > 0])
    summed = np.add.reduceat(each[order], starts, axis=0)
    squares: Floats = summed.T @ summed
    return squares
