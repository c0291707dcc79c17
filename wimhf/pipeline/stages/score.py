"""Scoring responses with a reward model, where one is named."""

from __future__ import annotations

from dataclasses import asdict, replace

import polars as pl

from wimhf.base import Event, engine_of, expanded
from wimhf.learn import folder_hash, resolve_device, reward_pairs
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext


def score(context: StageContext) -> Result:
    """Score the responses with a reward model, if one is given."""
    config = context.config.reward
    if config.model is None:
        return [], {"model": None}
    context.progress(Event("score", message="scoring responses with a reward model"))
    engine = engine_of(context.config.engine, config.device)
    device = engine.device if engine.elsewhere else str(resolve_device(config.device))
    found = reward_pairs(context.run.pair_table, config, device, context.progress, engine)
    table = pl.DataFrame({"score_a": found.score_a, "score_b": found.score_b})
    return [context.run.folder.write_table("rewards.parquet", table)], {
        "model": found.model,
        "revision": found.revision,
        "max_tokens": found.max_tokens,
        "n_cut": found.n_cut,
    }


def score_settings(context: StageContext) -> Settings:
    """Return what changes scores; the batch size does not."""
    config = context.config.reward
    if config.model is None:
        return {}
    folder = expanded(config.model)
    weights = folder_hash(folder) if folder.is_dir() else None
    kept = asdict(replace(config, batch_size=1))
    del kept["trusted"]  # the model is the same
    return kept | {"weights": weights}


STAGE = Stage("score", "", score, ("read",), score_settings)
