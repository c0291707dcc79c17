"""Label ~ features + controls: what the annotators reward.

All columns are odd and no model has an intercept, so exchanging A and B changes only signs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from wimhf.config import PreferenceConfig
from wimhf.controls import Controls
from wimhf.errors import EstimationError
from wimhf.logit import LogitFit, cluster_logit
from wimhf.prediction import Labelled, predict_labels, sparse_model
from wimhf.progress import Event, Progress, silent
from wimhf.stats import (
    Interval,
    effective_clusters,
    q_values,
    t_bound,
    two_sided_p,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.float32]
Ints = NDArray[np.int64]
MIN_ACTIVE = 10
"""Labelled pairs in which a feature must be active before its effect is estimated."""
MIN_PROMPTS = 10.0
"""Effective number of independent prompts below which a clustered error cannot be trusted."""

EFFECT_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "n_active": pl.Int64(), "win_rate": pl.Float64(), "beta": pl.Float64(),
    "se": pl.Float64(), "p": pl.Float64(), "q": pl.Float64(), "bonferroni": pl.Boolean(),
    "effect": pl.Float64(), "effect_low": pl.Float64(), "effect_high": pl.Float64(),
    "path_rank": pl.Int64(), "selection_frequency": pl.Float64(), "sparse_beta": pl.Float64(),
    "joint_beta": pl.Float64(), "joint_se": pl.Float64(), "joint_p": pl.Float64(),
    "effect_reason": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Preferences:
    """Effects per feature, and how well the features predict labels.

    Attributes
    ----------
    effects
        One row per feature (EFFECT_COLUMNS), signs as in the codes.
    summary
        Counts, AUCs with intervals, AUC recovered, controls; ``reason`` where labels carry
        nothing that could be estimated.
    """

    effects: pl.DataFrame
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """What is known of every pair before the labels are looked at; all columns are odd.

    Attributes
    ----------
    codes, differences
        (n, m) signed codes and the (n, d) differences they come from.
    length
        (n,) length difference, always a baseline, and a control if it is among the controls.
    controls
        What is held constant.
    score
        (n,) scores that came with the data, first minus second, or None.
    component
        (n,) connected components: clusters of the errors, whole in every fold and resample.
    listed_first
        (n,) True where A is the source's first response; None where the order means nothing.
    """

    codes: Codes
    differences: Codes
    length: Floats
    controls: Controls
    score: Floats | None
    component: Ints
    listed_first: NDArray[np.bool_] | None = None


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
    label = labels["label"].to_numpy().astype(np.float64)
    weight = labels["weight"].to_numpy().astype(np.float64)
    summary = _counts(label, weight)
    summary |= {"controls": measured.controls.names, "control_notes": measured.controls.notes}
    reason = _unusable(label, weight)
    if reason is not None:
        return Preferences(_no_effects(measured.codes, reason), {**summary, "reason": reason})
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    data = labelled_pairs(measured, label, weight, used)
    effects = feature_effects(data, data.controls, progress)
    joint, joint_reason = joint_effects(data, data.controls)
    sparse, path = sparse_model(data, config, rng.spawn(1)[0], progress)
    added = [pl.Series(name, v, nan_to_null=True) for name, v in {**joint, **sparse}.items()]
    effects = effects.with_columns(added).select(list(EFFECT_COLUMNS))
    summary |= predict_labels(data, config, rng, progress)
    summary |= {"joint_reason": joint_reason, "path": path}
    summary["position"] = _position(measured, data, used)
    return Preferences(effects, summary)


def _position(measured: Measured, data: Labelled, used: Ints) -> dict[str, Any]:
    """Return how much more often the first listed response wins, all else equal, in points."""
    if measured.listed_first is None:
        return {"reason": "the source's side order carries the label or was drawn at random"}
    turn = np.where(measured.listed_first[used], 1.0, -1.0)
    label = np.where(turn > 0, data.label, 1.0 - data.label)
    raw = 100 * float(np.average(label, weights=data.weight))
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
    effect = dict(zip(("value", "low", "high"), points, strict=True))
    p = float(two_sided_p(np.array([beta / se]), prompts)[0])
    return {"first_wins": raw, "effect": effect, "p": p}


def _counts(label: Floats, weight: Floats) -> dict[str, Any]:
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


def _no_effects(codes: Codes, reason: str) -> pl.DataFrame:
    rows = [{"feature": feature, "effect_reason": reason} for feature in range(codes.shape[1])]
    return pl.DataFrame(rows, schema=EFFECT_COLUMNS)


def labelled_pairs(measured: Measured, label: Floats, weight: Floats, used: Ints) -> Labelled:
    """Return the pairs that are used, with columns of RMS 1."""
    names = measured.controls.names
    _, cluster = np.unique(measured.component[used], return_inverse=True)
    nothing = np.zeros(len(used))
    return Labelled(
        codes=_unit(measured.codes[used].astype(np.float64)),
        dense=measured.differences[used],
        length=_varying(measured.length[used]),
        controls=_unit(measured.controls.columns[used]),
        controls_name=names[0] if len(names) == 1 else "controls" if names else "",
        score=_varying(nothing if measured.score is None else measured.score[used]),
        label=label[used],
        weight=weight[used] / weight[used].mean(),
        component=cluster.astype(np.int64),
    )


def _unit(columns: Floats) -> Floats:
    rms = np.sqrt(np.square(columns).mean(axis=0))
    scaled: Floats = columns / np.where(rms > 0, rms, 1.0)
    return scaled


def _varying(column: Floats) -> Floats:
    """Return a column (n, 1) of RMS 1, or none (n, 0) where it is 0 throughout."""
    return _unit(column[:, None]) if column.any() else np.empty((len(column), 0))


def feature_effects(data: Labelled, controls: Floats, progress: Progress = silent) -> pl.DataFrame:
    """Return every feature's own effect, controls held (EFFECT_COLUMNS, joint ones absent)."""
    records: list[dict[str, Any]] = []
    m = data.codes.shape[1]
    for feature in range(m):
        records.append(_effect(feature, data, controls))
        progress(Event("preference", feature + 1, m, unit="features"))
    table = pl.DataFrame(records, schema=EFFECT_COLUMNS)
    p = table["p"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    tested = int(np.isfinite(p).sum())
    return table.with_columns(
        pl.Series("q", q_values(p), nan_to_null=True),
        (pl.col("p") * tested < 0.05).alias("bonferroni"),
    )


def _effect(feature: int, data: Labelled, controls: Floats) -> dict[str, Any]:
    z = data.codes[:, feature]
    active = np.flatnonzero(z)
    record: dict[str, Any] = {"feature": feature, "n_active": len(active)}
    if len(active) < MIN_ACTIVE:
        return record | {"effect_reason": f"active in only {len(active)} labelled pairs"}
    record["win_rate"] = 100 * float(
        np.average(_won(z[active], data.label[active]), weights=data.weight[active])
    )
    prompts = effective_clusters(z, data.weight, data.component)
    if prompts < MIN_PROMPTS:
        return record | {"effect_reason": f"active as if in only {prompts:.1f} independent prompts"}
    design = np.column_stack([z, controls])
    try:
        fit = cluster_logit(design, data.label, data.weight, data.component)
    except EstimationError as error:
        return record | {"effect_reason": str(error)}
    beta, se = float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0]))
    points = _points(fit, design[active], data.weight[active], t_bound(prompts) * se)
    return record | {
        "beta": beta,
        "se": se,
        "p": float(two_sided_p(np.array([beta / se]), prompts)[0]),
        "effect": points.value,
        "effect_low": points.low,
        "effect_high": points.high,
    }


def _won(z: Floats, label: Floats) -> Floats:
    """Return the share of each pair's label that goes to the side with more of the feature."""
    return np.where(z > 0, label, 1.0 - label)


def _points(fit: LogitFit, active: Floats, weight: Floats, reach: float) -> Interval:
    """Average change in the win rate of the side with more, controls held, in points.

    The interval carries beta's, beta plus and minus ``reach``, through the same average, so it
    leaves out 0 exactly when beta's does.
    """
    base = active[:, 1:] @ fit.beta[1:]
    without = expit(base)

    def average(beta: float) -> float:
        moved = expit(beta * active[:, 0] + base) - without
        return 100 * float(np.average(np.sign(active[:, 0]) * moved, weights=weight))

    beta = float(fit.beta[0])
    return Interval(average(beta), average(beta - reach), average(beta + reach))


def joint_effects(data: Labelled, controls: Floats) -> tuple[dict[str, Floats], str | None]:
    """Fit all features together: what each adds to the others."""
    m = data.codes.shape[1]
    empty = {name: np.full(m, np.nan) for name in ("joint_beta", "joint_se", "joint_p")}
    prompts = np.array([effective_clusters(z, data.weight, data.component) for z in data.codes.T])
    enough = np.flatnonzero(
        ((data.codes != 0).sum(axis=0) >= MIN_ACTIVE) & (prompts >= MIN_PROMPTS)
    )
    if len(np.unique(data.component)) < 5 * (len(enough) + 1):
        return empty, "fewer than five independent prompts per feature"
    try:
        fit = cluster_logit(
            np.column_stack([data.codes[:, enough], controls]),
            data.label, data.weight, data.component,
        )  # fmt: skip
    except EstimationError as error:
        return empty, str(error)
    beta = fit.beta[: len(enough)]
    se = np.sqrt(np.diag(fit.covariance))[: len(enough)]
    values = {
        "joint_beta": beta,
        "joint_se": se,
        "joint_p": two_sided_p(beta / se, prompts[enough]),
    }
    for name, value in values.items():
        empty[name][enough] = value
    return empty, None
