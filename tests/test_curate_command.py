"""wimhf curate and wimhf export: thin over the library, one line for every mistake."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.cli.main import app
from wimhf.curation import open_curation
from wimhf.errors import WimhfError
from wimhf.run import Run, open_run


def wimhf(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def told(*words: object) -> Any:
    return json.loads(wimhf(*words, "--json"))


RULE = ("--when", "feature = 0, rewarded = true", "--then", "flip")


def test_looking_writes_nothing_and_applying_does(toy_run: Run) -> None:  # noqa: F811
    path = toy_run.path
    seen = told("curate", path, *RULE)
    assert seen["touched"] > 0
    assert told("curate", path)["edits"] == 0
    assert "Nothing was written" in wimhf("curate", path, *RULE, "-q")
    done = told("curate", path, *RULE, "--apply", "--why", "they do", "--who", "ann")
    assert done["done"][0]["pairs"] == seen["touched"] == done["changed"]
    (line,) = told("curate", path, "--history")["history"]
    assert (line["who"], line["why"]) == ("ann", "they do")
    assert "they do" in wimhf("curate", path, "--history")


def test_undo_redo_checkpoint_and_return(toy_run: Run) -> None:  # noqa: F811
    path = toy_run.path
    wimhf("curate", path, *RULE, "--apply")
    wimhf("curate", path, "--checkpoint", "one")
    assert told("curate", path, "--undo")["changed"] == 0
    assert told("curate", path, "--redo")["changed"] > 0
    wimhf("curate", path, "--undo", "--number", 1)
    assert told("curate", path, "--return-to", "one")["changed"] > 0


def test_rules_file_pairs_suspects_and_features(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    path, file = toy_run.path, tmp_path / "r.toml"
    file.write_text('[[rule]]\nwhen = { text = "sorry" }\nthen = { weight = 0.5 }\n')
    assert told("curate", path, file, "--apply")["changed"] > 0
    suspects = told("curate", path, "--suspects", 3)["suspects"]
    assert len(suspects) == 3
    assert suspects[0]["against"]
    assert "log odds against it" in wimhf("curate", path, "--suspects", 2)
    first = suspects[0]["pair_id"]
    told("curate", path, "--pairs", first, "--then", "label = 0.7")
    pairs = open_curation(open_run(path)).pairs
    assert pairs.filter(pairs["pair_id"] == first)["label"].item() == 0.7
    wimhf("curate", path, "--feature", 1, "--name", "says sorry", "--pin")
    assert open_run(path).features.row(0, named=True)["description"] == "says sorry"


def test_a_preview_says_what_overlaps(toy_run: Run) -> None:  # noqa: F811
    wimhf("curate", toy_run.path, "--when", "feature = 0", "--then", "tie", "--apply")
    said = wimhf("curate", toy_run.path, *RULE)
    assert "are in edit 1, too" in said
    assert "is outranked" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--when", "feature = 0"), "both --when and --then"),
        (("--when", "feature == 0", "--then", "flip"), "--when 'feature == 0' is not understood"),
        (("--when", "feature = 0", "--then", "explode it"), "--then 'explode it' is not"),
        (("--when", "feature = 99", "--then", "flip"), "no feature 99"),
        (("--undo",), "nothing to undo"), (("--redo",), "nothing to redo"),
        (("--name", "x"), "say of which feature"), (("--feature", "1"), "say of which feature"),
        (("--pairs", "x"), "say what becomes"),
        (("--pairs", "x", "--then", "flip"), "no such pair"),
        (("--return-to", "x"), "no checkpoint 'x'"),
        (("--evaluate", "absent.jsonl"), "absent.jsonl"),
        (("--checkpoint", "a", "--return-to", "b"), "two steps"),
        (("absent.toml",), "cannot be read"),
        (("absent.toml", "--when", "feature = 0", "--then", "flip"), "not both"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_nothing_is_written(
    toy_run: Run, words: tuple[str, ...], said: str  # noqa: F811
) -> None:  # fmt: skip
    with pytest.raises(WimhfError, match=said) as caught:
        wimhf("curate", toy_run.path, *words)
    assert "\n" not in str(caught.value)
    assert not toy_run.edits.path.exists()


def test_exports_are_the_librarys_own(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    wimhf("curate", toy_run.path, *RULE, "--apply")
    out = told("export", toy_run.path, "--to", "trl", "-o", tmp_path / "a.jsonl")
    own = open_curation(toy_run).export("trl", tmp_path / "b.jsonl")
    assert out["sha256"] == own.sha256
    assert out["pairs"] + sum(out["left_out"].values()) == 400
    assert "change card" in wimhf(
        "export", toy_run.path, "--to", "native", "-o", tmp_path / "c.csv"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "xml", "-o", "x.jsonl"), "xml"), (("--to", "trl", "-o", "x.xml"), "xml"),
        (("--to", "trl", "-o", "/nowhere/x.jsonl"), "nowhere"),
        (("--to", "trl", "-o", "x.jsonl", "--ties", "maybe"), "maybe"),
        (("--to", "trl", "-o", "x.jsonl", "--ties", "refuse"), "tie"),
    ],
)  # fmt: skip
def test_an_export_that_cannot_be_is_one_line(
    toy_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,  # noqa: F811
    words: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WimhfError, match=said):
        wimhf("export", toy_run.path, *words)
    assert [item.name for item in tmp_path.iterdir()] == ["toy-run"]
