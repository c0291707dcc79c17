"""Putting features into words with a language model, and choosing between describers."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import polars as pl

from wimhf.base import Stream, cache_folder, stream
from wimhf.concepts import load_concepts
from wimhf.describe import (
    ChatServer,
    Texts,
    allowance,
    chosen,
    describe_with_llm,
    proposal_table,
    saved_predictions,
)
from wimhf.pipeline.stages.job import Job


def ask(job: Job) -> tuple[list[str], dict[str, object]]:
    """Describe features with a language model, if one is named."""
    config = job.config.llm
    if config.model is None:
        return [], {"model": None}
    run, pairs = job.run, job.run.pair_table
    codes = run.codes().astype(np.float64)
    responses = pl.concat([pairs["response_a"], pairs["response_b"]])
    mean_characters = float(np.mean(responses.str.len_chars().to_numpy()))
    allowed = allowance(codes.shape[1], config, mean_characters, job.progress, job.confirm)
    texts = Texts.of(pairs)
    offline = run.read_table("offline.parquet").filter("won")
    part = pairs["split"].to_numpy()
    with ChatServer(config, cache_folder(), allowed) as server:
        described = describe_with_llm(
            texts,
            codes,
            {name: np.flatnonzero(part == name) for name in ("fit", "select", "test")},
            pairs["component"].to_numpy(),
            saved_predictions(
                offline,
                texts.response_a,
                texts.response_b,
                load_concepts(job.config.describe.concepts),
            ),
            server,
            config,
            stream(job.config.seed, Stream.MODEL_DESCRIPTIONS),
            job.progress,
        )
    table = proposal_table(described, f"llm:{config.model}")
    facts = {
        "model": config.model,
        "server": server.address,
        "failed": server.failed,
        "proposals": len(table),
        "allowed": asdict(allowed),
    }
    return [run.write_table("llm.parquet", table)], facts | server.purse.spent()


def name(job: Job) -> tuple[list[str], dict[str, object]]:
    """Choose for every feature the description that does best on the select split."""
    run = job.run
    offline = run.read_table("offline.parquet")
    llm = run.read_table("llm.parquet") if run.outputs("llm") else None
    table = chosen(offline, llm, job.config.describe.min_fidelity)
    won = table.filter("won")
    facts: dict[str, object] = {
        "n_understood": int(won["understood"].sum()),
        "mean_fidelity": won["fidelity"].mean(),
        "median_fidelity": won["fidelity"].median(),
        "authors": dict(won["author"].value_counts(sort=True).iter_rows()),
    }
    return [run.write_table("descriptions.parquet", table)], facts
