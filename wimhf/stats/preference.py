"""Label ~ features + controls: what the annotators reward.

All columns are odd and no model has an intercept, so exchanging A and B changes only signs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from scipy.special import expit
from threadpoolctl import threadpool_limits

from wimhf.base import Event, Floats, Floats32, Ints, Mask, PreferenceConfig, Progress, silent
from wimhf.errors import EstimationError
from wimhf.stats.between_subsets import SUBSET_COLUMNS, subset_effects, untested
from wimhf.stats.design import (
    Labelled,
    Measured,
    code_rms,
    held_names,
    labelled_pairs,
    rms_of,
)
from wimhf.stats.effects import (
    EFFECT_COLUMNS,
    MANY_PAIRS,
    MIN_ACTIVE,
    MIN_PROMPTS,
    feature_effects,
    length_effect,
    win_rate,
)
from wimhf.stats.fold_models import PREDICTED_COLUMNS, FoldModels
from wimhf.stats.groups import speakers_of
from wimhf.stats.inference import NORMAL, effective_clusters, t_bound, two_sided_p
from wimhf.stats.joint import JOINT_COLUMNS, joint_model
from wimhf.stats.logit import cluster_logit
from wimhf.stats.prediction import Predictions, predict_labels
from wimhf.stats.sampling import MODEL_PAIRS, sampled
from wimhf.stats.score_test import robust_scores
from wimhf.stats.shrinkage import shrunken
from wimhf.stats.summary import Bounds, PositionSummary, PreferenceSummary, Subset, SubsetsSummary

SHRUNK_COLUMNS: dict[str, pl.DataType] = dict.fromkeys(
    ("shrunk", "shrunk_low", "shrunk_high"), pl.Float64()
)
GROUP_COLUMNS: dict[str, pl.DataType] = {
    "group": pl.Int64(), "speaker": pl.Int64(), "agrees": pl.Boolean(),
}  # fmt: skip
"""Which features say nearly the same, which one speaks for them, and whether it goes that way."""


@dataclass(frozen=True)
class Preferences:
    """Effects per feature, and how well the features predict labels.

    Attributes
    ----------
    effects
        One row per feature (EFFECT_COLUMNS, SHRUNK_COLUMNS, GROUP_COLUMNS, JOINT_COLUMNS and the
        tests between subsets), signs as in the codes.
    by_subset
        One row per feature and subset (SUBSET_COLUMNS).
    summary
        Counts, AUCs with intervals, AUC recovered, controls; ``reason`` where labels carry
        nothing that could be estimated.
    predicted
        What was predicted of every labelled pair (PREDICTED_COLUMNS), empty without folds.
    models
        The models behind it; None without folds.
    """

    effects: pl.DataFrame
    by_subset: pl.DataFrame
    summary: PreferenceSummary = field(default_factory=lambda: PreferenceSummary())
    predicted: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PREDICTED_COLUMNS))
    models: FoldModels | None = None


def measure_preferences(
    measured: Measured,
    labels: pl.DataFrame,
    config: PreferenceConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Preferences:
    """Estimate what the labels reward.

    Parameters
    ----------
    labels
        The pair table's label and weight.
    """
    few = len(labels) < MANY_PAIRS
    with threadpool_limits(1 if few else None):
        return _measured(measured, labels, config, rng, progress)


def _measured(
    measured: Measured,
    labels: pl.DataFrame,
    config: PreferenceConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> Preferences:
    label = labels["label"].to_numpy().astype(np.float64)
    weight = labels["weight"].to_numpy().astype(np.float64)
    used = np.flatnonzero(is_labelled(labels))
    controls = measured.controls.telling(used)
    measured = replace(measured, controls=controls)
    summary = label_counts(labels)
    summary |= {"controls": held_names(controls.names), "control_notes": controls.notes}
    reason = _unusable(label, weight)
    if reason is not None:
        nothing = pl.DataFrame(schema=SUBSET_COLUMNS)
        summary |= {"reason": reason}
        return Preferences(_no_effects(measured.codes, reason), nothing, summary)
    data = labelled_pairs(measured, label, weight, used)
    summary["score_notes"] = [
        f"{name} is the same for both responses of every pair"
        for name in measured.scores
        if name not in data.scores
    ]
    effects = feature_effects(data, data.controls, progress)
    grouped, speakers = _grouped(measured, data, effects)
    q = effects["q"].fill_null(np.nan).to_numpy()
    few = sampled(data.component, MODEL_PAIRS, rng)
    modelled = data if len(few) == len(used) else data.rows(few)
    summary["sample"] = {"effects": len(used), "models": len(few)}
    joint = joint_model(data, modelled, speakers, q, config, rng.spawn(1)[0], progress)
    effects = pl.concat([effects, _shrunken(effects), grouped, joint.table], how="horizontal")
    by_subset, tests, subsets = _between_subsets(measured, data, used, progress)
    effects = pl.concat([effects, tests], how="horizontal")
    figures, predictions = predict_labels(modelled, config, rng, progress)
    summary |= figures
    summary |= {"joint_reason": joint.reason, "path": joint.path, "subsets": subsets}
    summary["position"] = _position(measured, data, used)
    length = length_effect(data)
    if length:
        summary["length"] = length
    if predictions is None:
        return Preferences(effects, by_subset, summary)
    predicted, models = _laid_out(predictions, measured, used, few)
    return Preferences(effects, by_subset, summary, predicted, models)


def _shrunken(effects: pl.DataFrame) -> pl.DataFrame:
    """Return SHRUNK_COLUMNS per feature: its effect, seen among those of all features."""
    effect, low, high = (
        effects[name].fill_null(np.nan).to_numpy()
        for name in ("effect", "effect_low", "effect_high")
    )
    found = shrunken(effect, (high - low) / (2 * NORMAL))
    columns = dict(zip(SHRUNK_COLUMNS, (found.mean, found.low, found.high), strict=True))
    return pl.DataFrame(columns, schema=SHRUNK_COLUMNS, nan_to_null=True)


def _grouped(
    measured: Measured, data: Labelled, effects: pl.DataFrame
) -> tuple[pl.DataFrame, Ints]:
    """Return GROUP_COLUMNS per feature, and the features that speak for their groups."""
    m = data.codes.shape[1]
    group = np.arange(m) if measured.group is None else measured.group
    named = np.ones(m) if measured.named is None else measured.named.astype(np.float64)
    z = robust_scores(data.codes, data.controls, data.label, data.weight, data.component)
    z[effects["p"].is_null().to_numpy()] = 0.0
    speakers = speakers_of(group, z, named)
    speaker = speakers[np.unique(group, return_inverse=True)[1]]
    agrees = [data.codes[:, at] @ data.codes[:, one] >= 0 for at, one in enumerate(speaker)]
    columns = {"group": group, "speaker": speaker, "agrees": agrees}
    return pl.DataFrame(columns, schema=GROUP_COLUMNS), speakers


def _laid_out(
    predictions: Predictions, measured: Measured, used: Ints, few: Ints
) -> tuple[pl.DataFrame, FoldModels]:
    """Return predictions of the pairs that were modelled, the ``few`` of those used; and models."""
    rms = np.r_[code_rms(measured.codes, used), rms_of(measured.controls.columns[used])]
    rms[rms == 0] = 1.0
    m, d = measured.codes.shape[1], measured.differences.shape[1]
    size = np.r_[np.full(d, predictions.dense_size), rms[m:]]
    models = FoldModels(
        predictions.beta / rms, predictions.dense_beta / size,
        measured.caps.astype(np.float64), measured.controls.names,
    )  # fmt: skip
    predicted = {
        "pair": used[few], "fold": predictions.folds,
        "features": predictions.features, "dense": predictions.dense,
    }  # fmt: skip
    return pl.DataFrame(predicted, schema=PREDICTED_COLUMNS), models


def _position(measured: Measured, data: Labelled, used: Ints) -> PositionSummary:
    """Return how much more often the first listed response wins, all else equal, in points."""
    if measured.listed_first is None:
        return {"reason": "the source's side order carries the label or was drawn at random"}
    turn = measured.listed_first[used].astype(np.float64)
    data, turn = data.rows(np.flatnonzero(turn)), turn[turn != 0]
    if len(turn) == 0:
        return {"reason": "no labelled pair's side order means anything"}
    label = np.where(turn > 0, data.label, 1.0 - data.label)
    raw = win_rate(turn, data.label, data.weight)
    active = (data.codes != 0).sum(axis=0) >= MIN_ACTIVE
    held = np.column_stack([data.codes[:, active], data.controls]) * turn[:, None]
    try:
        fit = cluster_logit(
            np.column_stack([np.ones(len(turn)), held]), label, data.weight, data.component
        )
    except EstimationError as error:
        return {"first_wins": raw, "reason": str(error)}
    beta, se = float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0]))
    prompts = effective_clusters(np.ones(len(turn)), data.weight, data.component)
    if prompts < MIN_PROMPTS:
        return {"first_wins": raw, "reason": f"as if only {prompts:.1f} independent prompts"}
    reach = t_bound(prompts) * se
    points = [100 * (float(expit(beta + z)) - 0.5) for z in (0.0, -reach, reach)]
    effect: Bounds = {"value": points[0], "low": points[1], "high": points[2]}
    p = float(two_sided_p(np.array([beta / se]), prompts)[0])
    return {"first_wins": raw, "effect": effect, "p": p}


def is_labelled(labels: pl.DataFrame) -> Mask:
    """Return which pairs (n,), by label and weight, have a label that counts."""
    label, weight = (labels[name].cast(pl.Float64).to_numpy() for name in ("label", "weight"))
    known: Mask = np.isfinite(label) & (weight > 0)
    return known


def label_counts(labels: pl.DataFrame) -> PreferenceSummary:
    """Return how many pairs, by label and weight, are labelled, and how."""
    label, weight = (labels[name].cast(pl.Float64).to_numpy() for name in ("label", "weight"))
    known = np.isfinite(label)
    return {
        "n_labelled": int(known.sum()),
        "n_unlabelled": int((~known).sum()),
        "n_ties": int((label == 0.5).sum()),
        "n_fractional": int((known & ~np.isin(label, (0.0, 0.5, 1.0))).sum()),
        "n_zero_weight": int((known & (weight == 0)).sum()),
    }


def _unusable(label: Floats, weight: Floats) -> str | None:
    known = label[np.isfinite(label) & (weight > 0)]
    decided = known[known != 0.5]
    if np.isfinite(label).any() and len(known) == 0:
        return "every labelled pair has weight 0"
    if len(known) == 0:
        return "no pair has a label"
    if len(decided) == 0:
        return "every label is a tie"
    if np.all(decided == decided[0]) and decided[0] in (0.0, 1.0):
        side = "response_a" if decided[0] == 1.0 else "response_b"
        other = "response_b" if decided[0] == 1.0 else "response_a"
        return (
            f"every label says {side}, so the label tells nothing apart; if {side} is the chosen "
            f"response, read it with --format trl --map chosen={side},rejected={other}"
        )
    return None


def _no_effects(codes: Floats32, reason: str) -> pl.DataFrame:
    rows = [{"feature": feature, "effect_reason": reason} for feature in range(codes.shape[1])]
    schema = EFFECT_COLUMNS | SHRUNK_COLUMNS | GROUP_COLUMNS | JOINT_COLUMNS
    table = pl.DataFrame(rows, schema=schema)
    return pl.concat([table, untested(len(table), reason)], how="horizontal")


def _between_subsets(
    measured: Measured, data: Labelled, used: Ints, progress: Progress
) -> tuple[pl.DataFrame, pl.DataFrame, SubsetsSummary]:
    """Return effects within subsets, the tests between them, and what the subsets are."""
    subsets = measured.subsets
    if subsets is None or subsets.reason is not None:
        reason = "not asked for" if subsets is None else subsets.reason
        tests = untested(data.codes.shape[1], f"no subsets: {reason}")
        summary: SubsetsSummary = {"by": None, "notes": [], "subsets": [], "reason": reason}
        return pl.DataFrame(schema=SUBSET_COLUMNS), tests, summary
    progress(Event("preference", message=f"comparing effects between {len(subsets.names)} subsets"))
    member = subsets.member[used]
    table, tests = subset_effects(data, member, subsets.names)
    sizes = np.bincount(member[member >= 0], minlength=len(subsets.names)).tolist()
    named = [Subset(name=n, pairs=size) for n, size in zip(subsets.names, sizes, strict=True)]
    summary = {"by": subsets.by, "notes": subsets.notes, "subsets": named, "reason": None}
    return table, tests, summary
