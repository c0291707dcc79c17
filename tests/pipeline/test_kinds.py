"""A run with any kind of dictionary opens everywhere, and goes on where it stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tests.conftest import ToyEncoder
from tests.pipeline.test_pipeline import contents
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.base import DICTIONARIES, Config, EmbedConfig, silent
from wimhf.compare import compare_runs
from wimhf.errors import ConfigError
from wimhf.pipeline.stages.context import StageContext
from wimhf.pipeline.stages.dictionary import learn
from wimhf.pipeline.stages.preference import measured_labels
from wimhf.run import Run, code_of, dictionary_of, try_pair
from wimhf.ui.cli.main import app
from wimhf.ui.report import render_report

Analyze = Callable[..., Any]


def settings(kind: str) -> dict[str, object]:
    return {"kind": kind, "features": 6, "k": 2, "steps": 100, "restarts": 2}


@pytest.fixture(params=DICTIONARIES)
def relearned(request: pytest.FixtureRequest, toy_run: Run) -> Run:  # noqa: F811
    """Return a run whose dictionary is of another kind."""
    data = toy_run.config.to_dict() | {"dictionary": settings(request.param)}
    toy_run.manifest.data["config"] = Config.from_dict(data).to_dict()
    context = StageContext(toy_run, toy_run.config, silent, ToyEncoder())
    outputs, facts = learn(context)
    toy_run.finish("dictionary", "hash", outputs, facts, {})
    return toy_run


def test_a_run_says_its_kind_and_a_new_pair_gets_codes(relearned: Run) -> None:
    kind = relearned.config.dictionary.kind
    assert relearned.folder.read_json("dictionary.json")["kind"] == kind
    assert dictionary_of(relearned).kind == kind
    pairs = relearned.pair_table.head(40)
    texts = [pairs[name].to_list() for name in ("prompt", "response_a", "response_b")]
    prompts, a, b = texts
    again = code_of(relearned, ToyEncoder())(prompts, a, b)
    assert np.allclose(again, relearned.discovered_codes().dense()[:40], atol=1e-5)
    assert np.array_equal(code_of(relearned, ToyEncoder())(prompts, b, a), -again)
    left = measured_labels(relearned)["label"]
    unseen = (pl.col("split") != "fit") if kind == "transcoder" else pl.lit(value=True)
    expected = relearned.pair_table.select(pl.when(unseen).then(pl.col("label")))["label"]
    assert left.equals(expected)


def test_a_transcoder_may_write_a_second_encoder(
    toy_run: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def second(config: EmbedConfig, *_: object) -> ToyEncoder:
        asked.append(config.encoder)
        strong = ToyEncoder(dim=12)
        strong.id = "strong"
        return strong

    monkeypatch.setattr("wimhf.pipeline.stages.given.choose_encoder", second)
    config = Config.from_dict(
        toy_run.config.to_dict() | {"dictionary": settings("transcoder") | {"target": "strong"}}
    )
    outputs, facts = learn(StageContext(toy_run, config, silent, ToyEncoder()))
    toy_run.finish("dictionary", "hash", outputs, facts, {})
    assert asked == ["strong"]
    card = toy_run.folder.read_json("dictionary.json")
    assert (card["target"], card["saw_labels"]) == ("second encoder", False)
    assert toy_run.folder.read_tensors("dictionary.safetensors")["target_decoder"].shape == (6, 12)


def test_a_run_told_its_concepts_reports_is_compared_and_goes_on(
    analyze_toy: Analyze, toy_file: Path
) -> None:
    run = analyze_toy(toy_file, dictionary=settings("supervised"))
    assert "Of kind supervised" in render_report(run)
    tried = try_pair(run, "p", "sorry unable", "great garden", ToyEncoder()).features
    assert len(tried) > 0
    found = compare_runs([run.path, run.path], discovered=True)
    assert any(one.kind == "discovered" for one in found.columns)
    with pytest.raises(ConfigError, match="of kind supervised, which learns from more"):
        compare_runs([run.path, run.path], shared=True)
    before = contents(run.path)
    run.manifest.mark_stale(["dictionary", "preference"])
    assert contents(analyze_toy(toy_file, dictionary=settings("supervised")).path) == before


def test_the_command_line_takes_a_kind_and_refuses_others(toy_file: Path, tmp_path: Path) -> None:
    asked = ["analyze", str(toy_file), "-o", str(tmp_path / "run"), "--dictionary", "other"]
    told = CliRunner().invoke(app, asked)
    assert isinstance(told.exception, ConfigError)
    assert "use batch_topk, mp, snmf" in str(told.exception)
