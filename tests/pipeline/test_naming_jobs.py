"""Naming features in the background: what it takes, the key that is written nowhere, failures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.llm_server import Server, knowing, serving, small
from tests.pipeline.test_jobs import ended, wait
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.base import LlmConfig
from wimhf.errors import ConfigError
from wimhf.pipeline import forget_job, naming_demand, start_naming
from wimhf.run.opening import open_run
from wimhf.run.run import Run

servers = pytest.fixture(serving)
SECRET = "sk-do-not-write-me-anywhere"


def test_features_are_named_in_a_process_of_its_own_and_the_key_is_written_nowhere(
    toy_run: Run,  # noqa: F811
    servers: Callable[..., Server],
) -> None:
    server = servers(lambda prompt, call: (200, knowing(prompt)))
    config = LlmConfig(**small(server))
    start_naming(toy_run, config, key=SECRET)
    assert wait(toy_run.path, ended).status == "done"
    assert server.prompts
    assert open_run(toy_run.path).facts("llm")["model"] == "knowing"
    written = [file for file in toy_run.path.parent.rglob("*") if file.is_file()]
    assert written
    assert not any(SECRET.encode() in file.read_bytes() for file in written)


def test_what_naming_takes_is_said_first_and_above_the_budget_it_is_not_done(
    toy_run: Run,  # noqa: F811
    servers: Callable[..., Server],
) -> None:
    server = servers(lambda prompt, call: (200, knowing(prompt)))
    config = LlmConfig(**small(server, max_calls=10))
    demand = naming_demand(toy_run, config)
    assert not demand.within
    assert "calls" in demand.words
    assert naming_demand(toy_run, LlmConfig(**small(server))).within
    names = toy_run.features["description"].to_list()
    start_naming(toy_run, config)
    state = wait(toy_run.path, ended)
    assert state.status == "failed"
    assert server.prompts == []
    assert open_run(toy_run.path).features["description"].to_list() == names
    forget_job(toy_run.path)


def test_a_server_that_fails_leaves_the_names_and_says_so(
    toy_run: Run,  # noqa: F811
    servers: Callable[..., Server],
) -> None:
    server = servers(lambda prompt, call: (401, {"error": {"message": "no such key"}}))
    names = toy_run.features["description"].to_list()
    start_naming(toy_run, LlmConfig(**small(server)), key="x")
    state = wait(toy_run.path, ended)
    assert (state.status, "no such key" in (state.error or "")) == ("failed", True)
    assert open_run(toy_run.path).features["description"].to_list() == names


def test_without_a_model_or_a_key_nothing_is_begun(
    toy_run: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ConfigError, match="no model is named"):
        start_naming(toy_run, LlmConfig())
    with pytest.raises(ConfigError, match="needs a key"):
        start_naming(toy_run, LlmConfig(model="m"))
