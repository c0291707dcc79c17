"""Texts to vectors, and to a reward model's scores."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl

from wimhf.base import Engine, engine_of, expanded, file_hash, without_secrets
from wimhf.learn import (
    Embedded,
    auto_encoder,
    choose_encoder,
    embed_pairs,
    load_vectors,
    resolve_device,
)
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext, file_stamp


def embed(context: StageContext) -> Result:
    """Embed the responses, or take the vectors that the user brings."""
    pairs = context.run.pair_table
    config, chosen = context.config.embed, {}
    if config.embeddings is not None:
        embedded = _brought(pairs, config.embeddings, config.normalize)
    else:
        encoder, engine = context.encoder, _engine(context)
        if encoder is None:
            device = engine.device if engine.elsewhere else str(resolve_device(config.device))
            unique = pl.concat([pairs["response_a"], pairs["response_b"]]).n_unique()
            encoder = choose_encoder(
                config, unique, device, context.progress, elsewhere=engine.elsewhere
            )
            if config.encoder == "auto":
                chosen = {"chosen": f"chosen because {auto_encoder(unique, device)[1]}"}
        embedded = embed_pairs(pairs, encoder, config, context.progress, engine)
    run = context.run
    outputs = [
        run.folder.write_array("embeddings.npy", embedded.vectors),
        run.folder.write_table("texts.parquet", embedded.texts),
        run.folder.write_table(
            "pair_texts.parquet",
            pl.DataFrame({"text_a": embedded.text_a, "text_b": embedded.text_b}),
        ),
    ]
    return outputs, {
        "encoder": embedded.encoder,
        **chosen,
        "revision": embedded.revision,
        "template": config.template,
        "max_tokens": embedded.max_tokens,
        "n_texts": len(embedded.vectors),
        "n_cut": embedded.n_cut,
        "dimensions": int(embedded.vectors.shape[1]),
    }


def _engine(context: StageContext) -> Engine:
    """Return where texts are encoded: a server is asked from here, and `fast` needs no GPU."""
    config = context.config.embed
    if context.encoder is None and config.encoder.startswith("openai:"):
        return engine_of("local", config.device, config.concurrency)
    device = "cpu" if context.encoder is None and config.encoder == "fast" else config.device
    return engine_of(context.config.engine, device)


def _brought(pairs: pl.DataFrame, file: str, normalize: bool) -> Embedded:
    vectors, text_a, text_b = load_vectors(file, pairs, normalize)
    texts = pl.DataFrame(
        {"text_key": [""] * len(vectors), "cut": [False] * len(vectors)},
        schema={"text_key": pl.String, "cut": pl.Boolean},
    )
    digest = file_hash(expanded(file))[:12]
    return Embedded(vectors, text_a, text_b, texts, f"file:{Path(file).name}", digest, None)


def embed_settings(context: StageContext) -> Settings:
    """Return what changes vectors; the batch size, open calls and prices do not."""
    config = context.config.embed
    vectors = file_stamp(config.embeddings) if config.embeddings is not None else None
    address = os.environ.get("OPENAI_BASE_URL") if config.encoder.startswith("openai:") else None
    server = without_secrets(address.strip()) if address else None
    hashed = hashlib.sha256(server.encode()).hexdigest() if server else None
    own = [context.encoder.id, context.encoder.revision] if context.encoder is not None else None
    kept = asdict(replace(config, batch_size=1))
    for name in ("trusted", "concurrency", "price"):  # the model is the same
        del kept[name]
    return kept | {
        "vectors": vectors,
        "own": own,
        "server": hashed,
    }


STAGE = Stage("embed", "embedding responses", embed, ("read",), embed_settings)
