"""What decides a stage's result, besides the outputs it reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from wimhf.base import LlmConfig, expanded, file_hash
from wimhf.data import sources_hash
from wimhf.errors import InputError
from wimhf.learn import folder_hash
from wimhf.pipeline.stages.job import Job


def read_settings(job: Job) -> dict[str, Any]:
    """Return what changes the result of reading; a moved source is the same source."""
    config = job.config
    return {
        "read": asdict(replace(config.read, source="", also=())),
        "source": _read_hash(config.read.source, *config.read.also),
        "split": asdict(config.split),
        "seed": config.seed,
    }


def _source_hash(source: str) -> str:
    try:
        return file_hash(expanded(source))
    except OSError:
        return "unreadable"  # reading it says why


def _read_hash(*sources: str) -> str:
    try:
        return sources_hash(sources)
    except (OSError, InputError):
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


def describe_settings(job: Job) -> dict[str, Any]:
    """Return what changes offline descriptions: settings, and the user's own concepts."""
    own = [_read_hash(path) for path in job.config.describe.concepts]
    return own_settings("describe")(job) | {"concepts": own}


def seed_settings(job: Job) -> dict[str, Any]:
    """Return the seed, where nothing else is set."""
    return {"seed": job.config.seed}


def no_settings(job: Job) -> dict[str, Any]:
    """Return nothing, where the inputs alone decide."""
    return {}


def subset_settings(job: Job) -> dict[str, Any]:
    """Return what changes subsets; how prompts are embedded only where they may be."""
    own = own_settings("subsets")(job)
    if job.config.subsets.by in ("auto", "prompts"):
        own |= {"embed": embed_settings(job), "describe": asdict(job.config.describe)}
    return own


def llm_settings(job: Job) -> dict[str, Any]:
    """Return what changes a model's descriptions; how fast they are asked for does not.

    With scores the budget counts too: it is agreed to once, when describing, for both.
    """
    config = job.config.llm
    if config.model is None:
        return {}
    plain = LlmConfig()
    own = replace(config, scores=plain.scores, score_pairs=plain.score_pairs)
    budget = {
        name: getattr(config, name)
        for name in ("scores", "score_pairs", "max_calls", "max_cost", "price_in", "price_out")
    }
    return _unpaced(own) | {"seed": job.config.seed} | ({"budget": budget} if config.scores else {})


def judge_settings(job: Job) -> dict[str, Any]:
    """Return what changes the scores of descriptions."""
    config = job.config.llm
    if config.model is None or not config.scores:
        return {}
    return _unpaced(config) | {"seed": job.config.seed}


def _unpaced(config: LlmConfig) -> dict[str, Any]:
    """Return settings without those that decide only how fast and how dear it may be."""
    return asdict(
        replace(
            config, concurrency=1, timeout=1.0, max_failures=1.0, max_calls=None, max_cost=None,
            price_in=0.0, price_out=0.0,
        )
    )  # fmt: skip


def name_settings(job: Job) -> dict[str, Any]:
    """Return what decides which description wins."""
    return {"min_fidelity": job.config.describe.min_fidelity}


def score_settings(job: Job) -> dict[str, Any]:
    """Return what changes scores; the batch size does not."""
    config = job.config.reward
    if config.model is None:
        return {}
    folder = expanded(config.model)
    weights = folder_hash(folder) if folder.is_dir() else None
    return asdict(replace(config, batch_size=1)) | {"weights": weights}
