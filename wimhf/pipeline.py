"""The corridor: the only owner of the order of stages and of what is saved."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.config import Config
from wimhf.describe import describe_features
from wimhf.dictionary.batch_topk import BatchTopK
from wimhf.dictionary.evaluate import evaluate
from wimhf.dictionary.train import resolve_device, train
from wimhf.difference import difference
from wimhf.embed import Embedded, Encoder, choose_encoder, embed_pairs, load_vectors
from wimhf.findings import feature_table
from wimhf.formats import read_pairs
from wimhf.preference import length_difference, measure_preferences
from wimhf.progress import Event, Progress, silent
from wimhf.run import Run, create_run
from wimhf.splits import split_pairs
from wimhf.version import __version__

Floats = NDArray[np.float32]
STAGES = ("read", "embed", "dictionary", "describe", "preference")


@dataclass(frozen=True)
class _Job:
    """What every stage is given."""

    run: Run
    config: Config
    progress: Progress
    encoder: Encoder | None


def analyze(
    source: str | Path,
    output: str | Path | None = None,
    config: Config | None = None,
    *,
    encoder: Encoder | None = None,
    progress: Progress = silent,
    **settings: Any,
) -> Run:
    """Do the whole job on a source: read, embed, dictionary, describe, preference.

    Parameters
    ----------
    source
        A file of preference pairs.
    output
        The run folder; by default ``runs/<name of the source>``. What an earlier call finished
        there with the same inputs is kept.
    config
        All settings; ``settings`` such as ``dictionary={"features": 64}`` or ``seed=1`` override.
    encoder
        Your own encoder, in place of the one ``config.embed`` names.
    progress
        Called with events as the work goes on.

    Returns
    -------
    Run
        With ``features``, ``preference`` and ``pairs(feature=3)``.

    Raises
    ------
    WimhfError
        If the source, the settings or the machine cannot do it; nothing is half-written, and
        the same call goes on where it stopped.
    """
    config = _settled(config or Config(), str(source), settings)
    run = create_run(_output(source, output), config)
    run.lock()
    try:
        run.write_manifest()
        job = _Job(run, config, progress, encoder)
        for name in STAGES:
            _do(name, job)
    finally:
        run.release()
    return run


def _settled(config: Config, source: str, settings: dict[str, Any]) -> Config:
    merged = config.to_dict()
    for name, value in settings.items():
        if isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] |= value
        else:
            merged[name] = value
    merged["read"]["source"] = source
    return Config.from_dict(merged)


def _output(source: str | Path, output: str | Path | None) -> Path:
    if output is not None:
        return Path(output).expanduser()
    name = Path(str(source)).name.split(".")[0] or "run"
    return Path("runs") / name


def _do(name: str, job: _Job) -> None:
    """Run a stage unless it is done with the same inputs."""
    work, upstream, settings = _STAGE_TABLE[name]
    needs = {
        "stage": name,
        "version": __version__,
        "settings": settings(job),
        "inputs": job.run.output_hashes(*upstream),
    }
    input_hash = hashlib.sha256(json.dumps(needs, sort_keys=True).encode()).hexdigest()
    if job.run.is_done(name, input_hash):
        job.progress(Event(name, message="already done, kept"))
        return
    job.progress(Event(name, message=_TITLES[name]))
    started = time.perf_counter()
    outputs, facts = work(job)
    cost = {
        "seconds": round(time.perf_counter() - started, 3),
        "peak_rss_mb": round(_peak_rss_mb(), 1),
    }
    job.run.finish(name, input_hash, outputs, facts, cost)


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _read(job: _Job) -> tuple[list[str], dict[str, Any]]:
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
    run = job.run
    outputs = [
        run.write_table("pairs.parquet", pairs),
        run.write_table("rejects.parquet", source.rejects),
        run.write_table("source.parquet", source.rows),
    ]
    return outputs, facts


def _read_message(facts: dict[str, Any]) -> str:
    line = f"{facts['n_pairs']:,} pairs from {facts['n_rows']:,} rows of format {facts['format']}"
    if facts["n_rejects"]:
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in facts["rejects"].items())
        line += f"; {facts['n_rejects']:,} rows left out: {reasons}"
    return f"{line}; {facts['polarity']}"


def _embed(job: _Job) -> tuple[list[str], dict[str, Any]]:
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
    digest = hashlib.sha256(Path(file).expanduser().read_bytes()).hexdigest()[:12]
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


def _dictionary(job: _Job) -> tuple[list[str], dict[str, Any]]:
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


def load_dictionary(run: Run) -> BatchTopK:
    """Return a run's dictionary."""
    return BatchTopK.from_tensors(run.read_tensors("dictionary.safetensors"))


def _describe(job: _Job) -> tuple[list[str], dict[str, Any]]:
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


def _preference(job: _Job) -> tuple[list[str], dict[str, Any]]:
    run, pairs = job.run, job.run.pair_table
    codes = run.codes()
    preferences = measure_preferences(
        codes,
        _differences(run),
        length_difference(pairs["response_a"].to_list(), pairs["response_b"].to_list()),
        pairs.select("label", "weight"),
        pairs["component"].to_numpy(),
        job.config.preference,
        np.random.default_rng([job.config.seed, 2]),
        job.progress,
    )
    if "reason" in preferences.summary:
        message = f"preferences cannot be estimated: {preferences.summary['reason']}"
        job.progress(Event("preference", message=message, level="warning"))
    features = feature_table(codes, run.read_table("descriptions.parquet"), preferences.effects)
    outputs = [
        run.write_table("features.parquet", features),
        run.write_json("preference.json", preferences.summary),
    ]
    return outputs, {}


def _read_settings(job: _Job) -> dict[str, Any]:
    config = job.config
    return {
        "read": asdict(replace(config.read, source="")),
        "source": _source_hash(config.read.source),
        "split": asdict(config.split),
        "seed": config.seed,
    }


def _source_hash(source: str) -> str:
    path = Path(source).expanduser()
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"  # reading it says why


def _embed_settings(job: _Job) -> dict[str, Any]:
    config = job.config.embed
    vectors = _source_hash(config.embeddings) if config.embeddings is not None else None
    own = [job.encoder.id, job.encoder.revision] if job.encoder is not None else None
    return asdict(replace(config, batch_size=1)) | {"vectors": vectors, "own": own}


def _stage_settings(name: str) -> Callable[[_Job], dict[str, Any]]:
    return lambda job: {"seed": job.config.seed, name: asdict(getattr(job.config, name))}


_TITLES = {
    "read": "reading pairs",
    "embed": "embedding responses",
    "dictionary": "learning how responses differ",
    "describe": "describing features",
    "preference": "measuring what the labels reward",
}
_Work = Callable[[_Job], tuple[list[str], dict[str, Any]]]
_STAGE_TABLE: dict[str, tuple[_Work, tuple[str, ...], Callable[[_Job], dict[str, Any]]]] = {
    "read": (_read, (), _read_settings),
    "embed": (_embed, ("read",), _embed_settings),
    "dictionary": (_dictionary, ("read", "embed"), _stage_settings("dictionary")),
    "describe": (_describe, ("read", "dictionary"), _stage_settings("describe")),
    "preference": (
        _preference, ("read", "embed", "dictionary", "describe"), _stage_settings("preference")
    ),
}  # fmt: skip

__all__ = ["STAGES", "analyze", "load_dictionary"]
