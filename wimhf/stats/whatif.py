"""What an edit would change: effects, prediction, balance, length, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Mask, Progress, silent
from wimhf.errors import EstimationError
from wimhf.stats.components import fold_numbers
from wimhf.stats.crossfit import ADAPTIVE, FREE, Target, chosen_penalty, shares
from wimhf.stats.design import Measured, labelled_pairs
from wimhf.stats.effects import (
    EFFECT_COLUMNS,
    Effect,
    column_effects,
    effect_rows,
    length_effect,
    win_rate,
)
from wimhf.stats.inference import with_q
from wimhf.stats.logit import RidgeLogit
from wimhf.stats.resampling import bootstrap_metrics, percentile_interval
from wimhf.stats.summary import Bounds, EffectSummary

FOLDS = 5
DRAWS = 500
BOOTSTRAP_WORK = 10_000_000
"""Pairs drawn in all resamples; large data need fewer."""
AUC_PAIRS = 40_000
"""Pairs on which an AUC is compared at most."""
PREVIEW_PAIRS = 10_000
"""Pairs on which a preview compares it: somebody waits."""
EFFECTS = ("n_active", "win_rate", "effect", "effect_low", "effect_high", "p", "effect_reason")


@dataclass(frozen=True)
class Labels:
    """The labels of one state: (n,) each; NaN unlabelled, weight 0 where a pair is dropped."""

    label: Floats
    weight: Floats

    @classmethod
    def of(cls, curated: pl.DataFrame) -> Labels:
        """Take them from a curated pair table."""
        label = curated["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        weight = np.where(curated["kept"].to_numpy(), curated["weight"].to_numpy(), 0.0)
        return cls(label, weight)

    def at(self, rows: Ints) -> Labels:
        """Return some rows, ready to be fitted: no label is a tie without weight, mean weight 1."""
        used = self.used[rows]
        weight = np.where(used, self.weight[rows], 0.0)
        return Labels(np.where(used, self.label[rows], 0.5), weight / (weight.mean() or 1.0))

    @property
    def used(self) -> Mask:
        """(n,) True where a pair says anything."""
        return np.isfinite(self.label) & (self.weight > 0)


class Balance(TypedDict):
    """How labels are shared out: counts, and in percent how often a kind of side wins."""

    kept: int
    labelled: int
    ties: int
    weight: float
    first_wins: float | None
    longer_wins: float | None


class ComparedAuc(TypedDict, total=False):
    """AUCs of two states on the same pairs, or the reason why there are none."""

    pairs: int
    reason: str
    before: Bounds
    after: Bounds
    difference: Bounds


@dataclass(frozen=True)
class Effects:
    """What the labels of a state reward.

    Attributes
    ----------
    features
        One row per feature shown: feature, ``EFFECTS`` and q.
    length
        The effect of length itself, and balance: see ``balance``.
    """

    features: pl.DataFrame
    length: EffectSummary
    balance: Balance


def state_effects(
    measured: Measured, numbers: list[int], labels: Labels, rows: Ints,
    progress: Progress = silent,
) -> Effects:  # fmt: skip
    """Measure what one state of the labels rewards.

    Parameters
    ----------
    measured
        With one column of codes per feature shown, in its described pole.
    numbers
        Their numbers.
    rows
        The pairs from which effects are estimated; what is counted is counted of all.
    """
    used = rows[labels.used[rows]]
    effects: list[Effect] = []
    length: EffectSummary = {}
    if len(used) == 0:
        effects = [Effect(0, effect_reason="no pair has a label") for _ in numbers]
    else:
        data = labelled_pairs(measured, labels.label, labels.weight, used)
        effects = column_effects(data, data.controls, progress, raw=False)
        length = length_effect(data)
    schema = {name: EFFECT_COLUMNS[name] for name in ("feature", *EFFECTS)}
    table = with_q(pl.DataFrame(effect_rows(numbers, effects), schema=schema))
    return Effects(table, length, balance(measured, labels))


def balance(measured: Measured, labels: Labels) -> Balance:
    """Return how labels are shared out: counts, ties, and how often the first listed wins."""
    label, kept = labels.label, labels.weight > 0
    known = kept & np.isfinite(label)
    out: Balance = {
        "kept": int(kept.sum()),
        "labelled": int(known.sum()),
        "ties": int((known & (label == 0.5)).sum()),
        "weight": float(labels.weight.sum()),
        "first_wins": None,
        "longer_wins": None,
    }
    decided = known & (label != 0.5)
    listed = decided if measured.listed_first is None else decided & (measured.listed_first != 0)
    if measured.listed_first is not None and listed.any():
        lead = measured.listed_first[listed]
        out["first_wins"] = win_rate(lead, label[listed], labels.weight[listed])
    longer = decided & (measured.length != 0)
    if longer.any():
        lead = measured.length[longer]
        out["longer_wins"] = win_rate(lead, label[longer], labels.weight[longer])
    return out


def untouched_auc(
    measured: Measured, before: Labels, after: Labels, reached: Mask, seed: int
) -> ComparedAuc:
    """Compare how well features and controls predict pairs that no edit could have touched.

    See ``compare_states``.
    """

    def design(rows: Ints) -> tuple[Floats, Ints]:
        label = np.nan_to_num(after.label, nan=0.5)
        data = labelled_pairs(measured, label, np.ones_like(after.weight), rows)
        kinds = np.r_[np.full(data.codes.shape[1], ADAPTIVE), np.full(data.controls.shape[1], FREE)]
        return np.column_stack([data.codes, data.controls]), kinds

    return compare_states(design, before, after, reached, measured.component, seed, PREVIEW_PAIRS)


def compare_states(
    design: Callable[[Ints], tuple[Floats, Ints]],
    before: Labels,
    after: Labels,
    reached: Mask,
    component: Ints,
    seed: int,
    most: int = AUC_PAIRS,
) -> ComparedAuc:
    """Compare how well ridge models of two states' labels predict pairs no edit could have touched.

    Models of either state see none of a pair's fold. The ridge penalty is chosen once, for both.
    The interval is of the pairs judged, the models taken as they are. Of large data a sample is
    enough.

    Parameters
    ----------
    design
        Gives of some rows the columns (r, p), and their kinds (p,): see ``crossfit``.
    reached
        (n,) True where a pair was edited, or would have been with another label.
    most
        Pairs that are drawn where there are more.

    Returns
    -------
    dict
        ``before``, ``after`` and ``difference`` with value, low and high, and ``pairs``; or a
        ``reason``.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(before.used | after.used)
    if len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    judged = np.flatnonzero(~reached[rows] & after.used[rows] & (after.label[rows] != 0.5))
    if len(judged) == 0:
        return {"reason": "the edits could reach every decided pair", "pairs": 0}
    clusters = np.unique(component[rows], return_inverse=True)[1].astype(np.int64)
    folds = fold_numbers(clusters, FOLDS, rng)
    if folds is None:
        return {"reason": f"fewer than {FOLDS} independent prompts", "pairs": len(judged)}
    columns, kinds = design(rows)
    states = (before.at(rows), after.at(rows))
    scores = _both_scores(columns, kinds, states, clusters, folds, rng)
    return _compared_auc(scores, after, rows, judged, clusters, rng)


def _both_scores(
    design: Floats,
    kinds: Ints,
    states: tuple[Labels, Labels],
    component: Ints,
    folds: Ints,
    rng: np.random.Generator,
) -> dict[str, Floats]:
    """Return out-of-fold scores of both states; the second starts from the first one's fits."""
    first = Target(states[0].label, states[0].weight, component)
    penalty, start = chosen_penalty(design, kinds, first, np.arange(len(folds)), rng)
    scores = {"before": np.zeros(len(folds)), "after": np.zeros(len(folds))}
    for fold in range(int(folds.max()) + 1):
        rest, held = np.flatnonzero(folds != fold), folds == fold
        beta, own = start, design[rest]
        bears = shares(design, kinds, first, rest)
        for name, state in zip(scores, states, strict=True):
            model = RidgeLogit(own, state.label[rest], state.weight[rest])
            beta = model.fit(penalty * bears, beta, tolerance=1e-7)
            scores[name][held] = design[held] @ beta
    return scores


def _compared_auc(
    scores: Mapping[str, Floats], labels: Labels, rows: Ints, judged: Ints, component: Ints,
    rng: np.random.Generator,
) -> ComparedAuc:  # fmt: skip
    """Return the AUC of two scores on some of the pairs, and their difference, with intervals."""
    chosen = rows[judged]
    groups = np.unique(component[judged], return_inverse=True)[1].astype(np.int64)
    count = min(DRAWS, max(100, BOOTSTRAP_WORK // len(chosen)))
    try:
        draws = bootstrap_metrics(
            {name: score[judged] for name, score in scores.items()},
            labels.label[chosen], labels.weight[chosen], groups, count, rng,
        )  # fmt: skip
    except EstimationError as error:
        return {"reason": str(error), "pairs": len(chosen)}
    auc = {name: draws[name]["auc"] for name in scores}
    auc["difference"] = auc["after"] - auc["before"]
    before, after, difference = (
        percentile_interval(auc[name]).to_dict() for name in ("before", "after", "difference")
    )
    return {"before": before, "after": after, "difference": difference, "pairs": len(chosen)}
