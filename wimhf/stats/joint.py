"""Findings: which few groups of columns carry the labels together, and what each adds.

Speakers of groups enter an L1 path whose controls are free. Those that are beyond chance alone and
kept where the path predicts best are fitted together without penalty, and the least sure is left
out until every one that stays adds to the others. Then those that others suppress come in: nothing
alone, beyond chance beside the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.special import expit

from wimhf.base import Event, Floats, Ints, PreferenceConfig, Progress
from wimhf.errors import EstimationError
from wimhf.stats.components import fold_numbers
from wimhf.stats.design import Labelled
from wimhf.stats.gram import gram
from wimhf.stats.inference import effective_clusters, q_values, t_bound, two_sided_p
from wimhf.stats.lasso import l1_path, one_standard_error, path_losses, selection_frequency
from wimhf.stats.logit import (
    LogitFit,
    RidgeLogit,
    SeparationError,
    cluster_logit,
    firth_logit,
)
from wimhf.stats.resampling import log_losses
from wimhf.stats.score_test import robust_scores
from wimhf.stats.summary import PathSummary

SPARSE_PAIRS = 20_000
"""Pairs from which penalties are chosen and selection frequencies counted."""
PROMPTS_PER_COLUMN = 5
"""Independent prompts that a model needs for every column fitted without penalty."""
LEVEL = 0.05
JOINT_COLUMNS: dict[str, pl.DataType] = {
    "path_rank": pl.Int64(), "selection_frequency": pl.Float64(), "sparse_beta": pl.Float64(),
    "joint_beta": pl.Float64(), "joint_se": pl.Float64(), "joint_p": pl.Float64(),
    "joint_effect": pl.Float64(), "joint_low": pl.Float64(), "joint_high": pl.Float64(),
    "importance": pl.Float64(), "suppressed": pl.Boolean(),
}  # fmt: skip
"""Per column, absent where it speaks for no group or was not fitted with the others.

``joint_effect`` is in points like ``effect``, the other columns of the fit held as well;
``importance`` is by how much the out-of-fold log loss (in nats per pair) falls with it, the mean
of alone and beside the others: what two columns share counts half for each. ``suppressed`` says
that a fitted column shows nothing alone.
"""


@dataclass(frozen=True)
class Joint:
    """What columns say together: JOINT_COLUMNS, the path, and why nothing was fitted."""

    table: pl.DataFrame
    path: PathSummary = field(default_factory=lambda: PathSummary())
    reason: str | None = None


def joint_model(
    data: Labelled,
    modelled: Labelled,
    speakers: Ints,
    q: Floats,
    config: PreferenceConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> Joint:
    """Fit the speakers together: path, selection frequencies, and what each adds to the others.

    Parameters
    ----------
    modelled
        The pairs, or some of them, from which the path is fitted.
    speakers
        Columns of ``data.codes``.
    q
        (m,) of every column alone; NaN where it was not tested.
    """
    found = {name: np.full(data.codes.shape[1], np.nan) for name in JOINT_COLUMNS}
    folds = fold_numbers(data.component, config.folds, rng)
    path: PathSummary = {"reason": f"fewer than {config.folds} independent prompts"}
    tested = speakers[np.isfinite(q[speakers])]
    own = folds if modelled is data else fold_numbers(modelled.component, config.folds, rng)
    if own is not None and len(tested):
        progress(Event("preference", message="choosing the few features that explain the labels"))
        sparse, path = _sparse(modelled, tested, own, config, rng)
        for name, values in sparse.items():
            found[name][tested] = values
    kept = np.zeros(len(q), dtype=bool)
    if "beta" in path:
        best = int(np.argmin(path["loss"]))
        kept[tested] = np.array(path["beta"][best]) != 0
    chosen = np.flatnonzero(kept & (np.nan_to_num(q, nan=1.0) < LEVEL))
    chosen = chosen[np.argsort(q[chosen], kind="stable")]
    hidden = tested[~(q[tested] < LEVEL)]
    reason = _fit_together(data, chosen, hidden, folds, found)
    fitted = np.isfinite(found["joint_p"])
    found["suppressed"][fitted] = ~(q[fitted] < LEVEL)
    return Joint(_table(found), path, reason)


def _table(found: dict[str, Floats]) -> pl.DataFrame:
    series = [
        pl.Series(name, values, nan_to_null=True).cast(JOINT_COLUMNS[name])
        for name, values in found.items()
    ]
    return pl.DataFrame(series)


def _sparse(
    data: Labelled, speakers: Ints, folds: Ints, config: PreferenceConfig, rng: np.random.Generator
) -> tuple[dict[str, Floats], PathSummary]:
    """Return the path's columns per speaker, and the path itself for the report."""
    own, m = data.codes[:, speakers], len(speakers)
    path = l1_path(own, data.controls, data.label, data.weight)
    rows = np.arange(len(data.label))
    if len(rows) > SPARSE_PAIRS:
        rows = np.sort(rng.choice(rows, SPARSE_PAIRS, replace=False))
    part = (own[rows], data.controls[rows], data.label[rows], data.weight[rows])
    losses = path_losses(*part, folds[rows], path.penalties)
    chosen = one_standard_error(losses)
    rank = np.full(m, np.nan)
    rank[path.order] = np.arange(1, len(path.order) + 1)
    component = np.unique(data.component[rows], return_inverse=True)[1]
    count = max(1, round(np.sqrt(m)))
    frequency = selection_frequency(*part, component, config.halvings, count, rng)
    columns = {
        "path_rank": rank, "sparse_beta": path.beta[chosen], "selection_frequency": frequency,
    }  # fmt: skip
    return columns, {
        "columns": speakers.tolist(),
        "penalties": path.penalties.tolist(),
        "beta": path.beta.round(6).tolist(),
        "loss": losses.mean(axis=0).tolist(),
        "chosen": chosen,
        "n_chosen": int(np.count_nonzero(path.beta[chosen])),
        "halves_keep": count,
    }


def _fit_together(
    data: Labelled, chosen: Ints, hidden: Ints, folds: Ints | None, found: dict[str, Floats]
) -> str | None:
    """Fill in what each chosen column adds to the others; say why where nothing is fitted.

    Columns of ``hidden`` that the others suppress are fitted, too.
    """
    prompts = len(np.unique(data.component))
    most = prompts // PROMPTS_PER_COLUMN - 1 - data.controls.shape[1]
    if len(chosen) == 0:
        return "no feature is both beyond chance and kept by the path"
    if most < 1:
        return "too few independent prompts for a model of several features"
    try:
        chosen, design, fit = _eliminated(data, chosen[:most])
        more = _suppressed(data, design, hidden)[: max(most - len(chosen), 0)]
        if len(more):
            chosen, design, fit = _eliminated(data, np.r_[chosen, more])
    except EstimationError as error:
        return str(error)
    for place, column in enumerate(chosen.tolist()):
        clusters = effective_clusters(data.codes[:, column], data.weight, data.component)
        beta, se = fit.beta[place], np.sqrt(fit.covariance[place, place])
        found["joint_beta"][column], found["joint_se"][column] = beta, se
        found["joint_p"][column] = two_sided_p(np.array([beta / se]), clusters)[0]
        points = _points(data, design, fit, place, t_bound(clusters) * se)
        found["joint_effect"][column], found["joint_low"][column], found["joint_high"][column] = (
            points
        )
    if folds is not None:
        found["importance"][chosen] = _importance(data, design, len(chosen), folds)
    return None


def _suppressed(data: Labelled, design: Floats, hidden: Ints) -> Ints:
    """Return the columns that add to a design beyond chance, the surest first."""
    own = data.codes[:, hidden]
    scores = robust_scores(own, design, data.label, data.weight, data.component)
    clusters = [effective_clusters(column, data.weight, data.component) for column in own.T]
    p = two_sided_p(scores, np.array(clusters))
    order = np.argsort(p, kind="stable")
    return hidden[order[q_values(p)[order] < LEVEL]]


def _eliminated(data: Labelled, chosen: Ints) -> tuple[Ints, Floats, LogitFit]:
    """Leave out the least sure column until every one that stays adds to the others."""
    clusters = {
        column: effective_clusters(data.codes[:, column], data.weight, data.component)
        for column in chosen.tolist()
    }
    while True:
        design = np.column_stack([data.codes[:, chosen], data.controls])
        fit = _finite_fit(design, data)
        z = fit.beta[: len(chosen)] / np.sqrt(np.diag(fit.covariance)[: len(chosen)])
        p = two_sided_p(z, np.array([clusters[column] for column in chosen.tolist()]))
        if len(chosen) == 1 or p.max() < LEVEL:
            return chosen, design, fit
        chosen = np.delete(chosen, int(np.argmax(p)))


def _finite_fit(design: Floats, data: Labelled) -> LogitFit:
    try:
        return cluster_logit(design, data.label, data.weight, data.component)
    except SeparationError:
        return firth_logit(design, data.label, data.weight, data.component)


def _points(
    data: Labelled, design: Floats, fit: LogitFit, place: int, reach: float
) -> tuple[float, float, float]:
    """Return a column's effect in points and its interval, everything else as it is."""
    active = np.flatnonzero(design[:, place])
    z, weight = design[active, place], data.weight[active]
    base = design[active] @ fit.beta - fit.beta[place] * z

    def average(beta: float) -> float:
        moved = expit(beta * z + base) - expit(base)
        return 100 * float(np.average(np.sign(z) * moved, weights=weight))

    beta = float(fit.beta[place])
    return average(beta), average(beta - reach), average(beta + reach)


def _importance(data: Labelled, design: Floats, count: int, folds: Ints) -> Floats:
    """Return by how much the out-of-fold log loss falls with each column, see JOINT_COLUMNS.

    The model without a column is taken from the curvature of the one with it, which is exact up
    to the third order of its coefficient; so is the one that has it alone.
    """
    controls = design[:, count:]
    fall = np.zeros(count)
    penalty = np.r_[np.ones(count), np.full(controls.shape[1], 1e-6)]
    for fold in range(int(folds.max()) + 1):
        rest, held = folds != fold, folds == fold
        own, weight, label = design[rest], data.weight[rest], data.label[rest]
        beta = RidgeLogit(own, label, weight).fit(penalty)
        chance = expit(own @ beta)
        curve = gram(own, weight * chance * (1 - chance)) + np.diag(penalty)
        inverse = np.linalg.pinv(curve, hermitian=True)
        without = beta - inverse[:, :count].T * (beta / np.diag(inverse))[:count, None]
        base = np.zeros(controls.shape[1])
        if controls.shape[1]:
            base = RidgeLogit(controls[rest], label, weight).fit(penalty[count:])
        alone = _added(own, count, controls[rest] @ base, label, weight)
        scores = design[held] @ np.column_stack([beta, without.T])
        single = controls[held] @ base
        scores = np.column_stack([scores, single, single[:, None] + design[held, :count] * alone])
        losses = data.weight[held] @ log_losses(scores, data.label[held, None])
        beside = losses[1 : count + 1] - losses[0]
        fall += (beside + losses[count + 1] - losses[count + 2 :]) / 2
    fall /= data.weight.sum()
    return fall


def _added(design: Floats, count: int, base: Floats, label: Floats, weight: Floats) -> Floats:
    """Return each column's coefficient beside the controls alone, by one Newton step."""
    chance = expit(base)
    slope = design.T @ (weight * (label - chance))
    curve = gram(design, weight * chance * (1 - chance))
    held = curve[count:, count:]
    turn = np.linalg.pinv(held, hermitian=True) if len(held) else held
    own = np.diag(curve)[:count] - np.einsum(
        "ij,jk,ki->i", curve[:count, count:], turn, curve[count:, :count]
    )
    step: Floats = slope[:count] / (own + 1.0)
    return step
