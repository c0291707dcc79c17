"""Naming a run's features with a language model in the background, and what that takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import LlmConfig, Progress, server_address, without_secrets
from wimhf.describe import allowance
from wimhf.errors import ConfigError
from wimhf.pipeline.analysis import describe_run
from wimhf.pipeline.job_state import JobState
from wimhf.pipeline.jobs import begin_job
from wimhf.pipeline.trying import Demand
from wimhf.run import Run

NAME = "name"
"""What a change is called that names features."""


def naming_demand(run: Run, config: LlmConfig) -> Demand:
    """Say what naming the discovered features takes, before anything is sent.

    Raises
    ------
    ConfigError
        If the run has no discovered feature.
    """
    if not run.n_discovered:
        raise ConfigError("the run has no discovered feature; concepts are their own names")
    responses = pl.concat([run.pair_table["response_a"], run.pair_table["response_b"]])
    length = float(np.mean(responses.str.len_chars().to_numpy()))
    asked = min(config.features or run.n_discovered, run.n_discovered)
    told: list[str] = []
    beyond: list[str] = []

    def agreed(question: str) -> bool:
        beyond.append(question)
        return True

    allowance(
        asked, run.n_discovered, config, length, lambda event: told.append(event.message), agreed
    )
    return Demand(told[0], not beyond)


def start_naming(run: Run, config: LlmConfig, *, agreed: bool = False, key: str = "") -> JobState:
    """Name a run's features with a language model, in a process of its own.

    Parameters
    ----------
    agreed
        Whether somebody allowed what it takes, where that is above the budget.
    key
        The server's key; OPENAI_API_KEY of the environment by default. It is written nowhere.

    Raises
    ------
    ConfigError
        If no model is named, or the server needs a key and there is none.
    RunError
        If the run is being worked on already, or the folder cannot be written.
    """
    if not config.model:
        raise ConfigError("no model is named; name the one that the server is to use")
    if server_address(config.base_url).lacks_key and not key:
        raise ConfigError("the server needs a key; give one, or name a server of your own")
    address = config.base_url or ""
    shown = replace(config, base_url=without_secrets(address) if address else None)
    change = {"do": NAME, "llm": asdict(shown), "agreed": agreed}
    source, settings = run.config.read.source, run.config.to_dict()
    return begin_job(
        run.path, {"source": source, "config": settings, "change": change}, key, address
    )


def make_names(run: Run, change: Mapping[str, Any], progress: Progress) -> Run:
    """Name features as a change says."""
    agreed = bool(change["agreed"])
    llm = change["llm"] | {"scores": tuple(change["llm"].get("scores", ()))}
    return describe_run(run, progress=progress, confirm=lambda question: agreed, llm=llm)
