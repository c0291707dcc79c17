"""wimhf bench dictionaries: what is asked reaches the protocol, what comes out is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ui.test_curate_command import told, wimhf
from wimhf import pipeline
from wimhf.errors import WimhfError
from wimhf.pipeline import Comparison
from wimhf.pipeline.bench.measure import Cell
from wimhf.pipeline.bench.table import rows_of


def comparison() -> Comparison:
    draws = {name: np.array([0.6, 0.55, 0.65]) for name in ("controls", "dense", "all", "1")}
    figures = {"variance_explained": 0.25, "edits": None, "features": 32.0, "mean_active": 4.0}
    cell = Cell(figures, np.eye(2, dtype=np.float32), draws)
    cells = {("batch_topk", 4): [cell, cell], ("mp", 4): [cell, cell]}
    return Comparison(list(rows_of(cells)), [("vq", 4, "no codes")], 400, 160, 24, 6, "toy")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    def compared(*given: Any, **more: Any) -> Comparison:
        calls.append((given, more))
        return comparison()

    monkeypatch.setattr(pipeline, "compare_kinds", compared, raising=False)
    return calls


def test_what_is_asked_reaches_the_protocol(asked: list[Any], tmp_path: Path) -> None:
    words = ["--kinds", "batch_topk, batch_topk", "--k", "4,8", "--seeds", "3", "--no-words"]
    more = ["--beside", "other.jsonl", "--encoder", "fast", "--seed", "7"]
    wimhf("bench", "dictionaries", "a.jsonl", "b.jsonl", "-o", tmp_path, *words, *more)
    ((sources, folder, wanted, config), ways) = asked[0]
    assert (sources, folder) == (["a.jsonl", "b.jsonl"], tmp_path)
    assert (wanted.kinds, wanted.ks, wanted.seeds, wanted.words) == (
        ("batch_topk",), (4, 8), 3, False
    )  # fmt: skip
    assert (config.embed.encoder, config.seed, ways["beside"]) == ("fast", 7, "other.jsonl")


def test_everything_is_printed_and_written(asked: list[Any], tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    said = wimhf("bench", "dictionaries", "a.jsonl", "-o", tmp_path, "--report", report)
    assert "400 pairs, vectors of toy (24 numbers), 2 seeds" in said
    assert ".250" in said
    assert ".000 (.000 to .000)" in said  # the second kind less the first
    written = report.read_text()
    assert "| mp | 4 | 32 | 4.00 (–) | .250 |" in written
    assert "Left out: vq at K = 4: no codes." in written
    assert told("bench", "dictionaries", "a.jsonl", "-o", tmp_path)["rows"][1]["kind"] == "mp"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--k", "four"), "--k four is not understood"),
        (("--k", "64"), "K at most --features 32"),
        (("--kinds", "sae"), "there is no dictionary sae; --kinds knows batch_topk"),
    ],
)
def test_what_is_not_understood_is_said(
    asked: list[Any], tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(WimhfError, match=said):
        wimhf("bench", "dictionaries", "a.jsonl", "-o", tmp_path, *words)
    assert not asked
