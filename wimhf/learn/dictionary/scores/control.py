"""Approximation, control and interpretability: what can be read and changed through codes.

The three axes of Makelov, Lange and Nanda (2024, arXiv 2405.08366), adapted to signed codes of
differences. A supervised dictionary is the yardstick: it is made of the concepts.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from wimhf.base import Floats, Floats32, Mask
from wimhf.learn.dictionary.scores.probes import Probes, right_share
from wimhf.learn.dictionary.scores.signs import best_single


class Control(TypedDict):
    """Means over concepts; None where no concept can be measured."""

    concepts: int
    approximation: float | None
    flipped: float | None
    edits: float | None
    collateral: float | None
    best_f1: float | None


def control(
    probes: Probes,
    differences: Floats32,
    codes: Floats32,
    directions: Floats32,
    decoded: Floats32,
    fit: Mask,
    test: Mask,
) -> Control:
    """Hold a dictionary against frozen probes.

    Parameters
    ----------
    differences, codes, decoded
        (n, d), (n, m) and (n, d) of every pair.
    directions
        (m, d) what one unit of each code adds.
    fit, test
        (n,) which pairs choose the best single feature, and which judge.

    Returns
    -------
    dict
        ``approximation``: the share of what the probes know beyond chance that they still know of
        the reconstruction. ``flipped``: pairs whose probe changes sides when codes are turned
        over, those that say most first; ``edits``: how many that takes, on average where it can
        be done; ``collateral``: the share of other concepts' probes that change sides with it.
        ``best_f1``: F1 of the best single feature.
    """
    nothing: Control = {
        "concepts": len(probes.concepts), "approximation": None, "flipped": None, "edits": None,
        "collateral": None, "best_f1": None,
    }  # fmt: skip
    if not len(probes.concepts):
        return nothing
    truth = probes.truth[test]
    kept = right_share(probes.scores(decoded[test]), truth)
    known = right_share(probes.scores(differences[test]), truth)
    edited = [
        _edited(concept, probes.weights, truth, differences[test], codes[test], directions)
        for concept in range(len(probes.concepts))
    ]
    flipped, edits, collateral = np.array(edited).T
    f1 = [best_single(codes, column, fit, test)[1] for column in probes.truth.T]
    return nothing | {
        "approximation": float(((kept - 0.5) / (known - 0.5)).mean()),
        "flipped": _mean(flipped), "edits": _mean(edits), "collateral": _mean(collateral),
        "best_f1": float(np.mean(f1)),
    }  # fmt: skip


def _mean(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else None


def _edited(
    concept: int,
    weights: Floats,
    truth: Floats32,
    differences: Floats32,
    codes: Floats32,
    directions: Floats32,
) -> tuple[float, float, float]:
    """Return for one concept the share flipped, the mean edits, and the collateral.

    Of the pairs whose sides the concept tells apart, and its probe rightly. Turning a code over
    takes away twice what it adds.
    """
    scores = differences.astype(np.float64) @ weights
    lead = scores[:, concept] * truth[:, concept]
    rows = np.flatnonzero(lead > 0)
    if len(rows) == 0:
        return np.nan, np.nan, np.nan
    effect = 2 * codes[rows].astype(np.float64)
    effect *= (directions @ weights[:, concept]) * truth[rows, concept][:, None]
    order = np.argsort(-effect, axis=1, kind="stable")
    taken = np.cumsum(np.maximum(np.take_along_axis(effect, order, axis=1), 0.0), axis=1)
    enough = taken > lead[rows][:, None]
    done = enough.any(axis=1)
    if not done.any():
        return 0.0, np.nan, np.nan
    count = enough.argmax(axis=1)[done] + 1
    turned = np.zeros(effect.shape, dtype=bool)
    first = np.arange(effect.shape[1]) < count[:, None]
    np.put_along_axis(turned[: len(count)], order[done], first, axis=1)
    change = 2 * (codes[rows[done]] * turned[: len(count)]) @ (directions @ weights)
    after = scores[rows[done]] - change
    others = truth[rows[done]] != 0
    others[:, concept] = False
    moved = (np.sign(after) != np.sign(scores[rows[done]])) & others
    share = float(moved.sum() / others.sum()) if others.any() else np.nan
    return float(done.mean()), float(count.mean()), share
