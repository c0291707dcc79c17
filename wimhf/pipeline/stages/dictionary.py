"""Learning how responses differ, and putting it into words."""

from __future__ import annotations

import numpy as np
import polars as pl

from wimhf.base import Floats32
from wimhf.pipeline.stages.context import Result, Stage, StageContext, own_settings
from wimhf.run import difference_of


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
    codes = dictionary.encode(delta)
    card = {
        "kind": dictionary.kind,
        "features": dictionary.n_features,
        "k": training.k,
        "steps": training.steps,
        "threshold": dictionary.threshold,
        "scale": measured.scale,
        "fit": evaluate(dictionary, delta[part == "fit"]),
        "test": evaluate(dictionary, delta[part == "test"]),
        "restarts": training.restarts,
        "stability": None if training.stability is None else training.stability.tolist(),
        "history": training.history,
    }
    outputs = [
        run.folder.write_tensors("dictionary.safetensors", dictionary.tensors()),
        run.folder.write_json("dictionary.json", card),
        run.folder.write_table("codes.parquet", _triplets(codes)),
    ]
    return outputs, {"shape": list(codes.shape), "device": training.device, "k": training.k}


def _triplets(codes: Floats32) -> pl.DataFrame:
    """Return codes (n, m) as pair, feature, value, zeros left out."""
    pair, feature = np.nonzero(codes)
    return pl.DataFrame(
        {
            "pair": pair.astype(np.uint32),
            "feature": feature.astype(np.int64),
            "value": codes[pair, feature],
        }
    )


STAGE = Stage(
    "dictionary",
    "learning how responses differ",
    learn,
    ("read", "embed"),
    own_settings("dictionary"),
)
