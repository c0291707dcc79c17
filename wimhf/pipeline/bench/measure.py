"""One dictionary, trained and asked everything."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from wimhf.base import DescribeConfig, DictionaryConfig, Floats, Floats32, Stream, stream
from wimhf.describe import describe_features
from wimhf.learn import (
    auc_draws,
    code_scores,
    matched,
    score_dictionary,
    train_kind,
    unit_directions,
)
from wimhf.pipeline.bench.data import BenchLabels, BenchPairs

Figures = dict[str, float | None]
BOOTSTRAP = 300
DRAW_SEED = 20
"""The same for every dictionary, so that differences of AUCs are paired."""


@dataclass(frozen=True)
class Cell:
    """One kind at one K and seed.

    Attributes
    ----------
    figures
        Every score by its name.
    directions
        (m, d) by which seeds are matched.
    draws
        Per model (1 + BOOTSTRAP,) AUCs on resampled prompts; empty without labels.
    """

    figures: Figures
    directions: Floats32
    draws: dict[str, Floats]


def measure(
    bench: BenchPairs, kind: str, config: DictionaryConfig, seed: int, *, words: bool
) -> Cell:
    """Train a dictionary and measure it on pairs that it was not fitted on.

    Parameters
    ----------
    config
        With features m and K; codes are made as sparse as K asks, where there are more.
    words
        Whether features are named, too.
    """
    started = time.perf_counter()
    trained = train_kind(kind, bench.given, config, seed)
    seconds = time.perf_counter() - started
    delta, test = bench.judged.differences, bench.judged.test
    raw = trained.dictionary.encode(delta[test])
    dictionary = matched(trained.dictionary, bench.given.select.differences, trained.k)
    figures: Figures = {
        "features": float(dictionary.n_features), "train_seconds": round(seconds, 2),
        "unmatched_active": float(np.count_nonzero(raw, axis=1).mean()),
    }  # fmt: skip
    figures |= score_dictionary(dictionary, bench.judged)
    codes = dictionary.encode(delta)
    if words:
        figures |= _words(bench, codes, seed)
    draws: dict[str, Floats] = {}
    if bench.labels is not None:
        draws = _labels(bench.labels, codes, delta - dictionary.decode(codes))
    return Cell(figures, unit_directions(dictionary), draws)


def _words(bench: BenchPairs, codes: Floats32, seed: int) -> Figures:
    """Return how true the offline names are, and how much of the features the bank knows."""
    pairs = bench.run.pair_table
    table = describe_features(
        bench.words, bench.known, codes, pairs["split"].to_numpy(),
        pairs["component"].to_numpy(), DescribeConfig(), stream(seed, Stream.DESCRIPTIONS),
    ).table  # fmt: skip
    won = table.filter(table["won"])
    understood = won["understood"].fill_null(value=False)
    return {
        "fidelity": float(won["fidelity"].fill_null(0.0).to_numpy().mean()),
        "understood": float(understood.to_numpy().mean()),
        "known_share": float(won["known_share"].fill_null(0.0).to_numpy().mean()),
    }


def _labels(labels: BenchLabels, codes: Floats32, residual: Floats32) -> dict[str, Floats]:
    """Return the AUCs of the codes' models, and of those that no dictionary changes."""
    rng = np.random.default_rng(DRAW_SEED)
    data = labels.with_codes(codes)
    scores = labels.base | code_scores(data, labels.bank, residual[labels.used], labels.folds, rng)
    found = auc_draws(scores, data, labels.judged, BOOTSTRAP, DRAW_SEED)
    # as they are kept, so that going on changes no digit
    return {name: values.astype(np.float32).astype(np.float64) for name, values in found.items()}
