"""wimhf concepts: the bank, what it finds in a source, and own concepts on their own examples."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conftest import toy_rows, write_rows
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from tests.ui.test_curate_command import told, wimhf
from wimhf.concepts import load_concepts
from wimhf.errors import WimhfError
from wimhf.run.run import Run
from wimhf.ui.cli.main import app

OWN = """
[[concept]]
id = "begs_off"
more = "begs off"
less = "takes it on"
words = ["sorry", "decline"]
examples = { more = ["I am sorry."], less = ["A sorrel horse."] }
"""


def test_the_bank_is_listed_whole_and_by_area() -> None:
    bank = load_concepts()
    assert [row["id"] for row in told("concepts")] == [one.id for one in bank]
    tone = [one for one in bank if one.area == "tone"]
    assert [row["title"] for row in told("concepts", "--area", "tone")] == [o.title for o in tone]
    assert all(one.more in wimhf("concepts", "--area", "tone") for one in tone)
    assert told("concepts", "show", "--top", "2") == told("concepts", "--top", "2")
    with pytest.raises(WimhfError, match="no area 'x'; there are content"):
        wimhf("concepts", "--area", "x")


def test_what_is_counted_does_not_depend_on_the_sides(toy_file: Path, tmp_path: Path) -> None:
    seen = told("concepts", toy_file, "-q")
    turned = [
        row | {"response_a": row["response_b"], "response_b": row["response_a"],
               "label": 1 - row["label"]}
        for row in toy_rows()
    ]  # fmt: skip
    assert told("concepts", write_rows(tmp_path / "turned.jsonl", turned), "-q") == seen
    assert seen["pairs"] == seen["labelled"] == 400
    shares = [row["share"] for row in seen["concepts"]]
    assert shares == sorted(shares, reverse=True)
    assert all(row["share"] == row["pairs"] / 400 for row in seen["concepts"])


def test_own_concepts_are_counted_and_the_planted_preference_is_seen(
    toy_file: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    seen = told("concepts", toy_file, "--own", own, "-q")["concepts"]
    (row,) = [one for one in seen if one["id"] == "begs_off"]
    differ = [r for r in toy_rows() if ("sorry" in r["response_a"]) != ("sorry" in r["response_b"])]
    won = [r["label"] if "sorry" in r["response_a"] else 1 - r["label"] for r in differ]
    assert row["pairs"] == row["labelled"] == len(differ)
    assert row["wins"]["value"] == pytest.approx(sum(won) / len(won))
    assert row["wins"]["high"] < 0.4
    said = wimhf("concepts", toy_file, "--own", own, "-q", "--area", "own", "--top", "1")
    assert "begs off" in said
    assert "wins" in said


def test_a_run_is_counted_like_its_source(toy_run: Run) -> None:  # noqa: F811
    source = toy_run.config.read.source
    assert told("concepts", toy_run.path, "-q") == told("concepts", source, "-q")


def test_an_unlabelled_source_is_counted(tmp_path: Path) -> None:
    rows = [row | {"label": None} for row in toy_rows(20)]
    seen = told("concepts", write_rows(tmp_path / "u.jsonl", rows), "-q")
    assert seen["labelled"] == 0
    assert all(row["wins"]["value"] is None for row in seen["concepts"])


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("I am sorry.", "I am tired.", "not found in an example of more: “I am tired.”"),
        ("A sorrel horse.", "A sorry horse.", "found in an example of less: “A sorry horse.”"),
    ],
)
def test_an_example_that_fails_is_shown_and_ends_with_2(
    tmp_path: Path, was: str, now: str, said: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    assert "ok  begs_off: 2 examples" in wimhf("concepts", "test", file)
    file.write_text(OWN.replace(was, now))
    done = CliRunner().invoke(app, ["concepts", "test", str(file)])
    assert said in done.stdout
    assert isinstance(done.exception, WimhfError)
    assert "1 of 1 concepts fail on their own examples: begs_off" in str(done.exception)
    shown = CliRunner().invoke(app, ["concepts", "test", str(file), "--json"])
    assert not json.loads(shown.stdout)[0]["ok"]


def test_examples_of_a_concept_within_another_are_tried_by_what_it_looks_for(
    tmp_path: Path,
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        OWN + '[[concept]]\nid = "asks_for_it"\nmore = "the user asks"\nless = "the user tells"\n'
        'reads = "prompt"\nwords = ["please"]\nexamples = { more = ["please do"], less = ["do"] }\n'
        '[[concept]]\nid = "then"\nmore = "begs off then"\nless = "does it then"\n'
        'of = "begs_off"\nwithin = "asks_for_it"\n'
        'examples = { more = ["I decline."], less = ["I agree."] }\n'
    )
    assert [row["ok"] for row in told("concepts", "test", file)] == [True] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "is not TOML"),
        (OWN.replace("more =", "moer ="), "unknown 'moer'"),
        (OWN + 'learned = "x"\n', "unknown 'learned'"),
        (None, "not exist"),
    ],
)
def test_a_malformed_file_is_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "own.toml"
    if text is not None:
        file.write_text(text)
    for words in (["test", file], ["--own", file]):
        with pytest.raises(WimhfError, match=said) as caught:
            wimhf("concepts", *words)
        assert "\n" not in str(caught.value)


def test_a_source_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WimhfError, match=r"absent\.jsonl"):
        wimhf("concepts", tmp_path / "absent.jsonl", "-q")
