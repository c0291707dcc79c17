"""What an edit would change: effects, prediction, balance, length, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Event, Floats, Ints, Mask, Progress, silent
from wimhf.errors import EstimationError
from wimhf.stats.crossfit import chosen_penalty, fold_numbers
from wimhf.stats.design import Labelled, Measured, labelled_pairs
from wimhf.stats.effects import column_effect
from wimhf.stats.logit import RidgeLogit
from wimhf.stats.resampling import (
    bootstrap_metrics,
    effective_clusters,
    percentile_interval,
    q_values,
    t_bound,
)

FOLDS = 5
DRAWS = 500
BOOTSTRAP_WORK = 10_000_000
"""Pairs drawn in all resamples; large data need fewer."""
AUC_PAIRS = 40_000
"""Pairs on which an AUC is compared."""
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
    length: dict[str, Any]
    balance: dict[str, Any]


def state_effects(
    measured: Measured, numbers: list[int], labels: Labels, progress: Progress = silent
) -> Effects:
    """Measure what one state of the labels rewards.

    Parameters
    ----------
    measured
        With one column of codes per feature shown, in its described pole.
    numbers
        Their numbers.
    """
    used = np.flatnonzero(labels.used)
    nothing = dict.fromkeys(EFFECTS)
    records: list[dict[str, Any]]
    length: dict[str, Any] = {}
    if len(used) == 0:
        records = [nothing | {"effect_reason": "no pair has a label"} for _ in numbers]
    else:
        data = labelled_pairs(measured, labels.label, labels.weight, used)
        records = []
        for place in range(len(numbers)):
            records.append(nothing | column_effect(data.codes[:, place], data))
            progress(Event("what-if", place + 1, len(numbers), unit="features"))
        if data.length.shape[1]:
            length = column_effect(data.length[:, 0], data, np.empty((len(used), 0)))
    rows = [
        {"feature": n} | {k: r[k] for k in EFFECTS} for n, r in zip(numbers, records, strict=True)
    ]
    schema = {"feature": pl.Int64, "n_active": pl.Int64, "effect_reason": pl.String}
    table = pl.DataFrame(rows, schema={"feature": pl.Int64} | {
        name: schema.get(name, pl.Float64) for name in EFFECTS
    })  # fmt: skip
    p = table["p"].fill_null(np.nan).to_numpy()
    table = table.with_columns(pl.Series("q", q_values(p), nan_to_null=True))
    return Effects(table, length, balance(measured, labels))


def balance(measured: Measured, labels: Labels) -> dict[str, Any]:
    """Return how labels are shared out: counts, ties, and how often the first listed wins."""
    label, kept = labels.label, labels.weight > 0
    known = kept & np.isfinite(label)
    out: dict[str, Any] = {
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
        first = np.where(measured.listed_first > 0, label, 1 - label)
        out["first_wins"] = 100 * float(np.average(first[listed], weights=labels.weight[listed]))
    longer = decided & (measured.length != 0)
    if longer.any():
        won = np.where(measured.length > 0, label, 1 - label)
        out["longer_wins"] = 100 * float(np.average(won[longer], weights=labels.weight[longer]))
    return out


def untouched_auc(
    measured: Measured, before: Labels, after: Labels, reached: Mask, seed: int
) -> dict[str, Any]:
    """Compare how well features predict pairs that no edit could have touched.

    Models of either state see none of a pair's fold. The ridge penalty is chosen once, for both.
    The interval is of the pairs judged, the models taken as they are. Of large data a sample is
    enough.

    Parameters
    ----------
    reached
        (n,) True where a pair was edited, or would have been with another label.

    Returns
    -------
    dict
        ``before``, ``after`` and ``difference`` with value, low and high, and ``pairs``; or a
        ``reason``.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(before.used | after.used)
    if len(rows) > AUC_PAIRS:
        rows = np.sort(rng.choice(rows, AUC_PAIRS, replace=False))
    judged = ~reached[rows] & after.used[rows] & (after.label[rows] != 0.5)
    if not judged.any():
        return {"reason": "the edits could reach every decided pair", "pairs": 0}
    component = np.unique(measured.component[rows], return_inverse=True)[1].astype(np.int64)
    folds = fold_numbers(component, FOLDS, rng)
    if folds is None:
        return {"reason": f"fewer than {FOLDS} independent prompts", "pairs": int(judged.sum())}
    data = labelled_pairs(
        measured, np.nan_to_num(after.label, nan=0.5), np.ones_like(after.weight), rows
    )
    scores = _both_scores(data, (before.at(rows), after.at(rows)), folds, rng)
    return compared_auc(scores, after, rows, np.flatnonzero(judged), component, rng)


def _both_scores(
    data: Labelled, states: tuple[Labels, Labels], folds: Ints, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return out-of-fold scores of both states; the second starts from the first one's fits."""
    design = np.column_stack([data.codes, data.controls])
    kinds = np.r_[np.ones(data.codes.shape[1]), np.zeros(data.controls.shape[1])]
    first, _ = states
    penalty, start = chosen_penalty(design, kinds, first.label, first.weight, data.component, rng)
    scores = {"before": np.zeros(len(folds)), "after": np.zeros(len(folds))}
    for fold in range(int(folds.max()) + 1):
        rest, held = np.flatnonzero(folds != fold), folds == fold
        beta, own = start, design[rest]
        for name, state in zip(scores, states, strict=True):
            model = RidgeLogit(own, state.label[rest], state.weight[rest])
            beta = model.fit(penalty * kinds, beta, tolerance=1e-7)
            scores[name][held] = design[held] @ beta
    return scores


def compared_auc(
    scores: Mapping[str, Floats], labels: Labels, rows: Ints, judged: Ints, component: Ints,
    rng: np.random.Generator,
) -> dict[str, Any]:  # fmt: skip
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
    told: dict[str, Any] = {n: percentile_interval(drawn).to_dict() for n, drawn in auc.items()}
    return told | {"pairs": len(chosen)}


def share_interval(won: Floats, weight: Floats, component: Ints) -> dict[str, float | None]:
    """Return a weighted share (0 to 1) with its interval.

    Wilson's (1927), for the number of independent pairs that would vary as much as the clusters do.
    """
    total = weight.sum()
    if len(won) == 0 or total <= 0:
        return {"value": None, "low": None, "high": None}
    mean = float((weight * won).sum() / total)
    groups = np.unique(component, return_inverse=True)[1]
    off = np.bincount(groups, weights=weight * (won - mean))
    clusters = effective_clusters(np.ones(len(won)), weight, component)
    if clusters < 2:
        return {"value": mean, "low": None, "high": None}
    spread = float((off**2).sum() * len(off) / (len(off) - 1)) / total**2
    # as if of so many independent pairs; where nothing varies, of as many as there are clusters
    n = min(mean * (1 - mean) / spread, len(won)) if spread > 0 else clusters
    z = t_bound(clusters)
    middle = (mean + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(mean * (1 - mean) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return {"value": mean, "low": float(middle - reach), "high": float(middle + reach)}


def mean_interval(values: Floats, weight: Floats, component: Ints) -> dict[str, float | None]:
    """Return a weighted mean with its cluster-robust interval; none where nothing varies."""
    total = weight.sum()
    if len(values) == 0 or total <= 0:
        return {"value": None, "low": None, "high": None}
    mean = float((weight * values).sum() / total)
    groups = np.unique(component, return_inverse=True)[1]
    off = np.bincount(groups, weights=weight * (values - mean))
    clusters = effective_clusters(np.ones(len(values)), weight, component)
    if clusters < 2 or not off.any():
        return {"value": mean, "low": None, "high": None}
    se = float(np.sqrt((off**2).sum() * len(off) / (len(off) - 1)) / total)
    reach = t_bound(clusters) * se
    return {"value": mean, "low": mean - reach, "high": mean + reach}


def with_columns_of(measured: Measured, columns: Floats) -> Measured:
    """Return the same pairs with other columns in place of their codes."""
    return replace(measured, codes=columns.astype(np.float32))
