"""One direction for each concept: the yardstick for what is learned without being told.

After Koh et al. (2020), "Concept bottleneck models", arXiv 2007.04612, and Makelov, Lange and
Nanda (2024), "Towards principled evaluations of sparse autoencoders", arXiv 2405.08366, who
measure dictionaries against one that was told the concepts. A ridge regression predicts each
concept column from the difference. What the codes know of labels beyond their columns is leakage
(Mahinpei et al. 2021, arXiv 2106.13314); it is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wimhf.base import DictionaryConfig, Floats, Mask, Progress
from wimhf.errors import EstimationError
from wimhf.learn.dictionary.kinds.decoding import written_by
from wimhf.learn.dictionary.kinds.given import KindData, PairData, Trained
from wimhf.learn.dictionary.kinds.thresholded import Thresholded
from wimhf.learn.dictionary.size import choose_size
from wimhf.stats import RIDGE, auc, odd_correlation, ridge_model, ridge_weights

LEAST_PAIRS = 50
"""Labelled pairs of a split from which leakage is measured."""


@dataclass(frozen=True)
class Supervised(Thresholded):
    """A dictionary that was told its concepts."""

    kind: ClassVar[str] = "supervised"


def train_supervised(
    data: KindData, config: DictionaryConfig, seed: int, progress: Progress
) -> Trained:
    """Fit a direction for each of the m concepts that differences predict best in select pairs.

    Raises
    ------
    EstimationError
        If there are no concept columns.
    """
    del progress
    fit, select = data.fit, data.select
    if fit.concepts is None or select.concepts is None or fit.concepts.shape[1] < 2:
        raise EstimationError(
            "a supervised dictionary needs at least 2 concepts that tell enough pairs apart; "
            "use another --dictionary"
        )
    m, k = choose_size(len(fit) + len(select), fit.differences.shape[1], config)
    weights = ridge_weights(fit.differences, fit.concepts)
    predicted = select.differences.astype(np.float64) @ weights
    found = np.array([
        odd_correlation(predicted[:, at], select.concepts[:, at].astype(np.float64))
        for at in range(weights.shape[1])
    ])  # fmt: skip
    chosen = np.argsort(-found, kind="stable")[:m]
    size = np.sqrt(np.square(fit.differences.astype(np.float64) @ weights[:, chosen]).mean(axis=0))
    rows = (weights[:, chosen] / np.maximum(size, 1e-12)).T.astype(np.float32)
    raw = Supervised(rows, rows, np.zeros(len(rows), dtype=np.float32))
    k = min(k, len(rows))
    dictionary = written_by(raw.calibrated(select.differences, k), fit.differences)
    ids = [data.concept_ids[at] for at in chosen] if data.concept_ids else []
    figures = {
        "concepts": ids,
        "concept_correlation": found[chosen].tolist(),
        "leakage": leakage(dictionary, fit, select, chosen.tolist(), seed),
    }
    return Trained(dictionary, k, 0, "cpu", figures=figures)


def leakage(
    dictionary: Supervised, fit: PairData, judged: PairData, columns: list[int], seed: int
) -> Mapping[str, float] | None:
    """Return what codes know of labels beyond the concept columns they stand for.

    Parameters
    ----------
    fit, judged
        Ridge logistic models are fitted on the one and judged by AUC on the other.
    columns
        The concept columns of the dictionary's features.

    Returns
    -------
    dict or None
        ``auc_columns``, ``auc_codes``, ``auc_both`` and ``leakage`` (both less columns); None
        where too few pairs are labelled.
    """
    sides = [one for one in (fit, judged) if one.label is not None]
    if len(sides) < 2 or any(_decided(one).sum() < LEAST_PAIRS for one in sides):
        return None
    held = [_columns(one, columns) for one in sides]
    codes = [dictionary.encode(one.differences).astype(np.float64) for one in sides]
    designs = {
        "auc_columns": held,
        "auc_codes": codes,
        "auc_both": [np.column_stack(pair) for pair in zip(held, codes, strict=True)],
    }
    found = {name: _judged(design, fit, judged, seed) for name, design in designs.items()}
    return found | {"leakage": found["auc_both"] - found["auc_columns"]}


def _columns(pairs: PairData, columns: list[int]) -> Floats:
    assert pairs.concepts is not None
    return pairs.concepts[:, columns].astype(np.float64)


def _decided(pairs: PairData) -> Mask:
    label = np.full(len(pairs), np.nan) if pairs.label is None else pairs.label
    used: Mask = np.isfinite(label) & (label != 0.5)
    return used if pairs.weight is None else used & (pairs.weight > 0)


def _judged(design: list[Floats], fit: PairData, judged: PairData, seed: int) -> float:
    """Return the AUC on judged pairs of a ridge logistic model of fitting pairs."""
    rows, held = np.flatnonzero(_decided(fit)), np.flatnonzero(_decided(judged))
    size = np.sqrt(np.square(design[0][rows]).mean(axis=0))
    scaled = design[0][rows] / np.maximum(size, 1e-12)
    kept = fit.at(rows)
    assert kept.label is not None
    assert judged.label is not None
    weight = np.ones(len(rows)) if kept.weight is None else kept.weight / kept.weight.mean()
    own = np.arange(len(rows)) if kept.component is None else kept.component
    cluster = np.unique(own, return_inverse=True)[1].astype(np.int64)
    beta = ridge_model(
        scaled, np.full(scaled.shape[1], RIDGE), kept.label, weight, cluster,
        np.arange(len(rows)), np.random.default_rng(seed),
    )  # fmt: skip
    score = (design[1][held] / np.maximum(size, 1e-12)) @ beta
    given = np.ones(len(held)) if judged.weight is None else judged.weight[held]
    return auc(score, judged.label[held], given)
