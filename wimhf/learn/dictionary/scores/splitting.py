"""Splitting and absorption: whether one concept is one feature.

After Chanin et al. (2024), "A is for absorption" (arXiv 2409.14507), with the constants of
SAEBench (Karvonen et al. 2025, arXiv 2503.09532), adapted to signs: a pair whose B has more of a
concept is turned round, so that a feature counts in its pole for the concept.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from wimhf.base import Floats, Floats32, Ints, Mask
from wimhf.learn.dictionary.scores.probes import Probes
from wimhf.learn.dictionary.scores.signs import best_bound, bounded, signed_f1

F1_JUMP = 0.03
"""A further feature belongs to a concept where F1 rises by more."""
MOST_SPLIT = 10
FULL_COSINE = 0.025
"""Cosine with the probe from which a feature may have absorbed a concept whole."""
PART_COSINE = 0.1
"""... and from which it may have absorbed a part."""
PROPORTION = 0.4
"""Share of the probe's projection that absorbing features must hold."""
MOST_ABSORBING = 3


class Splitting(TypedDict):
    """Means over concepts; None where none can be measured."""

    features_per_concept: float | None
    absorbed: float | None
    absorbed_whole: float | None


def splitting(
    probes: Probes,
    differences: Floats32,
    codes: Floats32,
    directions: Floats32,
    fit: Mask,
    test: Mask,
) -> Splitting:
    """Measure how many features share a concept, and how often others stand in for them.

    Parameters
    ----------
    differences, codes
        (n, d) and (n, m) of every pair.
    directions
        (m, d) unit rows.
    fit, test
        (n,) which pairs choose a concept's features, and which judge.

    Returns
    -------
    dict
        ``features_per_concept``: features until one more raises F1 by no more than .03;
        ``absorbed``: what other features aligned with the probe hold of its projection, as a
        share, where the concept's own fall short of it; ``absorbed_whole``: share of pairs in
        which none of its own is active and another holds at least .4 of the projection.
    """
    found = []
    for concept, truth in enumerate(probes.truth.T):
        own = main_features(codes, truth, fit, test)
        part, whole = absorption(
            probes.weights[:, concept], truth[test], differences[test], codes[test], directions, own
        )
        found.append((len(own), part, whole))
    if not found:
        return {"features_per_concept": None, "absorbed": None, "absorbed_whole": None}
    count, parts, wholes = np.array(found, dtype=np.float64).T
    measured = np.isfinite(parts)
    return {
        "features_per_concept": float(count.mean()),
        "absorbed": float(parts[measured].mean()) if measured.any() else None,
        "absorbed_whole": float(wholes[measured].mean()) if measured.any() else None,
    }


def main_features(codes: Floats32, truth: Floats32, fit: Mask, test: Mask) -> Ints:
    """Return the features of a concept: those that raise F1 one after the other, at least one.

    Entered by forward selection of a least-squares probe on the fitting pairs; F1 on test.
    """
    own, wanted = codes[fit].astype(np.float64), truth[fit].astype(np.float64)
    held, rest = codes[test].astype(np.float64), wanted
    size = np.sqrt(np.square(own).sum(axis=0))
    chosen: list[int] = []
    before = 0.0
    for _ in range(min(MOST_SPLIT, codes.shape[1])):
        gain = np.abs(np.divide(own.T @ rest, size, out=np.zeros_like(size), where=size > 0))
        gain[chosen] = -1.0
        tried = [*chosen, int(gain.argmax())]
        beta = np.linalg.lstsq(own[:, tried], wanted)[0]
        said = own[:, tried] @ beta
        f1 = signed_f1(bounded(held[:, tried] @ beta, best_bound(said, wanted)), truth[test])
        if chosen and f1 - before <= F1_JUMP:
            break
        chosen, before, rest = tried, f1, wanted - said
    return np.array(chosen, dtype=np.int64)


def absorption(
    probe: Floats,
    truth: Floats32,
    differences: Floats32,
    codes: Floats32,
    directions: Floats32,
    own: Ints,
) -> tuple[float, float]:
    """Return the mean absorbed share and the share absorbed whole over pairs with the concept.

    NaN where the probe is right in none.

    Parameters
    ----------
    probe, truth
        (d,) and (n,) of one concept.
    own
        The concept's own features.
    """
    unit = probe / max(float(np.linalg.norm(probe)), 1e-12)
    projection = (differences @ unit) * truth
    rows = np.flatnonzero(projection > 0)  # includes that the concept tells the sides apart
    if len(rows) == 0:
        return np.nan, np.nan
    cosine = directions @ unit
    held = codes[rows] * cosine * truth[rows, None]
    projection = projection[rows]
    mine = held[:, own].sum(axis=1)
    held[:, own] = 0.0
    aligned = np.where(np.abs(cosine) >= PART_COSINE, np.maximum(held, 0.0), 0.0)
    most = np.sort(aligned, axis=1)[:, -MOST_ABSORBING:].sum(axis=1)
    counts = (mine < projection) & (most >= PROPORTION * projection)
    total = most + np.maximum(mine, 0.0)
    part = np.where(counts, np.divide(most, total, out=np.zeros_like(most), where=total > 0), 0.0)
    silent = (codes[np.ix_(rows, own)] == 0).all(axis=1)
    top = np.where(np.abs(cosine) >= FULL_COSINE, held, 0.0).max(axis=1)
    whole = silent & (top >= PROPORTION * projection)
    return float(part.mean()), float(whole.mean())
