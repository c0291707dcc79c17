"""How well features, controls and a black box predict labels they were not fitted on.

Ridge logistic models without intercept, out of fold over whole components. Everything is measured
over both orientations of every pair, so that no side is special.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from wimhf.base import (
    Event,
    Floats,
    Floats32,
    Ints,
    PreferenceConfig,
    Progress,
    side_by_side,
)
from wimhf.stats.components import fold_numbers
from wimhf.stats.crossfit import ADAPTIVE, FREE, RIDGE, out_of_fold_models, ridge_model
from wimhf.stats.design import Labelled
from wimhf.stats.interactions import leading, products
from wimhf.stats.lasso import l1_path
from wimhf.stats.resampling import bootstrap_metrics, percentile_interval
from wimhf.stats.summary import Bounds, FewFeatures, PreferenceSummary

BOOTSTRAP_WORK = 20_000_000
"""Pairs drawn in all resamples of one score; large data need fewer resamples."""
COUNTS = (1, 2, 5, 10, 20, 32)
"""Numbers of features whose AUC is reported."""

BLIND = "features on labels turned over at random"
"""The model that must be at chance: it is fitted beside the others."""

Columns = tuple[Floats, Ints]
"""Columns (n, p) of a model and their kinds (p,)."""


@dataclass(frozen=True)
class Predictions:
    """What models that saw none of a pair's fold say of its label.

    Attributes
    ----------
    folds
        (n,) the fold of every labelled pair.
    features, dense
        (n,) log odds that A is preferred, by features and controls, and by the black box with them.
    beta, dense_beta
        (folds, m + c) and (folds, d + c) coefficients behind them, per RMS of codes and controls,
        and per ``dense_size`` of differences.
    """

    folds: Ints
    features: Floats
    dense: Floats
    beta: Floats
    dense_beta: Floats
    dense_size: float


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
    streams = dict(zip(models, rng.spawn(len(models)), strict=True))
    few, turning = rng.spawn(2)
    blind = replace(data, label=_turned(data, turning))

    def fitted(name: str) -> tuple[Floats, Floats]:
        if name == BLIND:
            return out_of_fold(model_columns(data.codes), blind, folds, turning)
        return out_of_fold(models[name](), data, folds, streams[name])

    names = [*models, BLIND]
    fits: dict[str, tuple[Floats, Floats]] = {}
    for name, fit in zip(names, side_by_side(fitted, names), strict=True):
        fits[name] = fit
        progress(Event("preference", len(fits), len(names), unit="models", figures={}))
    scores = {name: fit[0] for name, fit in fits.items()}
    held = f" + {data.controls_name}" if data.controls_name else ""
    predicted = Predictions(
        folds, scores[f"features{held}"], scores[f"dense{held}"],
        fits[f"features{held}"][1], fits[f"dense{held}"][1], _size(data.dense),
    )  # fmt: skip
    selected = {f"{k} features": score for k, score in few_features(data, folds, few)}
    return _figures(scores, selected, data, blind.label, config, rng), predicted


def _figures(
    scores: Mapping[str, Floats],
    selected: Mapping[str, Floats],
    data: Labelled,
    turned: Floats,
    config: PreferenceConfig,
    rng: np.random.Generator,
) -> PreferenceSummary:
    """Return the figures of all models from their scores of pairs that they never saw.

    Parameters
    ----------
    selected
        Scores of the models of few features.
    turned
        The labels that the model BLIND was asked of.
    """
    count = min(config.bootstrap, max(100, BOOTSTRAP_WORK // len(data.label)))
    models = {name: score for name, score in scores.items() if name != BLIND}
    draws = bootstrap_metrics(
        {**models, **selected}, data.label, data.weight, data.component, count, rng
    )

    def measured(metric: str) -> dict[str, Bounds]:
        return {name: percentile_interval(draws[name][metric]).to_dict() for name in models}

    out: PreferenceSummary = {
        "folds": config.folds, "bootstrap": count, "auc": measured("auc"),
        "accuracy": measured("accuracy"), "log_loss": measured("log_loss"),
        "calibration_error": measured("calibration_error"),
    }  # fmt: skip
    out |= _recovered({name: draws[name]["auc"] for name in draws}, data)
    draws = bootstrap_metrics(
        {BLIND: scores[BLIND]}, turned, data.weight, data.component, count, rng
    )
    out["permuted_auc"] = percentile_interval(draws[BLIND]["auc"]).to_dict()
    return out


def _models(data: Labelled) -> dict[str, Callable[[], Columns]]:
    """Return what makes every model's columns; names that end with the controls hold them."""
    none, controls = np.empty((len(data.label), 0)), data.controls
    found = ~data.concept

    def dense() -> Floats32:
        return data.dense / _size(data.dense)

    models: dict[str, Callable[[], Columns]] = {}
    if data.length.shape[1]:
        models["length"] = lambda: model_columns(free=data.length)
    if data.controls_name not in ("", "length"):
        models[data.controls_name] = lambda: model_columns(free=controls)
    models |= {name: partial(model_columns, free=score) for name, score in data.scores.items()}
    models |= {
        "features": lambda: model_columns(data.codes, free=none),
        "dense": lambda: model_columns(ridge=dense(), free=none),
    }
    held = f" + {data.controls_name}" if data.controls_name else ""
    if held:
        models[f"features{held}"] = lambda: model_columns(data.codes, free=controls)
        models[f"dense{held}"] = lambda: model_columns(ridge=dense(), free=controls)
    if data.concept.any():
        if found.any():
            models[f"concepts{held}"] = lambda: model_columns(
                data.codes[:, data.concept], free=controls
            )
            models[f"discovered{held}"] = lambda: model_columns(data.codes[:, found], free=controls)
        models[f"dense + concepts{held}"] = lambda: model_columns(
            data.codes[:, data.concept], dense(), controls
        )
    asked = data.asked
    if asked is not None and asked.size:
        models[f"features by prompt{held}"] = lambda: model_columns(
            np.column_stack([data.codes, products(data.codes, asked)]), free=controls
        )
        models[f"dense by prompt{held}"] = lambda: model_columns(
            ridge=np.column_stack([dense(), products(leading(dense()), asked)]), free=controls
        )
    return models


def _size(differences: Floats32) -> float:
    """Return one scalar, not one per column: the black box predicts better so."""
    return float(np.sqrt(np.square(differences, dtype=np.float64).mean())) or 1.0


def model_columns(
    adaptive: Floats | None = None,
    ridge: Floats | Floats32 | None = None,
    free: Floats | None = None,
) -> Columns:
    """Return the columns of a model and their kinds: chosen among, shrunk alike, free."""
    parts = [(adaptive, ADAPTIVE), (ridge, RIDGE), (free, FREE)]
    kinds = [np.full(part.shape[1], kind) for part, kind in parts if part is not None]
    columns = [part.astype(np.float64) for part, _ in parts if part is not None]
    return np.column_stack(columns), np.concatenate(kinds)


def few_features(
    data: Labelled, folds: Ints, rng: np.random.Generator
) -> Iterator[tuple[int, Floats]]:
    """Yield for each k the scores of the k features that enter first, chosen inside the folds.

    Pairs of fold -1 are fitted on in every fold, and nothing is predicted of them.
    """
    counts = [k for k in COUNTS if k < data.codes.shape[1]]
    scores = {k: np.zeros(len(data.label)) for k in counts}
    for fold in range(int(folds.max()) + 1):
        rest, held = np.flatnonzero(folds != fold), folds == fold
        label, weight = data.label[rest], data.weight[rest]
        order = l1_path(
            data.codes[rest], data.controls[rest], label, weight, stop_at=max(counts, default=1)
        ).order
        for k in counts:
            design, kinds = model_columns(data.codes[:, order[:k]], free=data.controls)
            beta = ridge_model(
                design, kinds, data.label, data.weight, data.component, rest, rng.spawn(1)[0]
            )
            scores[k][held] = design[held] @ beta
    yield from scores.items()


def _recovered(draws: dict[str, Floats], data: Labelled) -> PreferenceSummary:
    """Return the share of what a black box adds to the controls that features add, all and few.

    The black box is the best of those measured: dense, dense with concepts, a reward model.
    """
    held = f" + {data.controls_name}" if data.controls_name else ""
    boxes = [f"dense{held}", f"dense + concepts{held}", "reward model"]
    box = max((name for name in boxes if name in draws), key=lambda name: float(draws[name][0]))
    chance = np.full_like(draws[box], 0.5)
    base = draws.get(data.controls_name, chance) if held else chance
    gain = percentile_interval(draws[box] - base)
    beats = gain.low is not None and gain.low > 0
    out: PreferenceSummary = {"at_k": [], "black_box": box}
    for name in draws:
        few = name.endswith(" features")
        if not few and name != f"features{held}":
            continue
        entry: FewFeatures = {"auc": percentile_interval(draws[name]).to_dict()}
        if beats:
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = (draws[name] - base) / (draws[box] - base)
            entry["recovered"] = percentile_interval(ratio).to_dict()
        if few:
            out["at_k"].append({"k": int(name.split()[0]), **entry})
        else:
            out["auc_recovered"] = entry.get("recovered")
    if not beats:
        than = data.controls_name if held else "chance"
        out["auc_recovered_reason"] = f"no black box predicts the labels better than {than} does"
    return out


def _turned(data: Labelled, rng: np.random.Generator) -> Floats:
    """Return labels turned over at random, whole components at a time."""
    turned = (rng.random(int(data.component.max()) + 1) < 0.5)[data.component]
    return np.where(turned, 1.0 - data.label, data.label)


def out_of_fold(
    columns: Columns, data: Labelled, folds: Ints, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return each labelled pair's score from a ridge model that saw none of its fold, and models.

    Returns
    -------
    tuple
        (n,) log odds and (folds, p) coefficients.
    """
    return out_of_fold_models(*columns, data.label, data.weight, data.component, folds, rng)
