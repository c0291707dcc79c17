"""A pasted pair is seen as a pair of the data is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tests.conftest import ToyEncoder, toy_rows, write_rows
from wimhf.errors import EncoderError, WimhfError
from wimhf.run.run import Run
from wimhf.run.trial import try_pair
from wimhf.ui.cli.main import app


@pytest.fixture
def run(analyze_toy: Callable[..., Run], toy_file: Path) -> Run:
    return analyze_toy(toy_file)


def codes_of(run: Run, prompt: str, a: str, b: str) -> dict[int, float]:
    table = try_pair(run, prompt, a, b, ToyEncoder()).features
    return dict(zip(table["feature"], table["code"], strict=True))


@pytest.mark.parametrize("controls", [("length",), ()], ids=["length held", "nothing held"])
def test_a_pair_of_the_data_gets_its_own_codes(
    analyze_toy: Callable[..., Run], tmp_path: Path, controls: tuple[str, ...]
) -> None:
    rows = toy_rows()
    for number, row in enumerate(rows):
        row["response_a"] += " garden" * (number % 3)
    source = write_rows(tmp_path / "pairs.jsonl", rows)
    run = analyze_toy(source, preference={"controls": controls})
    assert ("is_longer" in run.features["id"].to_list()) == (not controls)
    codes, pole = run.codes(), dict(run.features.select("feature", "pole").iter_rows())
    for row in (0, 7, 31):
        pair = run.pair_table.row(row, named=True)
        found = codes_of(run, pair["prompt"], pair["response_a"], pair["response_b"])
        active = np.flatnonzero(codes[row])
        assert set(found) == set(active.tolist())
        for j, code in found.items():
            assert code == pytest.approx(pole[j] * codes[row, j], rel=1e-3)


def test_exchanging_the_responses_negates(run: Run) -> None:
    a, b = "sorry unable decline water", "great brilliant wonderful train"
    one, two = codes_of(run, "p", a, b), codes_of(run, "p", b, a)
    assert one
    assert one == {j: -code for j, code in two.items()}
    assert codes_of(run, "p", a, a) == {}


def test_of_a_pair_of_the_data_models_say_what_they_said_of_it(run: Run) -> None:
    predicted = run.table("predictions.parquet")
    for row in (0, 7, 31):
        pair = run.pair_table.row(row, named=True)
        told = try_pair(
            run, *(pair[n] for n in ("prompt", "response_a", "response_b")), ToyEncoder()
        )
        ((fold, said),) = predicted.filter(pl.col("pair") == row).select("fold", "features").rows()
        assert told.picked is not None
        assert told.picked.odds[fold] == pytest.approx(said, rel=0.02, abs=0.02)
        parts = sum(part.toward_a for part in told.picked.parts)
        assert parts == pytest.approx(np.mean(told.picked.odds))


def test_the_labels_pick_what_they_reward_and_the_same_from_either_side(run: Run) -> None:
    praise, refusal = "great brilliant wonderful train water", "sorry unable decline water garden"
    one, two = (
        try_pair(run, "p", a, b, ToyEncoder()).picked
        for a, b in ((praise, refusal), (refusal, praise))
    )
    assert one is not None
    assert two is not None
    assert (one.side, two.side) == ("A", "B")
    assert one.sure
    assert (one.share, one.low, one.high) == (two.share, two.low, two.high)
    assert one.odds == pytest.approx([-odds for odds in two.odds])
    assert [(p.name, -p.toward_a) for p in one.parts] == [(p.name, p.toward_a) for p in two.parts]


def test_of_equal_responses_none_is_picked(run: Run) -> None:
    told = try_pair(run, "p", "great water", "great water", ToyEncoder()).picked
    assert told is not None
    assert (told.side, told.parts) == ("", ())


def test_reasons_are_what_the_words_say(run: Run) -> None:
    a, b = "sorry unable decline water garden", "bread water garden train music"
    table = try_pair(run, "p", a, b, ToyEncoder()).features
    told = [reason for row in table["because"] for reason in row]
    assert any(word in reason for word in ("sorry", "unable", "decline") for reason in told)


def test_a_foreign_encoder_and_an_empty_response_are_refused(run: Run) -> None:
    other = ToyEncoder()
    other.revision = "2"
    with pytest.raises(EncoderError, match="revision 1"):
        try_pair(run, "p", "x", "y", other)
    with pytest.raises(EncoderError, match="empty response"):
        try_pair(run, "p", " ", "y", ToyEncoder())
    with pytest.raises(WimhfError, match="'toy' is unknown"):
        try_pair(run, "p", "x", "y")


@pytest.mark.parametrize("text", ["[]", "{}", '{"response_a": 3, "response_b": "x"}', "no json"])
def test_a_file_that_is_no_pair_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "pair.json").write_text(text)
    arguments = ["describe", str(run.path), "--try", str(tmp_path / "pair.json")]
    found: Any = CliRunner().invoke(app, arguments)
    assert isinstance(found.exception, WimhfError)
    assert "is no pair" in str(found.exception)


def test_the_answer_is_strict_json(run: Run) -> None:
    told = try_pair(run, "p", "sorry unable", "great wonderful", ToyEncoder()).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_pair_of_the_data_gets_the_code_of_merged_features(run: Run) -> None:
    from wimhf.curate import open_curation

    curation = open_curation(run, "ann")
    curation.own(3, flipped=True)
    curation.own(3, merged_into=0)
    code = curation.facts.code(0)
    row = int(np.flatnonzero(code)[0])
    pair = run.pair_table.row(row, named=True)
    found = codes_of(run, pair["prompt"], pair["response_a"], pair["response_b"])
    assert 3 not in found
    assert found[0] == pytest.approx(code[row], rel=0.02)
