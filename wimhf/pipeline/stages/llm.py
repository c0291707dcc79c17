"""Putting features into words with a language model, and choosing between describers."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Event, LlmConfig, Stream, stream
from wimhf.concepts import load_concepts
from wimhf.describe import (
    Allowance,
    ChatServer,
    LlmDescribed,
    Texts,
    agreed_allowance,
    describe_with_llm,
    estimate,
    given_allowance,
    saved_predictions,
)
from wimhf.errors import ServerError
from wimhf.learn import cache_folder
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext


def ask(context: StageContext) -> Result:
    """Describe features with a language model, if one is named."""
    config = context.config.llm
    if config.model is None:
        return [], {"model": None}
    run, pairs = context.run, context.run.pair_table
    codes = run.codes().astype(np.float64)
    allowed = _allowed(context, codes.shape[1])
    texts = texts_of(pairs)
    offline = run.folder.read_table("offline.parquet").filter("won")
    part = pairs["split"].to_numpy()
    server = ChatServer(config, cache_folder(), allowed)
    try:
        found = describe_with_llm(
            texts,
            codes,
            {name: np.flatnonzero(part == name) for name in ("fit", "select", "test")},
            pairs["component"].to_numpy(),
            saved_predictions(
                offline,
                texts.response_a,
                texts.response_b,
                load_concepts(context.config.describe.concepts),
            ),
            server,
            config,
            stream(context.config.seed, Stream.MODEL_DESCRIPTIONS),
            context.progress,
        )
    finally:
        server.close()
    table = _table(found, f"llm:{config.model}")
    facts = {
        "model": config.model,
        "server": server.address,
        "failed": server.failed,
        "proposals": len(table),
        "allowed": asdict(allowed),
    } | server.purse.spent()
    return [run.folder.write_table("llm.parquet", table)], facts


def texts_of(pairs: pl.DataFrame) -> Texts:
    """Return what a model is shown of pairs."""
    return Texts(*(pairs[c].to_list() for c in ("prompt", "response_a", "response_b")))


def _allowed(context: StageContext, features: int) -> Allowance:
    """Tell what describing and scoring take; above the budget, ask whoever can be asked.

    Raises
    ------
    ServerError
        If nobody allows more.
    """
    pairs, config = context.run.pair_table, context.config.llm
    sides = pl.concat([pairs["response_a"], pairs["response_b"]])
    size = float(np.mean(sides.str.len_chars().to_numpy()))
    cost = estimate(features, config, size)
    told = (
        f"{features} features take up to {cost.calls:,} calls to {config.model}, about "
        f"{cost.tokens_in / 1e6:.1f} million tokens"
    )
    if config.price_in or config.price_out:
        told += f" and {cost.dollars:.2f} dollars"
    context.progress(Event("llm", message=f"{told}; answers in the cache are not asked again"))
    given = given_allowance(config)
    dear = given.dollars is not None and cost.dollars > given.dollars
    if cost.calls <= given.calls and not dear:
        return given
    if not context.confirm(f"{told}. Go on?"):
        raise ServerError(
            f"{told}, which is above the budget; allow it with --max-calls {cost.calls}"
            + (f" --max-cost {np.ceil(100 * cost.dollars) / 100:.2f}" if dear else "")
            + ", or ask for less in [llm] of a settings file"
        )
    return agreed_allowance(config, cost)


def _table(found: list[LlmDescribed], author: str) -> pl.DataFrame:
    """Return one row per proposal; what was proven stands with the best."""
    rows: list[dict[str, Any]] = []
    for feature, one in enumerate(found):
        for number, (proposal, score) in enumerate(zip(one.proposals, one.scores, strict=True)):
            row = {
                "feature": feature, "author": author, "description": proposal.sentence,
                "short": proposal.label, "pole": 1, "select_correlation": score,
                "best": number == one.best,
            }  # fmt: skip
            if number == one.best:
                row |= _proof(one)
            rows.append(row)
    return pl.DataFrame(rows, schema=LLM_COLUMNS)


LLM_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "author": pl.String(), "description": pl.String(),
    "short": pl.String(), "pole": pl.Int64(), "select_correlation": pl.Float64(),
    "best": pl.Boolean(), "offline_correlation": pl.Float64(), "fidelity": pl.Float64(),
    "fidelity_low": pl.Float64(), "fidelity_high": pl.Float64(), "fidelity_p": pl.Float64(),
    "sign_accuracy": pl.Float64(), "active_test": pl.Int64(), "reason": pl.String(),
    "consistency": pl.Float64(), "tie_rate": pl.Float64(), "missing": pl.Int64(),
    "asked": pl.Int64(),
}  # fmt: skip


def _proof(one: LlmDescribed) -> dict[str, Any]:
    proof: dict[str, Any] = {
        "offline_correlation": one.offline_score, "consistency": one.consistency,
        "tie_rate": one.tie_rate, "missing": one.missing, "asked": one.asked,
    }  # fmt: skip
    if one.fidelity is None:
        return proof | {"reason": "no judgement of a held-out pair was understood"}
    return proof | {
        "fidelity": one.fidelity.correlation.value,
        "fidelity_low": one.fidelity.correlation.low,
        "fidelity_high": one.fidelity.correlation.high,
        "fidelity_p": one.fidelity.p,
        "sign_accuracy": one.fidelity.sign_accuracy,
        "active_test": one.fidelity.active,
        "reason": one.fidelity.reason,
    }


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
    return asdict(
        replace(
            config, concurrency=1, timeout=1.0, max_failures=1.0, max_calls=None, max_cost=None,
            price_in=0.0, price_out=0.0,
        )
    )  # fmt: skip


STAGE = Stage("llm", "", ask, ("read", "dictionary", "describe"), llm_settings)
