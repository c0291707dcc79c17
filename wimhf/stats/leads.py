"""How far A leads in the eyes of a model of the labels that saw none of the pair's prompt."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats
from wimhf.errors import EstimationError
from wimhf.stats.components import fold_numbers
from wimhf.stats.crossfit import ADAPTIVE, FREE, out_of_fold_models
from wimhf.stats.design import Measured, labelled_pairs
from wimhf.stats.whatif import FOLDS, Labels


def out_of_fold_leads(measured: Measured, labels: Labels, rng: np.random.Generator) -> Floats:
    """Return s(A) - s(B) of every labelled pair (n,), in log odds; NaN where a pair says nothing.

    An adaptive ridge logistic model of features and controls without intercept, so that exchanging
    the sides of any pair negates its lead. Whole components are held out together.

    Raises
    ------
    EstimationError
        If there are fewer independent prompts than folds.
    """
    used = np.flatnonzero(labels.used)
    component = np.unique(measured.component[used], return_inverse=True)[1].astype(np.int64)
    folds = fold_numbers(component, FOLDS, rng) if len(used) else None
    if folds is None:
        raise EstimationError(f"fewer than {FOLDS} independent prompts have a label")
    data = labelled_pairs(measured, labels.label, labels.weight, used)
    design = np.column_stack([data.codes, data.controls])
    kinds = np.r_[np.full(data.codes.shape[1], ADAPTIVE), np.full(data.controls.shape[1], FREE)]
    weight = labels.weight[used] / labels.weight[used].mean()
    leads = np.full(len(labels.label), np.nan)
    leads[used] = out_of_fold_models(
        design, kinds, labels.label[used], weight, component, folds, rng
    )[0]
    return leads
