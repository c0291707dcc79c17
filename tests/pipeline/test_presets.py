"""Presets: settings together, overridden by what is given, refused in one line where all lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import wimhf
from tests.conftest import ToyEncoder, toy_rows, write_rows
from tests.few_concepts import few_concepts  # noqa: F401
from tests.llm_server import Server, knowing
from wimhf.base import PRESETS, Config, EmbedConfig, LlmConfig, preset_named
from wimhf.describe.llm.questions import Texts, judging, proposing
from wimhf.errors import ConfigError
from wimhf.learn.embed import choose
from wimhf.learn.embed.choose import missing_for
from wimhf.pipeline import presets
from wimhf.pipeline.presets import check_preset, with_preset


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_config_and_says_its_costs(name: str) -> None:
    config = with_preset(Config(), name)
    for table, rows in PRESETS[name].settings.items():
        for key, value in rows.items():
            found = getattr(getattr(config, table), key)
            assert (list(found) if isinstance(found, tuple) else found) == value
    assert PRESETS[name].costs
    assert (config == Config()) == (name == "offline")


def test_what_is_given_stays() -> None:
    given = Config.from_dict({"dictionary": {"features": 64}, "embed": {"encoder": "minilm"}})
    config = with_preset(given, "paper")
    assert (config.dictionary.features, config.dictionary.k) == (64, 4)
    assert (config.embed.encoder, config.llm.judge) == ("minilm", "gpt-5-mini")


def test_an_unknown_preset_names_the_known() -> None:
    with pytest.raises(ConfigError, match="no preset 'best'; there are offline, paper, strong"):
        preset_named("best")


def test_what_lacks_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(60))
    with pytest.raises(ConfigError, match=r"^preset paper needs OPENAI_API_KEY, or OPENAI"):
        wimhf.analyze(source, tmp_path / "run", preset="paper")
    monkeypatch.setattr(choose, "hub_answers", lambda name: False)
    with pytest.raises(ConfigError, match=r"^preset strong needs Qwen/.* which does not answer"):
        wimhf.analyze(source, tmp_path / "run", preset="strong")
    assert not (tmp_path / "run").exists()
    monkeypatch.setattr(choose, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="needs the openai package"):
        wimhf.analyze(source, tmp_path / "run", preset="paper")


def test_a_local_folder_stands_in_for_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(name: str) -> bool:
        raise AssertionError("the hub must not be asked")

    monkeypatch.setattr(choose, "hub_answers", asked)
    assert missing_for(EmbedConfig(encoder=str(tmp_path))) is None
    assert missing_for(EmbedConfig(encoder="minilm")) is None
    given = Config.from_dict({"embed": {"encoder": str(tmp_path)}})
    check_preset("strong", with_preset(given, "strong"))


def test_a_gpu_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(device: str) -> None:
        if device == "cuda":
            raise ConfigError("device cuda is not available on this machine; use --device auto")

    monkeypatch.setattr(presets, "resolve_device", absent)
    monkeypatch.setattr(presets, "missing_for", lambda config: None)
    with pytest.raises(ConfigError, match="preset gpu: device cuda is not available"):
        check_preset("gpu", with_preset(Config(), "gpu"))
    check_preset("offline", Config())


def test_the_judge_is_asked_what_judges() -> None:
    texts = Texts(["p"], ["a"], ["b"])
    config = LlmConfig(model="gpt-5", judge="gpt-5-mini")
    assert judging(texts, 0, "is short", config, exchanged=False).model == "gpt-5-mini"
    assert proposing(texts, np.ones(1), np.zeros(1, dtype=np.int64), config).model is None
    assert judging(texts, 0, "is short", LlmConfig(model="m"), exchanged=False).model is None


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    one = Server(lambda prompt, _: (200, knowing(prompt)))
    monkeypatch.setenv("OPENAI_BASE_URL", one.url)
    yield one
    one.close()


def test_the_paper_goes_through_with_a_server_of_ones_own(
    tmp_path: Path,
    server: Server,
    few_concepts: None,  # noqa: F811
) -> None:
    """Names and judgements are asked of two models of one server; vectors of a toy."""
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(120))
    small = {"features": 1, "candidates": 2, "examples": 2, "select_pairs": 10, "test_pairs": 20}
    run = wimhf.analyze(
        source, tmp_path / "run", preset="paper", encoder=ToyEncoder(), llm=small,
        dictionary={"features": 9, "steps": 60, "restarts": 1}, preference={"bootstrap": 50},
    )  # fmt: skip
    models = {body["model"] for body in server.bodies}
    assert models == {"gpt-5", "gpt-5-mini"}
    config = run.config
    assert (config.embed.encoder, config.dictionary.prefixes) == (
        "openai:text-embedding-3-small", (8,)
    )  # fmt: skip
    assert run.facts("llm")["model"] == "gpt-5"
