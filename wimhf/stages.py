"""The stages: what each takes from the run, which rooms it calls and what it saves."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.config import Config
from wimhf.controls import control_columns, length_difference, odd_column
from wimhf.describe import describe_features
from wimhf.dictionary.evaluate import evaluate
from wimhf.dictionary.train import resolve_device, train
from wimhf.difference import difference
from wimhf.embed import Embedded, Encoder, choose_encoder, embed_pairs, load_vectors
from wimhf.files import expanded, file_hash
from wimhf.findings import feature_table
from wimhf.formats import read_pairs
from wimhf.preference import Measured, measure_preferences
from wimhf.progress import Event, Progress
from wimhf.run import Run
from wimhf.splits import split_pairs

Floats = NDArray[np.float32]
Work = Callable[["Job"], tuple[list[str], dict[str, Any]]]
"""Does a stage; returns the names of the files it wrote and facts for the manifest."""


@dataclass(frozen=True)
class Job:
    """What every stage is given."""

    run: Run
    config: Config
    progress: Progress
    encoder: Encoder | None


def read(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Read the source and split its pairs."""
    source = read_pairs(job.config.read)
    split = split_pairs(source.pairs, job.config.split, job.config.seed)
    pairs = source.pairs.with_columns(
        pl.Series("component", split.component), pl.Series("split", split.part)
    )
    for note in filter(None, [split.note]):
        job.progress(Event("read", message=note, level="warning"))
    facts = {
        "format": source.format,
        "container": source.container,
        "polarity": source.polarity,
        "sides_drawn": source.sides_drawn,
        "source_sha256": source.sha256,
        "n_rows": source.n_rows,
        "n_pairs": len(pairs),
        "n_rejects": len(source.rejects),
        "rejects": source.reject_counts,
        "n_components": int(split.component.max()) + 1,
        "split": {k: int((split.part == k).sum()) for k in ("fit", "select", "test")},
        "split_note": split.note,
    }
    job.progress(Event("read", message=_read_message(facts)))
    if pairs["label"].null_count() == len(pairs):
        job.progress(Event("read", message=_unlabelled(source.rows), level="warning"))
    run = job.run
    outputs = [
        run.write_table("pairs.parquet", pairs),
        run.write_table("rejects.parquet", source.rejects),
        run.write_table("source.parquet", source.rows),
    ]
    return outputs, facts


def _unlabelled(rows: pl.DataFrame) -> str:
    first = next((row for text in rows["row"] if isinstance(row := json.loads(text), dict)), {})
    return (
        f"no row has a label; the columns are {', '.join(list(first)[:20])}; if one of them is the "
        "label (1 = A, 0 = B, .5 = tie), name it with --map label=COLUMN"
    )


def _read_message(facts: dict[str, Any]) -> str:
    line = f"{facts['n_pairs']:,} pairs from {facts['n_rows']:,} rows of format {facts['format']}"
    if facts["n_rejects"]:
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in facts["rejects"].items())
        line += f"; {facts['n_rejects']:,} rows left out: {reasons}"
    return f"{line}; {facts['polarity']}"


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


def _differences(run: Run) -> Floats:
    rows = run.read_table("pair_texts.parquet")
    fit = (run.pair_table["split"] == "fit").to_numpy()
    return difference(
        run.read_array("embeddings.npy"),
        rows["text_a"].to_numpy(),
        rows["text_b"].to_numpy(),
        fit,
    ).values


def learn(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Train the dictionary and encode every pair."""
    run, seed = job.run, job.config.seed
    delta = _differences(run)
    part = run.pair_table["split"].to_numpy()
    training = train(
        delta[part == "fit"], delta[part == "select"], job.config.dictionary, seed, job.progress
    )
    dictionary = training.dictionary
    codes = dictionary.encode(delta)
    pair, feature = np.nonzero(codes)
    card = {
        "kind": dictionary.kind,
        "features": dictionary.n_features,
        "k": training.k,
        "steps": training.steps,
        "threshold": dictionary.threshold,
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


def describe(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Put features into words and check the words."""
    pairs = job.run.pair_table
    described = describe_features(
        (pairs["response_a"].to_list(), pairs["response_b"].to_list()),
        job.run.codes(),
        pairs["split"].to_numpy(),
        pairs["component"].to_numpy(),
        job.config.describe,
        np.random.default_rng([job.config.seed, 1]),
        job.progress,
    )
    won = described.table.filter("won")
    facts = {
        "n_fit": described.n_fit,
        "n_select": described.n_select,
        "n_test": described.n_test,
        "n_understood": int(won["understood"].sum()),
        "mean_fidelity": won["fidelity"].mean(),
        "median_fidelity": won["fidelity"].median(),
    }
    return [job.run.write_table("descriptions.parquet", described.table)], facts


def prefer(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Measure what the labels reward and lay out the feature table."""
    run, pairs, config = job.run, job.run.pair_table, job.config.preference
    codes, rows = run.codes(), run.read_table("source.parquet")
    measured = Measured(
        codes=codes,
        differences=_differences(run),
        length=length_difference(pairs["response_a"].to_list(), pairs["response_b"].to_list()),
        controls=control_columns(pairs, rows, config.controls),
        score=odd_column(pairs, rows, config.score_column)[0] if config.score_column else None,
        component=pairs["component"].to_numpy(),
        listed_first=None if run.facts("read")["sides_drawn"] else ~pairs["swapped"].to_numpy(),
    )
    preferences = measure_preferences(
        measured,
        pairs.select("label", "weight"),
        config,
        np.random.default_rng([job.config.seed, 2]),
        job.progress,
    )
    for note in measured.controls.notes:
        job.progress(Event("preference", message=f"control left out: {note}", level="warning"))
    if "reason" in preferences.summary:
        message = f"preferences cannot be estimated: {preferences.summary['reason']}"
        job.progress(Event("preference", message=message, level="warning"))
    features = feature_table(
        codes,
        run.read_table("descriptions.parquet"),
        preferences.effects,
        run.read_json("dictionary.json")["stability"],
    )
    outputs = [
        run.write_table("features.parquet", features),
        run.write_json("preference.json", preferences.summary),
    ]
    return outputs, {}


def read_settings(job: Job) -> dict[str, Any]:
    """Return what changes the result of reading; a moved source is the same source."""
    config = job.config
    return {
        "read": asdict(replace(config.read, source="")),
        "source": _source_hash(config.read.source),
        "split": asdict(config.split),
        "seed": config.seed,
    }


def _source_hash(source: str) -> str:
    try:
        return file_hash(expanded(source))
    except OSError:
        return "unreadable"  # reading it says why


def embed_settings(job: Job) -> dict[str, Any]:
    """Return what changes vectors; the batch size does not."""
    config = job.config.embed
    vectors = _source_hash(config.embeddings) if config.embeddings is not None else None
    server = os.environ.get("OPENAI_BASE_URL") if config.encoder.startswith("openai:") else None
    hashed = hashlib.sha256(server.encode()).hexdigest() if server else None
    own = [job.encoder.id, job.encoder.revision] if job.encoder is not None else None
    return asdict(replace(config, batch_size=1)) | {
        "vectors": vectors,
        "own": own,
        "server": hashed,
    }


def own_settings(name: str) -> Callable[[Job], dict[str, Any]]:
    """Return a stage's own table of settings and the seed."""
    return lambda job: {"seed": job.config.seed, name: asdict(getattr(job.config, name))}
