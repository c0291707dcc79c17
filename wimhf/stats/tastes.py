"""Whose preferences: weights of every annotator, drawn around the pooled ones.

label ~ controls + features, where annotator u weighs feature j by beta_j + b_uj and b_uj is normal
with standard deviation tau_j, the feature's subjectivity. Fitted by Gaussian variational
approximation (Ormerod and Wand 2012): what is known of an annotator is a normal distribution, and
chances are averaged over it, without which few labels pull all weights towards 0. Given those, the
model is a linear mixed one of working responses, with variances by Fisher scoring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import nnls
from scipy.special import expit

from wimhf.base import Floats, Ints
from wimhf.stats.gram import gram

ROUNDS, FEW = 100, 10
"""Steps until nothing moves, at most; and where a fit goes on from a near one."""
START = 0.05
"""Variance of tastes to begin with."""
TOLERANCE = 1e-4
MOST_TAU = 5.0
"""Log odds per RMS beyond which no taste is believed."""
NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(11)
SHARES: Floats = _WEIGHTS / _WEIGHTS.sum()
RIDGE = 1e-3
"""Penalty that keeps pooled weights finite where labels are separated."""


@dataclass(frozen=True)
class Design:
    """Labels by annotator, sorted by them.

    Attributes
    ----------
    columns
        (n, p + c) features, then controls, odd and of RMS 1.
    features
        p.
    label, weight, component
        (n,) see ``Labelled``.
    annotator
        (n,) numbers from 0, ascending.
    """

    columns: Floats
    features: int
    label: Floats
    weight: Floats
    component: Ints
    annotator: Ints

    @classmethod
    def of(
        cls, codes: Floats, controls: Floats, label: Floats, weight: Floats, component: Ints,
        annotator: Ints,
    ) -> tuple[Design, Ints]:  # fmt: skip
        """Sort pairs by annotator; return them with the order (n,) they are in."""
        order = np.argsort(annotator, kind="stable")
        columns = np.column_stack([codes, controls])[order]
        own = cls(columns, codes.shape[1], label[order], weight[order], component[order],
                  annotator[order])  # fmt: skip
        return own, order

    @property
    def starts(self) -> Ints:
        """Where each annotator's labels begin, and the end."""
        count = int(self.annotator.max(initial=-1)) + 1
        return np.searchsorted(self.annotator, np.arange(count + 1)).astype(np.int64)

    def of_features(self, places: Ints) -> Design:
        """Return the same labels with some of the features."""
        columns = self.columns[:, np.r_[places, np.arange(self.features, self.columns.shape[1])]]
        return replace(self, columns=columns, features=len(places))

    def numbered(self, annotator: Ints) -> Design:
        """Return the same labels with other numbers (n,) of the annotators, ascending too."""
        return replace(self, annotator=annotator)

    def rows(self, used: Ints) -> Design:
        """Return some labels, in ascending order; annotators keep their numbers."""
        return replace(
            self, columns=self.columns[used], label=self.label[used], weight=self.weight[used],
            component=self.component[used], annotator=self.annotator[used],
        )  # fmt: skip


@dataclass(frozen=True)
class Prior:
    """Pooled weights (p + c,) and the variances (p,) of departures from them."""

    beta: Floats
    variance: Floats


@dataclass(frozen=True)
class Known:
    """What is known of departures: means (u, p) and covariances (u, p, p)."""

    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Moments:
    """Per annotator: curvature (u, s, s) and curvature times working weights (u, s)."""

    curve: Floats
    value: Floats


@dataclass(frozen=True)
class Fit:
    """Pooled weights (p + c,), variances (p,), and what is known of departures."""

    beta: Floats
    variance: Floats
    known: Known
    moments: Moments


def fitted_prior(design: Design) -> Prior:
    """Return what is known of an annotator before their first label."""
    fit = fitted(design, begun(design))
    return Prior(fit.beta, fit.variance)


def departure_of(design: Design, prior: Prior) -> Floats:
    """Return one annotator's departures (p,), given labels of theirs."""
    p, one = design.features, design.numbered(np.zeros(len(design.label), dtype=np.int64))
    known = Known(np.zeros((1, p)), np.diag(prior.variance)[None])
    for _ in range(FEW):
        before = known.mean
        known = departures(moments_of(one, prior.beta, known), prior.beta, prior.variance)
        if np.abs(known.mean - before).max(initial=0.0) < TOLERANCE:
            break
    first: Floats = known.mean[0]
    return first


def begun(design: Design) -> Fit:
    """Return where fitting begins: nobody departs."""
    p, count = design.features, len(design.starts) - 1
    known = Known(np.zeros((count, p)), np.zeros((count, p, p)))
    beta, variance = np.zeros(design.columns.shape[1]), np.full(p, START)
    return Fit(beta, variance, known, moments_of(design, beta, known))


def fitted(design: Design, fit: Fit, rounds: int = ROUNDS) -> Fit:
    """Go on from a fit until nothing moves."""
    for _ in range(rounds):
        before = fit
        beta, variance, known = _mixed(fit.moments, fit.beta, fit.variance)
        fit = Fit(beta, variance, known, moments_of(design, beta, known))
        moved = max(
            float(np.abs(beta - before.beta).max()),
            float(np.abs(np.sqrt(variance) - np.sqrt(before.variance)).max(initial=0.0)),
        )
        if moved < TOLERANCE:
            break
    return fit


def moments_of(design: Design, beta: Floats, known: Known) -> Moments:
    """Return the working responses of a fit."""
    count, size = len(known.mean), len(beta)
    curve, value = np.zeros((count, size, size)), np.zeros((count, size))
    for u, rows, chance, slope in chances(design, beta, known):
        x, weight = design.columns[rows], design.weight[rows]
        curve[u] = gram(x, weight * slope)
        own = beta + np.pad(known.mean[u], (0, size - design.features))
        value[u] = x.T @ (weight * (design.label[rows] - chance)) + curve[u] @ own
    return Moments(curve, value)


def chances(
    design: Design, beta: Floats, known: Known
) -> Iterator[tuple[int, slice, Floats, Floats]]:
    """Yield per annotator their rows, and the chances there with their slopes."""
    p, starts = design.features, design.starts.tolist()
    for u, (start, end) in enumerate(pairwise(starts)):
        own = design.columns[start:end, :p]
        spread = ((own @ known.covariance[u]) * own).sum(axis=1)
        score = design.columns[start:end] @ beta + own @ known.mean[u]
        yield u, slice(start, end), *averaged(score, spread)


def averaged(score: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return chances (n,) and their slopes, averaged over normal log odds of a variance (n,)."""
    nodes = expit(score[:, None] + np.sqrt(np.maximum(spread, 0.0))[:, None] * NODES)
    chance: Floats = nodes @ SHARES
    slope: Floats = (nodes * (1 - nodes)) @ SHARES
    return chance, slope


def marginal(moments: Moments, variance: Floats) -> tuple[Floats, Floats]:
    """Return (u, s, s) the information that is left once tastes are free, and what turns scores."""
    size, p = moments.value.shape[1], len(variance)
    spread = np.pad(variance, (0, size - p))
    turn = np.linalg.inv(np.eye(size) + moments.curve * spread).astype(np.float64)
    left: Floats = turn @ moments.curve
    return left, turn


def _mixed(moments: Moments, beta: Floats, variance: Floats) -> tuple[Floats, Floats, Known]:
    """Take one step of the linear mixed model: pooled weights, variances, departures."""
    p = len(variance)
    left, turn = marginal(moments, variance)
    whole = left.sum(axis=0) + RIDGE * np.eye(len(beta))
    beta = np.linalg.solve(whole, np.einsum("ust,ut->s", turn, moments.value))
    score = moments.value - moments.curve @ beta
    pull = np.einsum("ust,ut->us", turn, score)[:, :p]
    own = left[:, :p, :p]
    information = np.square(own).sum(axis=0)
    # scoring: information @ variance = what the variances would be if they explained it all
    wanted = information @ variance + (pull**2 - np.einsum("ujj->uj", own)).sum(axis=0)
    scale = np.sqrt(np.maximum(np.diag(information), 1e-12))
    scaled = nnls(information / np.outer(scale, scale), wanted / scale)[0]
    variance = np.minimum(scaled / scale, MOST_TAU**2)
    return beta, variance, departures(moments, beta, variance)


def departures(moments: Moments, beta: Floats, variance: Floats) -> Known:
    """Return what is known of departures, given pooled weights and variances (p,) of them."""
    p = len(variance)
    left, turn = marginal(moments, variance)
    score = moments.value - moments.curve @ beta
    mean = variance * np.einsum("ust,ut->us", turn, score)[:, :p]
    covariance = np.diag(variance) - variance[:, None] * left[:, :p, :p] * variance
    return Known(mean, covariance)
