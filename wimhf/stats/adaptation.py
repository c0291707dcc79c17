"""What annotators' own weights are worth on held-out labels, by how many labels they gave."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from wimhf.base import Floats, Ints
from wimhf.stats.components import fold_numbers
from wimhf.stats.inference import mean_interval
from wimhf.stats.resampling import bootstrap_metrics, log_losses, percentile_interval
from wimhf.stats.summary import Bounds
from wimhf.stats.tastes import Design, Prior, departure_of, fitted_prior

COUNTS: tuple[int | None, ...] = (0, 1, 2, 5, 10, 20, 50, None)
"""Labels of an annotator that are used at most; None for all."""
MOST = 500
"""Annotators of whom the gain is measured."""
FOLDS = 5
DRAWS = 300


class Gain(TypedDict):
    """What own weights add on held-out labels, with intervals over annotators.

    ``labels`` of each annotator at most (None: all); ``auc`` and ``log_loss`` (nats per label) are
    gains over the pooled weights, positive where own weights do better.
    """

    labels: int | None
    auc: Bounds
    log_loss: Bounds


class Curve(TypedDict, total=False):
    """The gain by the number of labels, or the reason why there is none."""

    annotators: int
    labels: int
    pooled_auc: float
    gains: list[Gain]
    reason: str


def gain_curve(design: Design, rng: np.random.Generator) -> Curve:
    """Measure on whole held-out components what own weights add to pooled ones.

    The pooled weights and subjectivity come from the other folds; then an annotator's first few
    labels of those folds, in random order, give the departures.
    """
    chosen = rng.permutation(len(design.starts) - 1)[:MOST]
    design = _renumbered(design.rows(np.flatnonzero(np.isin(design.annotator, chosen))))
    folds = fold_numbers(design.component, FOLDS, rng)
    if folds is None:
        return {"reason": f"fewer than {FOLDS} independent prompts"}
    scores = {count: np.zeros(len(design.label)) for count in COUNTS}
    order = rng.permutation(len(design.label))
    for fold in range(FOLDS):
        rest, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if len(held):
            _fill(scores, design, rest, held, order)
    return _measured(scores, design, rng)


def _fill(
    scores: dict[int | None, Floats], design: Design, rest: Ints, held: Ints, order: Ints
) -> None:
    """Score the held-out labels by weights from the rest, for every number of labels."""
    prior = fitted_prior(_renumbered(design.rows(rest)))
    own, pooled = design.columns[:, : design.features], design.columns @ prior.beta
    for annotator in np.unique(design.annotator[held]):
        mine = held[design.annotator[held] == annotator]
        known = rest[design.annotator[rest] == annotator]
        known = known[np.argsort(order[known])]
        for count in COUNTS:
            taste = _taste(design, known[:count], prior)
            scores[count][mine] = pooled[mine] + own[mine] @ taste


def _taste(design: Design, rows: Ints, prior: Prior) -> Floats:
    if len(rows) == 0:
        return np.zeros(design.features)
    return departure_of(design.rows(rows), prior)


def _renumbered(design: Design) -> Design:
    """Return the same labels with annotators numbered without gaps."""
    numbers = np.unique(design.annotator, return_inverse=True)[1].astype(np.int64)
    return design.numbered(numbers)


def _measured(scores: dict[int | None, Floats], design: Design, rng: np.random.Generator) -> Curve:
    label, weight, groups = design.label, design.weight, design.annotator
    names = {str(count): score for count, score in scores.items()}
    draws = bootstrap_metrics(names, label, weight, groups, DRAWS, rng)
    base = log_losses(names["0"], label)
    gains: list[Gain] = []
    for count in COUNTS[1:]:
        better = base - log_losses(names[str(count)], label)
        gain = draws[str(count)]["auc"] - draws["0"]["auc"]
        gains.append({
            "labels": count, "auc": percentile_interval(gain).to_dict(),
            "log_loss": mean_interval(better, weight, groups),
        })  # fmt: skip
    return {
        "annotators": int(groups.max()) + 1, "labels": len(label),
        "pooled_auc": float(draws["0"]["auc"][0]), "gains": gains,
    }  # fmt: skip
