"""Two models of columns times prompts, if they are asked for and prompts can be embedded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import wimhf
from tests.conftest import FILLER, toy_config, toy_rows, write_rows
from wimhf.base import Config
from wimhf.errors import ConfigError
from wimhf.run.run import Run
from wimhf.ui.report import render_report


def test_they_stand_beside_the_others(analyze_toy: Callable[..., Run], tmp_path: Path) -> None:
    rows = toy_rows(300)
    for number, row in enumerate(rows):
        row["prompt"] = f"{FILLER[number // 2 % len(FILLER)]} {row['prompt']}"
    config = toy_config(preference={"interactions": 2, "bootstrap": 50})
    run = analyze_toy(write_rows(tmp_path / "toy.jsonl", rows), config=config)
    auc = run.preference["auc"]
    assert auc["features by prompt"]["value"] is not None
    assert auc["dense by prompt"]["value"] is not None
    assert "Features by prompt" in render_report(run)


def test_vectors_that_were_brought_have_none_for_prompts(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "toy.jsonl", toy_rows(60))
    np.save(tmp_path / "own.npy", np.ones((60, 2, 4), dtype=np.float32))
    brought = {"embeddings": str(tmp_path / "own.npy")}
    wanted = Config.from_dict({"preference": {"interactions": 2}, "embed": brought})
    with pytest.raises(ConfigError, match="--interactions embeds prompts"):
        wimhf.analyze(source, tmp_path / "run", config=wanted)
    assert not (tmp_path / "run" / "dictionary.json").exists()
