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
    seen = told("curate", "preview", path, *RULE)
    assert seen["touched"] > 0
    assert told("curate", "history", path)["edits"] == 0
    assert "Nothing was written" in wimhf("curate", "preview", path, *RULE, "-q")
    done = told("curate", "apply", path, *RULE, "--why", "they do", "--who", "ann")
    assert done["done"][0]["pairs"] == seen["touched"] == done["changed"]
    (line,) = told("curate", "history", path)["history"]
    assert (line["who"], line["why"]) == ("ann", "they do")
    assert "they do" in wimhf("curate", "history", path)


def test_undo_redo_checkpoint_and_return(toy_run: Run) -> None:  # noqa: F811
    path = toy_run.path
    wimhf("curate", "apply", path, *RULE)
    wimhf("curate", "checkpoint", path, "one")
    assert told("curate", "undo", path)["changed"] == 0
    assert told("curate", "redo", path)["changed"] > 0
    wimhf("curate", "undo", path, 1)
    assert told("curate", "return", path, "one")["changed"] > 0


def test_rules_file_pairs_suspects_and_features(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    path, file = toy_run.path, tmp_path / "r.toml"
    file.write_text('[[rule]]\nwhen = { text = "sorry" }\nthen = { weight = 0.5 }\n')
    assert told("curate", "apply", path, file)["changed"] > 0
    suspects = told("curate", "suspects", path, "--count", 3)["suspects"]
    assert len(suspects) == 3
    assert suspects[0]["against"]
    assert "log odds against it" in wimhf("curate", "suspects", path, "--count", 2)
    first, second = (suspect["pair_id"] for suspect in suspects[:2])
    told("curate", "pairs", path, first, second, "--then", "label = 0.7")
    pairs = open_curation(open_run(path)).pairs
    assert pairs.filter(pairs["pair_id"].is_in([first, second]))["label"].to_list() == [0.7, 0.7]
    wimhf("curate", "feature", path, 1, "--name", "says sorry", "--pin")
    assert open_run(path).features.row(0, named=True)["description"] == "says sorry"


def test_a_preview_says_what_overlaps(toy_run: Run) -> None:  # noqa: F811
    wimhf("curate", "apply", toy_run.path, "--when", "feature = 0", "--then", "tie")
    said = wimhf("curate", "preview", toy_run.path, *RULE)
    assert "are in edit 1, too" in said
    assert "is outranked" in said
    (rule,) = told("curate", "preview", toy_run.path, *RULE)["rules"]
    assert [(met["edit"], met["rule"]) for met in rule["overlaps"]] == [(1, None)]


@pytest.mark.parametrize(("name", "rule"), [("", 1), ('name = "soft"\n', "soft")])
def test_an_overlap_with_an_earlier_rule_of_the_file_names_the_rule(
    toy_run: Run, tmp_path: Path, name: str, rule: int | str  # noqa: F811
) -> None:  # fmt: skip
    file = tmp_path / "r.toml"
    file.write_text(
        f'[[rule]]\n{name}when = {{ feature = 0 }}\nthen = "tie"\n'
        '[[rule]]\nwhen = { feature = 0, rewarded = true }\nthen = "flip"\n'
    )
    first, second = told("curate", "preview", toy_run.path, file)["rules"]
    assert first["overlaps"] == []
    assert [(met["edit"], met["rule"]) for met in second["overlaps"]] == [(None, rule)]
    assert "are in an earlier rule, too" in wimhf("curate", "preview", toy_run.path, file)


@pytest.mark.parametrize(
    ("step", "words", "said"),
    [
        ("preview", ("--when", "feature = 0"), "both --when and --then"),
        ("preview", ("--when", "feature == 0", "--then", "flip"),
         "--when 'feature == 0' is not understood"),
        ("preview", ("--when", "feature = 0", "--then", "explode it"),
         "--then 'explode it' is not"),
        ("preview", ("--when", "feature = 99", "--then", "flip"), "no feature 99"),
        ("preview", ("--when", "pair_ids = [3]", "--then", "tie"), "expected a list of pair ids"),
        ("preview", (), "give a rules file"), ("apply", (), "give a rules file"),
        ("apply", ("--when", "feature = 0"), "both --when and --then"),
        ("preview", ("absent.toml",), "cannot be read"),
        ("apply", ("absent.toml", "--when", "feature = 0", "--then", "flip"), "not both"),
        ("undo", (), "nothing to undo"), ("redo", (), "nothing to redo"),
        ("feature", ("1",), "say what of feature 1"),
        ("pairs", ("x",), "say what becomes"), ("pairs", ("x", "--then", "flip"), "no such pair"),
        ("return", ("x",), "no checkpoint 'x'"),
        ("evaluate", ("absent.jsonl",), "absent.jsonl"),
        ("evaluate", ("no.csv", "--when", "feature = 0", "--then", "tie"), "no.csv"),
        ("evaluate", ("no.csv", "--then", "tie"), "both --when and --then"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_nothing_is_written(
    toy_run: Run, step: str, words: tuple[str, ...], said: str  # noqa: F811
) -> None:  # fmt: skip
    with pytest.raises(WimhfError, match=said) as caught:
        wimhf("curate", step, toy_run.path, *words)
    assert "\n" not in str(caught.value)
    assert not toy_run.log.path.exists()


@pytest.mark.parametrize(
    ("former", "now"),
    [
        ("--history", "history RUN"), ("", "history RUN"),
        ("r.toml", "preview RUN r.toml"), ("r.toml --apply", "apply RUN r.toml"),
        ("--when a --then tie", "preview RUN --when a --then tie"),
        ("--undo", "undo RUN"), ("--redo --number 3", "redo RUN 3"),
        ("--checkpoint one", "checkpoint RUN one"), ("--return-to one", "return RUN one"),
        ("--pairs a,b --then tie", "pairs RUN a,b --then tie"),
        ("--suspects 3 --json", "suspects RUN --count 3 --json"),
        ("--name x --feature 1", "feature RUN 1 --name x"),
        ("r.toml --evaluate h.csv", "evaluate RUN h.csv r.toml"),
    ],
)  # fmt: skip
def test_the_former_words_are_answered_with_todays(tmp_path: Path, former: str, now: str) -> None:
    with pytest.raises(WimhfError, match="takes the step before the run") as caught:
        wimhf("curate", tmp_path, *former.split())
    assert str(caught.value).endswith(f"; write wimhf curate {now}".replace("RUN", str(tmp_path)))


def test_a_step_that_is_none_is_not_taken_for_a_run() -> None:
    done = CliRunner().invoke(app, ["curate", "aply", "runs/mine"])
    assert done.exit_code == 2
    assert "No such command 'aply'" in done.output


def test_exports_are_the_librarys_own(toy_run: Run, tmp_path: Path) -> None:  # noqa: F811
    wimhf("curate", "apply", toy_run.path, *RULE)
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


def test_rules_are_judged_before_as_after_they_are_applied(
    toy_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    held = [row | {"prompt": f"held {n}"} for n, row in enumerate(toy_rows(60, seed=5))]
    file = write_rows(tmp_path / "held.jsonl", held)
    monkeypatch.setattr("wimhf.run.coder.encoder_of", lambda run, given: ToyEncoder())
    monkeypatch.setattr("wimhf.curate.held_out.encoder_of", lambda run, given: ToyEncoder())
    seen = told("curate", "evaluate", toy_run.path, file, *RULE)
    assert seen["held_out"]["pairs"] > 0
    assert "held-out pairs of" in wimhf("curate", "evaluate", toy_run.path, file, *RULE)
    wimhf("curate", "apply", toy_run.path, *RULE)
    assert told("curate", "evaluate", toy_run.path, file) == seen
