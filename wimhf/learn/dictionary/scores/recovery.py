"""What codes know of the labels, against a black box and beyond the written bank.

All models are ridge logistic, without intercept, beside the controls; the dictionary and every
model are fitted on pairs that do not share a component with those they are judged on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wimhf.base import Floats, Floats32, Ints
from wimhf.stats import Labelled, bootstrap_metrics, few_features, model_columns, out_of_fold

CONTROLS, DENSE, CONCEPTS = "controls", "dense", "concepts"
ALL, BEYOND, LEFT = "all", "features + concepts", "residual"


def base_scores(
    data: Labelled, bank: Floats, folds: Ints, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return the scores (n,) that no dictionary changes: controls, dense and concepts.

    Parameters
    ----------
    data
        The labelled pairs; codes are not read.
    bank
        (n, c) concept columns of RMS 1.
    folds
        (n,) from 0; pairs of fold -1 are fitted on only.
    """
    size = float(np.sqrt(np.square(data.dense, dtype=np.float64).mean())) or 1.0
    models = {
        CONTROLS: model_columns(free=data.controls),
        DENSE: model_columns(ridge=data.dense / size, free=data.controls),
        CONCEPTS: model_columns(bank, free=data.controls),
    }
    scores = {}
    for name, columns in models.items():
        own = rng.spawn(1)[0]
        nothing = columns[0].shape[1] == 0  # no controls tell nothing: AUC .5
        scores[name] = (
            np.zeros(len(data.label)) if nothing else out_of_fold(columns, data, folds, own)[0]
        )
    return scores


def code_scores(
    data: Labelled, bank: Floats, residual: Floats32, folds: Ints, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return the scores (n,) of a dictionary's codes: few, all, with the bank, and what is left.

    Parameters
    ----------
    data
        Codes are the dictionary's alone.
    residual
        (n, d) what its codes leave of the differences.
    """
    size = float(np.sqrt(np.square(residual, dtype=np.float64).mean())) or 1.0
    models = {
        ALL: model_columns(data.codes, free=data.controls),
        BEYOND: model_columns(np.column_stack([data.codes, bank]), free=data.controls),
        LEFT: model_columns(ridge=residual / size, free=data.controls),
    }
    scores = {
        name: out_of_fold(columns, data, folds, rng.spawn(1)[0])[0]
        for name, columns in models.items()
    }
    plain = replace(data, concept=np.zeros(data.codes.shape[1], dtype=bool))
    for k, score in few_features(plain, folds, rng.spawn(1)[0]):
        scores[str(k)] = score
    return scores


def auc_draws(
    scores: dict[str, Floats],
    data: Labelled,
    judged: Ints,
    draws: int,
    seed: int,
) -> dict[str, Floats]:
    """Return per score (1 + draws,) AUCs: the estimate, then resampled components.

    The same seed draws the same components, so that differences of any two are paired.

    Parameters
    ----------
    judged
        Rows that models were not fitted on.
    """
    component = np.unique(data.component[judged], return_inverse=True)[1].astype(np.int64)
    found = bootstrap_metrics(
        {name: score[judged] for name, score in scores.items()},
        data.label[judged], data.weight[judged], component, draws, np.random.default_rng(seed),
    )  # fmt: skip
    return {name: metrics["auc"] for name, metrics in found.items()}


def recovered(features: Floats, controls: Floats, dense: Floats) -> Floats:
    """Return the share of what the black box adds to the controls that features add.

    Parameters
    ----------
    features, controls, dense
        (1 + draws,) AUCs on the same resamples; NaN where the black box adds nothing.
    """
    gain = dense - controls
    out = np.full(len(features), np.nan)
    np.divide(features - controls, gain, out=out, where=gain > 0)
    return out
