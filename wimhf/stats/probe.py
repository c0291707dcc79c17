"""A probe trained on labels: what a model fitted to them prefers on pairs nobody gave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from scipy.special import expit

from wimhf.base import Floats, Floats32, Ints
from wimhf.stats.crossfit import RIDGE, ridge_model
from wimhf.stats.inference import mean_interval, share_interval
from wimhf.stats.summary import Bounds
from wimhf.stats.whatif import Labels


@dataclass(frozen=True)
class HeldOut:
    """Pairs that judge a probe.

    Attributes
    ----------
    differences
        (n, d) in the scale of the training pairs.
    label, weight, component
        (n,) each; labels are what should be preferred.
    """

    differences: Floats32
    label: Floats
    weight: Floats
    component: Ints


class ProbeFigures(TypedDict):
    """How often one probe prefers the labelled side, and the mean chance it gives it."""

    wins: Bounds
    chance: Bounds


class Preferred(TypedDict, total=False):
    """What probes of two states of the labels prefer among held-out pairs."""

    pairs: int
    before: ProbeFigures
    after: ProbeFigures
    difference: Bounds


def fit_probe(differences: Floats32, labels: Labels, component: Ints, seed: int) -> Floats:
    """Return the coefficients (d,) of a ridge logistic probe without intercept.

    Odd by construction: exchanging sides negates what it says.
    """
    rows = np.flatnonzero(labels.used)
    design = differences[rows].astype(np.float64)
    size = float(np.sqrt(np.square(design).mean())) or 1.0
    clusters = np.unique(component[rows], return_inverse=True)[1].astype(np.int64)
    weight = labels.weight[rows] / labels.weight[rows].mean()
    beta = ridge_model(
        design / size, np.full(design.shape[1], RIDGE), labels.label[rows], weight, clusters,
        np.arange(len(rows)), np.random.default_rng(seed),
    )  # fmt: skip
    return beta / size


def preferences_of(beta: dict[str, Floats], held: HeldOut) -> Preferred:
    """Return how often probes prefer what a held-out set prefers.

    Parameters
    ----------
    beta
        ``before`` and ``after``.

    Returns
    -------
    dict
        Per probe ``wins`` (share of decided pairs, with interval) and ``chance`` (mean probability
        it gives the preferred response); and ``difference`` of the two shares, pair by pair.
    """
    decided = np.isfinite(held.label) & (held.label != 0.5) & (held.weight > 0)
    side = np.where(held.label[decided] > 0.5, 1.0, -1.0)
    weight, component = held.weight[decided], held.component[decided]
    won: dict[str, Floats] = {}
    judged: dict[str, ProbeFigures] = {}
    for name, coefficients in beta.items():
        lead = side * (held.differences[decided].astype(np.float64) @ coefficients)
        won[name] = np.where(lead == 0, 0.5, lead > 0)
        judged[name] = {
            "wins": share_interval(won[name], weight, component),
            "chance": mean_interval(expit(lead), weight, component),
        }
    preferred: Preferred = {"pairs": int(decided.sum())}
    if {"before", "after"} <= set(won):
        preferred["before"], preferred["after"] = judged["before"], judged["after"]
        gain = won["after"] - won["before"]
        preferred["difference"] = mean_interval(gain, weight, component)
    return preferred
