"""Texts to vectors, and to a reward model's scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from wimhf.base import Event, expanded, file_hash
from wimhf.learn import (
    Embedded,
    choose_encoder,
    embed_pairs,
    load_vectors,
    resolve_device,
    reward_pairs,
)
from wimhf.pipeline.stages.job import Job


def embed(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Embed the responses, or take the vectors that the user brings."""
    pairs = job.run.pair_table
    config = job.config.embed
    if config.embeddings is not None:
        embedded = _brought(pairs, config.embeddings, config.normalize)
    else:
        encoder = job.encoder
        if encoder is None:
            device = str(resolve_device(config.device))
            unique = pl.concat([pairs["response_a"], pairs["response_b"]]).n_unique()
            encoder = choose_encoder(config, unique, device, job.progress)
        embedded = embed_pairs(pairs, encoder, config, job.progress)
    run = job.run
    outputs = [
        run.write_array("embeddings.npy", embedded.vectors),
        run.write_table("texts.parquet", embedded.texts),
        run.write_table(
            "pair_texts.parquet",
            pl.DataFrame({"text_a": embedded.text_a, "text_b": embedded.text_b}),
        ),
    ]
    return outputs, {
        "encoder": embedded.encoder,
        "revision": embedded.revision,
        "template": config.template,
        "max_tokens": embedded.max_tokens,
        "n_texts": len(embedded.vectors),
        "n_cut": embedded.n_cut,
        "dimensions": int(embedded.vectors.shape[1]),
    }


def _brought(pairs: pl.DataFrame, file: str, normalize: bool) -> Embedded:
    vectors, text_a, text_b = load_vectors(file, pairs, normalize)
    texts = pl.DataFrame(
        {"text_key": [""] * len(vectors), "cut": [False] * len(vectors)},
        schema={"text_key": pl.String, "cut": pl.Boolean},
    )
    digest = file_hash(expanded(file))[:12]
    return Embedded(vectors, text_a, text_b, texts, f"file:{Path(file).name}", digest, None)


def score(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Score the responses with a reward model, if one is given."""
    config = job.config.reward
    if config.model is None:
        return [], {"model": None}
    job.progress(Event("score", message="scoring responses with a reward model"))
    device = str(resolve_device(config.device))
    found = reward_pairs(job.run.pair_table, config, device, job.progress)
    table = pl.DataFrame({"score_a": found.score_a, "score_b": found.score_b})
    return [job.run.write_table("rewards.parquet", table)], {
        "model": found.model,
        "revision": found.revision,
        "max_tokens": found.max_tokens,
        "n_cut": found.n_cut,
    }
