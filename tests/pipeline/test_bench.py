"""Kinds of dictionary on the same pairs: the same again, in pieces, and what is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from tests.few_concepts import few_concepts  # noqa: F401
from wimhf.base import DictionaryConfig
from wimhf.errors import ConfigError, EstimationError
from wimhf.pipeline import Asked, Comparison, compare_kinds
from wimhf.pipeline.bench import protocol
from wimhf.pipeline.bench.data import read_bench
from wimhf.pipeline.bench.measure import Cell
from wimhf.pipeline.bench.table import rows_of
from wimhf.ui.words.dictionaries import bench_markdown, bench_summary, bench_tables

ASKED = Asked(("batch_topk",), features=8, ks=(2,), seeds=2)
CONFIG = replace(toy_config(), dictionary=DictionaryConfig(steps=120, device="cpu"))


@pytest.fixture(scope="module")
def source(
    few_concepts: None,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    return write_rows(tmp_path_factory.mktemp("bench") / "toy.jsonl", toy_rows())


@pytest.fixture(scope="module")
def compared(source: Path) -> tuple[Path, Comparison]:
    folder = source.parent / "folder"
    found = compare_kinds(source, folder, ASKED, CONFIG, beside=source, encoder=ToyEncoder())
    return folder, found


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "scores").iterdir()}


def test_every_question_has_an_answer(compared: tuple[Path, Comparison]) -> None:
    _, found = compared
    (row,) = found.rows
    assert (row.kind, row.k, row.seeds, found.failed) == ("batch_topk", 2, 2, [])
    assert row.figures["swap_error"] == 0.0
    assert row.figures["mean_active"] == pytest.approx(2, abs=0.6)
    assert 0 < row.stability <= 1
    assert {"controls", "dense", "all", "residual", "1", "2", "5"} <= set(row.auc)
    assert row.auc["all"]["low"] <= row.auc["all"]["value"] <= row.auc["all"]["high"]
    assert row.less is None
    assert abs(row.figures["novelty_both"] - 0.5) < 0.2  # the same data are not new
    json.dumps(found.to_dict(), allow_nan=False)


def test_going_on_measures_nothing_twice(
    source: Path, compared: tuple[Path, Comparison], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, found = compared
    before = kept(folder)
    measured: list[int] = []

    def counting(bench: object, kind: str, config: object, seed: int, *, words: bool) -> Cell:
        measured.append(seed)
        return protocol_measure(bench, kind, config, seed, words=words)

    protocol_measure = protocol.measure
    monkeypatch.setattr(protocol, "measure", counting)
    ways = {"beside": source, "encoder": ToyEncoder()}
    again = compare_kinds(source, folder, ASKED, CONFIG, **ways)
    assert measured == []
    assert again.rows[0].figures == found.rows[0].figures
    assert again.rows[0].auc == found.rows[0].auc
    next(path for path in (folder / "scores").iterdir() if "seed1" in path.name).unlink()
    compare_kinds(source, folder, ASKED, CONFIG, **ways)
    assert measured == [1]
    after = kept(folder)
    assert set(after) == set(before)
    assert all(after[name] == before[name] for name in before if name.endswith(".safetensors"))


def test_no_dictionary_is_fitted_on_what_judges_it(source: Path, tmp_path: Path) -> None:
    """Turning over the labels and the sides of judged pairs changes no dictionary."""
    bench = read_bench([str(source)], tmp_path / "run", CONFIG, lambda event: None, ToyEncoder())
    parts = bench.run.pair_table["split"].to_numpy()
    component = bench.run.pair_table["component"].to_numpy()
    assert not set(component[parts == "fit"]) & set(component[parts != "fit"])
    labels = bench.labels
    assert labels is not None
    assert (parts[labels.used][labels.judged] != "fit").all()
    assert len(bench.given.fit) == (parts == "fit").sum()
    held = labels.folds[labels.judged]
    for fold in range(held.max() + 1):
        inside = component[labels.used][labels.folds == fold]
        assert not set(inside) & set(component[labels.used][labels.folds != fold])


def test_a_kind_that_fails_is_left_out_with_its_reason(
    source: Path, compared: tuple[Path, Comparison], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*given: object, **more: object) -> Cell:
        raise EstimationError("it lacks what it learns from")

    monkeypatch.setattr(protocol, "measure", failing)
    asked = replace(ASKED, ks=(2, 3))
    found = compare_kinds(source, compared[0], asked, CONFIG, beside=source, encoder=ToyEncoder())
    assert found.failed == [("batch_topk", 3, "it lacks what it learns from")]
    assert [row.k for row in found.rows] == [2]
    assert "batch_topk at K = 3: it lacks" in bench_markdown(found)


def test_means_and_paired_differences_by_hand() -> None:
    def cell(value: float, draws: list[float], turn: float = 1.0) -> Cell:
        directions = turn * np.eye(2, dtype=np.float32)
        return Cell({"x": value, "y": None}, directions, {"all": np.array(draws)})

    cells = {
        ("one", 4): [cell(1.0, [0.6, 0.5, 0.7]), cell(3.0, [0.8, 0.7, 0.9], -1.0)],
        ("two", 4): [cell(5.0, [0.9, 0.8, 1.0])],
    }
    first, second = rows_of(cells)
    assert (first.figures, first.spread) == ({"x": 2.0, "y": None}, {"x": 1.0, "y": None})
    assert first.stability == 1.0
    assert first.auc["all"]["value"] == pytest.approx(0.7)
    assert second.less["value"] == pytest.approx(0.2)
    assert second.less["low"] == pytest.approx(0.2)  # paired: the resamples are the same
    assert (second.stability, second.spread) == (None, {})


def test_tables_have_a_row_for_each_and_no_empty_question(
    compared: tuple[Path, Comparison],
) -> None:
    _, found = compared
    tables = bench_tables(found)
    assert all(len(row) == len(table.header) for table in tables for row in table.rows)
    assert "Names" in [table.title for table in tables]
    assert found.encoder in bench_summary(found)
    unnamed = replace(found.rows[0], figures=found.rows[0].figures | dict.fromkeys(
        ("fidelity", "understood", "known_share")))  # fmt: skip
    titles = [table.title for table in bench_tables(replace(found, rows=[unnamed]))]
    assert "Names" not in titles


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kinds": ("sae",)}, "no dictionary sae"),
        ({"ks": (9,), "features": 8}, "K at most --features 8"),
        ({"seeds": 0}, "--seeds 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Asked(**given)
