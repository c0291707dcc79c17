"""Ridge logistic models of pairs they did not see: whole components are held out together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Floats32, Ints
from wimhf.stats.components import grouped_parts
from wimhf.stats.logit import RidgeLogit
from wimhf.stats.resampling import log_losses
from wimhf.stats.score_test import robust_scores

FREE, RIDGE, ADAPTIVE = 0, 1, 2
"""Kinds of columns: without penalty; with one that is the same for all; with one that falls with
the square of the column's score against the free ones (adaptive ridge, after Zou 2006)."""
PENALTIES: tuple[float, ...] = (1e4, 3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 1.0)
"""Ridge penalties tried, on columns of RMS 1; falling, so that each fit starts from the last."""
CHOICE_PAIRS = 10_000
"""Pairs looked at to choose a penalty."""
LEAST_SCORE = 0.03
"""Squared scores below this count as this, so that no penalty is infinite."""


def out_of_fold_scores(
    penalised: Floats | Floats32,
    free: Floats,
    label: Floats,
    weight: Floats,
    component: Ints,
    folds: Ints,
    rng: np.random.Generator,
) -> Floats:
    """Return scores (n,), log odds, from ridge models that saw none of a pair's fold."""
    design = np.column_stack([penalised, free]).astype(np.float64)
    kinds = np.r_[np.full(penalised.shape[1], RIDGE), np.full(free.shape[1], FREE)]
    return out_of_fold_models(design, kinds, label, weight, component, folds, rng)[0]


def out_of_fold_models(
    design: Floats,
    kinds: Ints,
    label: Floats,
    weight: Floats,
    component: Ints,
    folds: Ints,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return scores (n,), log odds, and the ridge models (folds, p) that saw none of a pair's fold.

    Parameters
    ----------
    kinds
        (p,) FREE, RIDGE or ADAPTIVE. The penalty is chosen inside the other folds.
    folds
        (n,) from 0; pairs of fold -1 are fitted on in every fold and have a score of 0.
    """
    scores = np.zeros(len(label))
    betas = np.zeros((int(folds.max()) + 1, design.shape[1]))
    for fold in range(len(betas)):
        rest, held = np.flatnonzero(folds != fold), folds == fold
        betas[fold] = ridge_model(design, kinds, label, weight, component, rest, rng)
        scores[held] = design[held] @ betas[fold]
    return scores, betas


def ridge_model(
    design: Floats,
    kinds: Ints,
    label: Floats,
    weight: Floats,
    component: Ints,
    rows: Ints,
    rng: np.random.Generator,
) -> Floats:
    """Return the coefficients (p,) of a ridge logistic model of some rows.

    The penalty is chosen in three inner folds of whole components.
    """
    penalty, start = PENALTIES[0], np.zeros(design.shape[1])
    target = Target(label, weight, component)
    if kinds.any():
        penalty, start = chosen_penalty(design, kinds, target, rows, rng)
    model = RidgeLogit(design[rows], label[rows], weight[rows])
    return model.fit(penalty * shares(design, kinds, target, rows), start)


@dataclass(frozen=True)
class Target:
    """What is predicted: labels, weights, and which pairs hang together; (n,) each."""

    label: Floats
    weight: Floats
    component: Ints


def shares(design: Floats, kinds: Ints, data: Target, rows: Ints) -> Floats:
    """Return what each column (p,) bears of a penalty, from some rows; 1 on average of a score."""
    out = (kinds > FREE).astype(np.float64)
    adaptive = kinds == ADAPTIVE
    if adaptive.any():
        z = robust_scores(
            design[np.ix_(rows, adaptive)], design[np.ix_(rows, kinds == FREE)],
            data.label[rows], data.weight[rows], data.component[rows],
        )  # fmt: skip
        squared = np.maximum(np.square(z), LEAST_SCORE)
        out[adaptive] = squared.mean() / squared
    return out


def chosen_penalty(
    design: Floats, kinds: Ints, data: Target, rows: Ints, rng: np.random.Generator
) -> tuple[float, Floats]:
    """Return the penalty with the least held-out log loss in three inner folds, and its fit (p,).

    Penalties fall; the search ends when two in a row are worse than the best.
    """
    if len(rows) > CHOICE_PAIRS:
        rows = np.sort(rng.choice(rows, CHOICE_PAIRS, replace=False))
    inner = grouped_parts(data.component[rows], (1 / 3, 1 / 3, 1 / 3), rng)
    parts = [(rows[inner != fold], rows[inner == fold]) for fold in range(3)]
    parts = [(rest, held) for rest, held in parts if len(rest) > 0]
    models = [RidgeLogit(design[rest], data.label[rest], data.weight[rest]) for rest, _ in parts]
    bears = [shares(design, kinds, data, rest) for rest, _ in parts]
    fits = [np.zeros(design.shape[1]) for _ in parts]
    best = (np.inf, PENALTIES[0], fits[0])
    worse = 0
    for penalty in PENALTIES:
        loss = 0.0
        for number, (model, (_, held)) in enumerate(zip(models, parts, strict=True)):
            fits[number] = model.fit(penalty * bears[number], fits[number], tolerance=1e-6)
            each = log_losses(design[held] @ fits[number], data.label[held])
            loss += float((data.weight[held] * each).sum())
        worse = 0 if loss < best[0] else worse + 1
        if worse == 0:
            best = (loss, penalty, np.mean(fits, axis=0))
        elif worse == 2:
            break
    return best[1], best[2]
