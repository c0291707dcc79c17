"""How well features, controls and a black box predict labels they were not fitted on.

Ridge logistic models without intercept, out of fold over whole components. Everything is measured
over both orientations of every pair, so that no side is special.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wimhf.base import Event, Floats, Floats32, Ints, PreferenceConfig, Progress
from wimhf.stats.components import fold_numbers
from wimhf.stats.crossfit import out_of_fold_models
from wimhf.stats.design import Labelled
from wimhf.stats.lasso import l1_path, one_standard_error, path_losses, selection_frequency
from wimhf.stats.logit import RidgeLogit
from wimhf.stats.resampling import bootstrap_metrics, percentile_interval
from wimhf.stats.summary import Bounds, FewFeatures, PathSummary, PreferenceSummary

SPARSE_PAIRS = 20_000
"""Pairs from which penalties are chosen and selection frequencies counted."""
BOOTSTRAP_WORK = 20_000_000
"""Pairs drawn in all resamples of one score; large data need fewer resamples."""
COUNTS = (1, 2, 5, 10, 20)
"""Numbers of features whose AUC is reported."""


@dataclass(frozen=True)
class Predictions:
    """What models that saw none of a pair's fold say of its label.

    Attributes
    ----------
    folds
        (n,) the fold of every labelled pair.
    features, dense
        (n,) log odds that A is preferred, by features and controls, and by the black box with them.
    beta
        (folds, m + c) coefficients behind ``features``, per RMS of codes and controls.
    """

    folds: Ints
    features: Floats
    dense: Floats
    beta: Floats


def predict_labels(
    data: Labelled, config: PreferenceConfig, rng: np.random.Generator, progress: Progress
) -> tuple[PreferenceSummary, Predictions | None]:
    """Return out-of-fold figures of features, controls and the dense probe, on the same folds.

    Returns
    -------
    tuple
        ``auc``, ``accuracy``, ``log_loss`` and ``calibration_error`` per model, ``auc_recovered``,
        ``at_k`` and ``permuted_auc``, each with value, low and high, a reason where absent; and
        what was predicted of every pair, None where there are too few prompts.
    """
    folds = fold_numbers(data.component, config.folds, rng)
    if folds is None:
        return {"auc": {}, "auc_reason": f"fewer than {config.folds} independent prompts"}, None
    models = _models(data)
    scores: dict[str, Floats] = {}
    fits: dict[str, Floats] = {}
    for number, (name, (penalised, free)) in enumerate(models.items()):
        progress(Event("preference", number, len(models), unit="models", figures={}))
        scores[name], fits[name] = out_of_fold(penalised, free, data, folds, rng.spawn(1)[0])
    held = f" + {data.controls_name}" if data.controls_name else ""
    predicted = Predictions(
        folds, scores[f"features{held}"], scores[f"dense{held}"], fits[f"features{held}"]
    )
    for k, score in _few_features(data, folds):
        scores[f"{k} features"] = score
    count = min(config.bootstrap, max(100, BOOTSTRAP_WORK // len(data.label)))
    draws = bootstrap_metrics(scores, data.label, data.weight, data.component, count, rng)

    def measured(metric: str) -> dict[str, Bounds]:
        return {name: percentile_interval(draws[name][metric]).to_dict() for name in models}

    out: PreferenceSummary = {
        "folds": config.folds, "bootstrap": count, "auc": measured("auc"),
        "accuracy": measured("accuracy"), "log_loss": measured("log_loss"),
        "calibration_error": measured("calibration_error"),
    }  # fmt: skip
    out |= _recovered(draws, out["auc"]["dense"]["low"])
    out["permuted_auc"] = _permuted(data, folds, config, rng)
    return out, predicted


def sparse_model(
    data: Labelled, config: PreferenceConfig, rng: np.random.Generator, progress: Progress
) -> tuple[dict[str, Floats], PathSummary]:
    """Fit the joint sparse model: the L1 path, its chosen penalty, selection frequencies.

    Returns
    -------
    tuple
        Columns per feature (path_rank from 1; sparse_beta at the chosen penalty;
        selection_frequency) and the path itself for the report; NaN and a reason where there
        are too few independent prompts.
    """
    m = data.codes.shape[1]
    columns = {n: np.full(m, np.nan) for n in ("path_rank", "sparse_beta", "selection_frequency")}
    folds = fold_numbers(data.component, config.folds, rng)
    if folds is None:
        return columns, {"reason": f"fewer than {config.folds} independent prompts"}
    progress(Event("preference", message="choosing the few features that explain the labels"))
    path = l1_path(data.codes, data.controls, data.label, data.weight)
    rows = np.arange(len(data.label))
    if len(rows) > SPARSE_PAIRS:
        rows = np.sort(rng.choice(rows, SPARSE_PAIRS, replace=False))
    part = (data.codes[rows], data.controls[rows], data.label[rows], data.weight[rows])
    losses = path_losses(*part, folds[rows], path.penalties)
    chosen = one_standard_error(losses)
    for rank, feature in enumerate(path.order):
        columns["path_rank"][feature] = rank + 1
    columns["sparse_beta"] = path.beta[chosen]
    component = np.unique(data.component[rows], return_inverse=True)[1]
    count = max(1, round(np.sqrt(m)))
    columns["selection_frequency"] = selection_frequency(
        *part, component, config.halvings, count, rng
    )
    return columns, {
        "penalties": path.penalties.tolist(),
        "beta": path.beta.round(6).tolist(),
        "loss": losses.mean(axis=0).tolist(),
        "chosen": chosen,
        "n_chosen": int(np.count_nonzero(path.beta[chosen])),
        "halves_keep": count,
    }


def _models(data: Labelled) -> dict[str, tuple[Floats | Floats32, Floats]]:
    """Return per model its penalised and its free columns."""
    none = np.empty((len(data.label), 0))
    # one scalar, not one per column: the black box predicts better so
    size = float(np.sqrt(np.square(data.dense, dtype=np.float64).mean()))
    dense = data.dense / (size or 1.0)
    models: dict[str, tuple[Floats | Floats32, Floats]] = {}
    if data.length.shape[1]:
        models["length"] = (none, data.length)
    if data.controls_name not in ("", "length"):
        models[data.controls_name] = (none, data.controls)
    models |= {name: (none, score) for name, score in data.scores.items()}
    models |= {"features": (data.codes, none), "dense": (dense, none)}
    if data.controls_name:
        models[f"features + {data.controls_name}"] = (data.codes, data.controls)
        models[f"dense + {data.controls_name}"] = (dense, data.controls)
    return models


def _few_features(data: Labelled, folds: Ints) -> Iterator[tuple[int, Floats]]:
    """Yield for each k the scores of the k features that enter first, chosen inside the folds."""
    counts = [k for k in COUNTS if k < data.codes.shape[1]]
    scores = {k: np.zeros(len(data.label)) for k in counts}
    for fold in range(int(folds.max()) + 1):
        rest, held = np.flatnonzero(folds != fold), folds == fold
        label, weight = data.label[rest], data.weight[rest]
        order = l1_path(
            data.codes[rest], data.controls[rest], label, weight, stop_at=max(counts, default=1)
        ).order
        for k in counts:
            chosen = order[:k]
            columns = data.codes[:, chosen]
            beta = RidgeLogit(columns[rest], label, weight).fit(np.ones(len(chosen)))
            scores[k][held] = columns[held] @ beta
    yield from scores.items()


def _recovered(draws: dict[str, dict[str, Floats]], dense_low: float | None) -> PreferenceSummary:
    """Return the share of the dense probe's AUC above chance that features keep, all and few."""
    names = {name: name for name in draws if name.endswith(" features") or name == "features"}
    beats = dense_low is not None and dense_low > 0.5
    out: PreferenceSummary = {"at_k": []}
    for name in names:
        entry: FewFeatures = {"auc": percentile_interval(draws[name]["auc"]).to_dict()}
        if beats:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = (draws[name]["auc"] - 0.5) / (draws["dense"]["auc"] - 0.5)
            entry["recovered"] = percentile_interval(ratio).to_dict()
        if name == "features":
            out["auc_recovered"] = entry.get("recovered")
        else:
            out["at_k"].append({"k": int(name.split()[0]), **entry})
    if not beats:
        out["auc_recovered_reason"] = "the dense probe does not beat chance"
    return out


def _permuted(
    data: Labelled, folds: Ints, config: PreferenceConfig, rng: np.random.Generator
) -> Bounds:
    """Measure the features on labels turned over at random, whole components at a time."""
    turned = (rng.random(int(data.component.max()) + 1) < 0.5)[data.component]
    label = np.where(turned, 1.0 - data.label, data.label)
    blind = Labelled(**{**data.__dict__, "label": label})
    score, _ = out_of_fold(data.codes, np.empty((len(label), 0)), blind, folds, rng)
    draws = bootstrap_metrics(
        {"x": score}, label, data.weight, data.component, config.bootstrap, rng
    )
    return percentile_interval(draws["x"]["auc"]).to_dict()


def out_of_fold(
    penalised: Floats | Floats32,
    free: Floats,
    data: Labelled,
    folds: Ints,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return each labelled pair's score from a ridge model that saw none of its fold, and models.

    Returns
    -------
    tuple
        (n,) log odds and (folds, p) coefficients.
    """
    return out_of_fold_models(penalised, free, data.label, data.weight, data.component, folds, rng)
