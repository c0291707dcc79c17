"""How well features, controls and a black box predict labels they were not fitted on.

Ridge logistic models without intercept, out of fold over whole
components, compared by the AUC over both orientations of every decided pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wimhf.config import PreferenceConfig
from wimhf.progress import Event, Progress
from wimhf.stats import bootstrap_aucs, grouped_parts, percentile_interval, ridge_logit

Floats = NDArray[np.float64]
Codes = NDArray[np.float32]
Ints = NDArray[np.int64]
PENALTIES: tuple[float, ...] = (3000.0, 1000.0, 300.0, 100.0, 10.0, 1.0)
"""Ridge penalties tried, on columns of RMS 1; falling, so that each fit starts from the last."""
CHOICE_PAIRS = 10_000
"""Pairs looked at to choose a penalty."""


@dataclass(frozen=True)
class Labelled:
    """The labelled pairs: codes and control with columns of RMS 1, labels, weights, components."""

    codes: Floats
    dense: Codes
    control: Floats
    label: Floats
    weight: Floats
    component: Ints
    rms: Floats


def predict_labels(
    data: Labelled,
    controls: Floats,
    config: PreferenceConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> dict[str, Any]:
    """Return out-of-fold AUCs of features, controls and the dense probe, on the same folds.

    Returns
    -------
    dict
        auc per model and auc_recovered, each with value, low and high; a reason where absent.
    """
    folds = _folds(data.component, config.folds, rng)
    if folds is None:
        return {"auc": {}, "auc_reason": f"fewer than {config.folds} independent prompts"}
    none = np.empty((len(data.label), 0))
    rms = np.sqrt(np.square(data.dense, dtype=np.float64).mean(axis=0))
    dense = data.dense / np.where(rms > 0, rms, 1.0)
    columns = {"features": (data.codes, none), "dense": (dense, none)}
    if controls.shape[1]:
        columns |= {
            "length": (none, controls),
            "features + length": (data.codes, controls),
            "dense + length": (dense, controls),
        }
    scores = {}
    for number, (name, (penalised, free)) in enumerate(columns.items()):
        progress(Event("preference", number, len(columns), unit="models", message=name))
        scores[name] = out_of_fold(penalised, free, data, folds, rng.spawn(1)[0])
    draws = bootstrap_aucs(scores, data.label, data.weight, data.component, config.bootstrap, rng)
    out: dict[str, Any] = {
        "folds": config.folds,
        "auc": {name: percentile_interval(values).to_dict() for name, values in draws.items()},
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (draws["features"] - 0.5) / (draws["dense"] - 0.5)
    lowest = percentile_interval(draws["dense"]).low
    if lowest is not None and lowest > 0.5:
        out["auc_recovered"] = percentile_interval(ratio).to_dict()
    else:
        out["auc_recovered_reason"] = "the dense probe does not beat chance"
    return out


def _folds(component: Ints, count: int, rng: np.random.Generator) -> Ints | None:
    if len(np.unique(component)) < count:
        return None
    return grouped_parts(component, (1 / count,) * count, rng).astype(np.int64)


def out_of_fold(
    penalised: NDArray[Any], free: Floats, data: Labelled, folds: Ints, rng: np.random.Generator
) -> Floats:
    """Return each pair's score from a ridge model that saw none of its fold.

    The penalty is chosen inside the other folds; the columns of ``free`` (controls) carry none.
    """
    design = np.column_stack([penalised, free]).astype(np.float64)
    kinds = np.r_[np.ones(penalised.shape[1]), np.zeros(free.shape[1])]
    scores = np.zeros(len(data.label))
    for fold in range(int(folds.max()) + 1):
        rest, held = np.flatnonzero(folds != fold), folds == fold
        path = PENALTIES if penalised.shape[1] else PENALTIES[:1]
        if len(path) > 1:
            path = path[: _best_penalty(design, kinds, data, rest, rng) + 1]
        beta = _last_of_path(design, kinds, data, rest, path)[-1]
        scores[held] = design[held] @ beta
    return scores


def _last_of_path(
    design: Floats, kinds: Floats, data: Labelled, rows: Ints, path: tuple[float, ...]
) -> list[Floats]:
    fits: list[Floats] = []
    for penalty in path:
        start = fits[-1] if fits else None
        fits.append(
            ridge_logit(design[rows], data.label[rows], data.weight[rows], penalty * kinds, start)
        )
    return fits


def _best_penalty(
    design: Floats, kinds: Floats, data: Labelled, rows: Ints, rng: np.random.Generator
) -> int:
    """Return the index of the penalty with the least held-out log loss in three inner folds."""
    if len(rows) > CHOICE_PAIRS:
        rows = np.sort(rng.choice(rows, CHOICE_PAIRS, replace=False))
    inner = grouped_parts(data.component[rows], (1 / 3, 1 / 3, 1 / 3), rng)
    loss = np.zeros(len(PENALTIES))
    for fold in range(3):
        rest, held = rows[inner != fold], rows[inner == fold]
        if len(rest) == 0:
            continue
        for number, beta in enumerate(_last_of_path(design, kinds, data, rest, PENALTIES)):
            score = design[held] @ beta
            label, weight = data.label[held], data.weight[held]
            each = label * np.logaddexp(0, -score) + (1 - label) * np.logaddexp(0, score)
            loss[number] += float((weight * each).sum())
    return int(np.argmin(loss))
