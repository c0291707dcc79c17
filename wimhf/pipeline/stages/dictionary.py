"""Learning how responses differ, and putting it into words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats32, Stream, stream
from wimhf.describe import Appraiser
from wimhf.learn import BatchTopK, evaluate, train
from wimhf.pipeline.stages.context import Result, Stage, StageContext, own_settings
from wimhf.run import difference_of


def learn(context: StageContext) -> Result:
    """Train the dictionary and encode every pair."""
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
        _appraising(context, delta, part),
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


def _appraising(
    context: StageContext, delta: Floats32, part: NDArray[np.str_]
) -> Callable[[BatchTopK], float] | None:
    """Return what says how well a dictionary can be described, where there is a choice."""
    if context.config.dictionary.restarts == 1:
        return None
    pairs = context.run.pair_table
    responses = pairs["response_a"].to_list(), pairs["response_b"].to_list()
    appraisers: list[Appraiser] = []  # made when the first dictionary is trained

    def appraise(dictionary: BatchTopK) -> float:
        if not appraisers:
            rng = stream(context.config.seed, Stream.DICTIONARY_CHOICE)
            appraisers.append(Appraiser(responses, part, rng))
        return appraisers[0].appraise(dictionary.encode(delta[appraisers[0].rows]))

    return appraise


STAGE = Stage(
    "dictionary",
    "learning how responses differ",
    learn,
    ("read", "embed"),
    own_settings("dictionary"),
)
