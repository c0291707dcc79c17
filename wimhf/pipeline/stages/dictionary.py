"""Learning how responses differ, and putting it into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from wimhf.base import Floats32, Mask
from wimhf.pipeline.stages.context import Result, Stage, StageContext, own_settings
from wimhf.run import difference_of

if TYPE_CHECKING:
    from wimhf.learn import Dictionary

EVALUATED = 100_000
"""Pairs of a part, about, on which a dictionary is evaluated."""
TOGETHER = 65_536
"""Pairs whose codes are held whole."""


def learn(context: StageContext) -> Result:
    """Train the dictionary and encode every pair."""
    from wimhf.learn import evaluate, train  # torch comes with them

    run, seed = context.run, context.config.seed
    measured = difference_of(run)
    delta = measured.values
    part = run.pair_table["split"].to_numpy()
    training = train(
        delta[part == "fit"],
        delta[part == "select"],
        context.config.dictionary,
        seed,
        context.progress,
    )
    dictionary = training.dictionary
    card = {
        "kind": dictionary.kind,
        "features": dictionary.n_features,
        "k": training.k,
        "steps": training.steps,
        "threshold": dictionary.threshold,
        "scale": measured.scale,
        "fit": evaluate(dictionary, _some(delta, part == "fit")),
        "test": evaluate(dictionary, _some(delta, part == "test")),
        "restarts": training.restarts,
        "stability": None if training.stability is None else training.stability.tolist(),
        "history": training.history,
    }
    outputs = [
        run.folder.write_tensors("dictionary.safetensors", dictionary.tensors()),
        run.folder.write_json("dictionary.json", card),
        run.folder.write_table("codes.parquet", _triplets(dictionary, delta)),
    ]
    shape = [len(delta), dictionary.n_features]
    return outputs, {"shape": shape, "device": training.device, "k": training.k}


def _some(delta: Floats32, part: Mask) -> Floats32:
    """Return a part's differences, of large parts every so many."""
    rows = np.flatnonzero(part)
    return delta[rows[:: max(1, len(rows) // EVALUATED)]]


def _triplets(dictionary: Dictionary, delta: Floats32) -> pl.DataFrame:
    """Return codes (n, m) as pair, feature, value, zeros left out; few at a time are held whole."""
    found = []
    for start in range(0, len(delta), TOGETHER):
        codes = dictionary.encode(delta[start : start + TOGETHER])
        pair, feature = np.nonzero(codes)
        found.append((pair.astype(np.uint32) + np.uint32(start), feature, codes[pair, feature]))
    pairs, features, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return pl.DataFrame({"pair": pairs, "feature": features, "value": values})


STAGE = Stage(
    "dictionary",
    "learning how responses differ",
    learn,
    ("read", "embed"),
    own_settings("dictionary"),
)
