"""wimhf curate and wimhf export: thin over the library, one line for every mistake."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.conftest import ToyEncoder, toy_rows, write_rows
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.curate import open_curation
from wimhf.errors import WimhfError
from wimhf.run.opening import open_run
from wimhf.run.run import Run
from wimhf.ui.cli.main import app


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
        (("--checkpoint", "a", "--return-to", "b"), "several steps"),
        (("--undo", "1"), "several steps"), (("--undo", "--redo"), "several steps"),
        (("--feature", "2", "--pin", "--when", "feature = 0", "--then", "drop"), "several steps"),
        (("--pairs", "x", "--when", "feature = 0", "--then", "drop"), "several steps"),
        (("--apply",), "--apply changes nothing here"), (("--number", "3"), "changes nothing here"),
        (("--anyway",), "changes nothing here"),
        (("--when", "feature = 0", "--then", "tie", "--apply", "--evaluate", "no.csv"), "no.csv"),
        (("--when", "pair_ids = [3]", "--then", "tie"), "expected a list of pair ids"),
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
    assert not toy_run.log.path.exists()


def test_exports_are_the_librarys_own(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    wimhf("curate", toy_run.path, *RULE, "--apply")
    out = told("export", toy_run.path, "--to", "trl", "-o", tmp_path / "a.jsonl")
    own = open_curation(toy_run).export("trl", tmp_path / "b.jsonl")
    assert out["sha256"] == own.sha256
    assert out["pairs"] + sum(out["left_out"].values()) == 400
    with pytest.raises(WimhfError, match="exists; choose another name, or allow it with --force"):
        wimhf("export", toy_run.path, "--to", "trl", "-o", tmp_path / "a.jsonl")
    wimhf("export", toy_run.path, "--to", "native", "-o", tmp_path / "a.jsonl", "--force")
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


def test_an_export_never_takes_the_place_of_what_the_run_is_made_of(toy_run: Run) -> None:  # noqa: F811
    source = Path(toy_run.config.read.source)
    kept = source.read_bytes()
    for place in (toy_run.path / "pairs.parquet", toy_run.path / "new.jsonl", source):
        with pytest.raises(WimhfError, match=r"own folder|was made from"):
            wimhf("export", toy_run.path, "--to", "native", "-o", place, "--force", "--anyway")
    assert source.read_bytes() == kept


def test_a_preview_with_an_evaluation_is_one_json_document(
    toy_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    held = [row | {"prompt": f"held {n}"} for n, row in enumerate(toy_rows(60, seed=5))]
    file = write_rows(tmp_path / "held.jsonl", held)
    monkeypatch.setattr("wimhf.run.coder.encoder_of", lambda run, given: ToyEncoder())
    monkeypatch.setattr("wimhf.curate.held_out.encoder_of", lambda run, given: ToyEncoder())
    seen = told("curate", toy_run.path, *RULE, "--evaluate", file)
    assert seen["evaluation"]["held_out"]["pairs"] > 0
    done = told("curate", toy_run.path, *RULE, "--evaluate", file, "--apply")
    assert done["evaluation"]["held_out"] == seen["evaluation"]["held_out"]
