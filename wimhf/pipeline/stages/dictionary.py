"""Learning how responses differ, and putting it into words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats32, Stream, stream
from wimhf.describe import Appraiser, describe_features
from wimhf.learn import BatchTopK, evaluate, train
from wimhf.pipeline.stages.job import Job
from wimhf.run import difference_of


def learn(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Train the dictionary and encode every pair."""
    run, seed = job.run, job.config.seed
    measured = difference_of(run)
    delta = measured.values
    part = run.pair_table["split"].to_numpy()
    training = train(
        delta[part == "fit"], delta[part == "select"], job.config.dictionary, seed, job.progress,
        _appraising(job, delta, part),
    )  # fmt: skip
    dictionary = training.dictionary
    codes = dictionary.encode(delta)
    pair, feature = np.nonzero(codes)
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
        run.write_tensors("dictionary.safetensors", dictionary.tensors()),
        run.write_json("dictionary.json", card),
        run.write_table(
            "codes.parquet",
            pl.DataFrame(
                {
                    "pair": pair.astype(np.uint32),
                    "feature": feature.astype(np.int64),
                    "value": codes[pair, feature],
                }
            ),
        ),
    ]
    return outputs, {"shape": list(codes.shape), "device": training.device, "k": training.k}


def _appraising(
    job: Job, delta: Floats32, part: NDArray[np.str_]
) -> Callable[[BatchTopK], float] | None:
    """Return what says how well a dictionary can be described, where there is a choice."""
    if job.config.dictionary.restarts == 1:
        return None
    pairs = job.run.pair_table
    responses = pairs["response_a"].to_list(), pairs["response_b"].to_list()
    appraisers: list[Appraiser] = []  # made when the first dictionary is trained

    def appraise(dictionary: BatchTopK) -> float:
        if not appraisers:
            rng = stream(job.config.seed, Stream.DICTIONARY_CHOICE)
            appraisers.append(Appraiser(responses, part, rng))
        return appraisers[0].appraise(dictionary.encode(delta[appraisers[0].rows]))

    return appraise


def describe(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Put features into words and check the words."""
    pairs = job.run.pair_table
    described = describe_features(
        (pairs["response_a"].to_list(), pairs["response_b"].to_list()),
        job.run.codes(),
        pairs["split"].to_numpy(),
        pairs["component"].to_numpy(),
        job.config.describe,
        stream(job.config.seed, Stream.DESCRIPTIONS),
        job.progress,
    )
    facts = {
        "n_fit": described.n_fit,
        "n_select": described.n_select,
        "n_test": described.n_test,
    }
    return [job.run.write_table("offline.parquet", described.table)], facts
