"""Putting features into words with a language model."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import polars as pl

from wimhf.base import Ints, LlmConfig, Stream, cache_folder, stream, without_secrets
from wimhf.describe import (
    KNOWN,
    ChatServer,
    Texts,
    allowance,
    describe_with_llm,
    proposal_table,
    saved_predictions,
)
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext


def ask(context: StageContext) -> Result:
    """Describe features with a language model, if one is named."""
    config = context.config.llm
    if config.model is None:
        return [], {"model": None}
    run, pairs = context.run, context.run.pair_table
    codes = run.discovered_codes().dense().astype(np.float64)
    responses = pl.concat([pairs["response_a"], pairs["response_b"]])
    mean_characters = float(np.mean(responses.str.len_chars().to_numpy()))
    offline = run.folder.read_table("offline.parquet").filter("won")
    asked = _newest_first(offline, np.count_nonzero(codes, axis=0))[: config.features]
    allowed = allowance(
        len(asked), codes.shape[1], config, mean_characters, context.progress, context.confirm
    )
    texts = Texts.of(pairs)
    part = pairs["split"].to_numpy()
    with ChatServer(config, cache_folder(), allowed) as server:
        described = describe_with_llm(
            texts,
            codes,
            asked,
            {name: np.flatnonzero(part == name) for name in ("fit", "select", "test")},
            pairs["component"].to_numpy(),
            saved_predictions(offline, texts.response_a, texts.response_b, run.bank),
            server,
            config,
            stream(context.config.seed, Stream.MODEL_DESCRIPTIONS),
            context.progress,
        )
    table = proposal_table(described, f"llm:{config.model}")
    facts = {
        "model": config.model, "server": server.address, "failed": server.failed,
        "proposals": len(table), "allowed": asdict(allowed),
    }  # fmt: skip
    return [run.folder.write_table("llm.parquet", table)], facts | server.purse.spent()


def _newest_first(offline: pl.DataFrame, active: Ints) -> list[int]:
    """Return the features in the order in which a model's words are worth most.

    Those that the written concepts do not know, of these those without a name, and of these the
    ones active in most pairs.
    """
    own = offline.sort("feature")
    new = own["known_share"].fill_null(0.0).to_numpy() < KNOWN
    named = own["understood"].fill_null(False).to_numpy()
    order: list[int] = np.lexsort((-active, named, ~new)).tolist()
    return order


def llm_settings(context: StageContext) -> Settings:
    """Return what changes a model's descriptions; how fast they are asked for does not.

    With scores the budget counts too: it is agreed to once, when describing, for both.
    """
    config = context.config.llm
    if config.model is None:
        return {}
    plain = LlmConfig()
    own = replace(config, scores=plain.scores, score_pairs=plain.score_pairs)
    budget = {
        name: getattr(config, name)
        for name in ("scores", "score_pairs", "max_calls", "max_cost", "price_in", "price_out")
    }
    return (
        unpaced(own) | {"seed": context.config.seed} | ({"budget": budget} if config.scores else {})
    )


def unpaced(config: LlmConfig) -> Settings:
    """Return settings without those that decide only how fast and how dear it may be."""
    server = without_secrets(config.base_url) if config.base_url else None
    return asdict(
        replace(
            config, base_url=server, concurrency=1, timeout=1.0, max_failures=1.0, max_calls=None,
            max_cost=None, price_in=0.0, price_out=0.0,
        )
    )  # fmt: skip


STAGE = Stage("llm", "", ask, ("read", "dictionary", "describe"), llm_settings)
