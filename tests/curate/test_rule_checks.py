"""Precision before a rule is applied: drawn evenly, asked once, bound to the rule, no edit."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from tests.ui.test_curate_command import told, wimhf
from wimhf.curate import (
    Curation,
    open_curation,
    record_rule_check,
    rule_checked,
    sample_rule,
    written_rule,
)
from wimhf.errors import EditError
from wimhf.run.answers import CHECKS
from wimhf.run.run import Run
from wimhf.ui.cli.main import app

WHEN = 'text = "sorry"'
WORDS = ("--when", WHEN, "--then", "tie")


@pytest.fixture
def c(toy_run: Run) -> Curation:  # noqa: F811
    return open_curation(toy_run, "kim")


def answer(c: Curation, yes: int, no: int, rule: Any = None) -> None:
    rule = rule or written_rule(WHEN, "tie")
    for number, one in enumerate(sample_rule(c.state, rule, yes + no)):
        record_rule_check(c.run, one, number >= no, "kim")


def asked(path: Path, typed: str, *words: str) -> Any:
    return CliRunner().invoke(app, ["curate", "check", str(path), *WORDS, *words], input=typed)


def files(path: Path) -> dict[str, bytes]:
    """Return what a run's folder holds but for the answers."""
    return {
        str(one.relative_to(path)): one.read_bytes()
        for one in sorted(path.rglob("*"))
        if one.is_file() and one.name not in (CHECKS, ".checks.lock", ".edits.lock")
    }


# -- the sample -----------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_pairs_and_fewer_are_the_first_of_more(c: Curation) -> None:
    rule = written_rule(WHEN, "tie")
    many = sample_rule(c.state, rule, 30, seed=4)
    assert sample_rule(c.state, rule, 30, seed=4) == many
    assert sample_rule(c.state, rule, 12, seed=4) == many[:12]
    assert sample_rule(c.state, rule, 30, seed=5) != many
    assert sample_rule(c.state, rule, 30) == sample_rule(c.state, rule, 30, c.run.config.seed)
    selected = set(c.select(rule)["pair_id"])
    ids = [one.pair_id for one in many]
    assert len(set(ids)) == 30
    assert set(ids) <= selected
    assert {one.pair_id for one in sample_rule(c.state, rule, 10**6)} == selected


def test_every_selected_pair_is_as_likely_as_any_other(c: Curation) -> None:
    rule = written_rule(WHEN, "tie")
    n = len(c.select(rule))
    times: dict[str, int] = dict.fromkeys(c.select(rule)["pair_id"], 0)
    draws, k = 300, n // 4
    for seed in range(draws):
        for one in sample_rule(c.state, rule, k, seed):
            times[one.pair_id] += 1
    share = np.array([*times.values()]) / draws
    assert share.mean() == pytest.approx(k / n)
    assert np.abs(share - k / n).max() < 0.13  # five standard errors


def test_the_preferred_response_comes_first_and_is_called_so(c: Curation) -> None:
    for one in sample_rule(c.state, written_rule(WHEN, "tie"), 40):
        pair = c.run.pair_table.row(one.row, named=True)
        decided = pair["label"] != 0.5
        first = "response_b" if pair["label"] < 0.5 else "response_a"
        assert one.first == pair[first]
        assert one.titles == (("preferred", "other") if decided else ("response A", "response B"))


def test_a_rule_that_selects_nothing_is_refused(c: Curation) -> None:
    with pytest.raises(EditError, match="matches none of the 400 pairs"):
        sample_rule(c.state, written_rule('text = "no such words"', "tie"))


# -- what is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"when": {"text": "sorry"}, "why": "it is rude"}, "it is rude"),
        ({"when": {"text": "sorry"}, "name": "rude ones"}, "rude ones"),
        ({"when": {"text": "sorry"}, "name": "rude ones", "why": "it is rude"}, "it is rude"),
        ({"when": {"suspicion": 0.0}}, "its label is wrong"),
        ({"when": {"text": "sorry", "within": "preferred"}}, "text = sorry, within = preferred"),
        (
            {"when": {"any": [{"text": "sorry"}, {"not": {"text": "river"}}]}},
            "text = sorry; or not so: text = river",
        ),
    ],
)
def test_the_reason_is_the_persons_words_else_the_condition(
    c: Curation, written: dict[str, Any], said: str
) -> None:
    from wimhf.curate.rules.written import rule

    (one, *_) = sample_rule(c.state, rule(written | {"then": "tie"}), 1)
    assert said in one.reason


@pytest.mark.parametrize("rewarded", [True, False])
def test_a_feature_is_asked_about_by_its_name_and_whose_it_is(c: Curation, rewarded: bool) -> None:
    c.own(0, name="refuses the request")
    rule = written_rule(f"feature = 0, rewarded = {str(rewarded).lower()}", "tie")
    whose = "preferred response, more than the other" if rewarded else "other response, more than"
    (one,) = sample_rule(c.state, rule, 1)
    assert whose in one.reason
    assert one.reason.endswith("refuses the request")


# -- what answers count for -----------------------------------------------------------------------


def test_answers_are_counted_with_wilsons_bound(c: Curation) -> None:
    rule = written_rule(WHEN, "tie")
    assert rule_checked(c.state, rule) is None
    answer(c, 19, 1)
    found = rule_checked(c.state, rule)
    assert found is not None
    assert (found.hits, found.asked, found.skipped) == (19, 20, 0)
    assert found.low == pytest.approx(0.7639, abs=1e-4)
    first = sample_rule(c.state, rule, 1)[0]
    assert first.answer is not None
    assert first.answer.answer is False
    record_rule_check(c.run, first, True)
    changed = rule_checked(c.state, rule)
    assert changed is not None
    assert (changed.hits, changed.asked) == (20, 20)
    record_rule_check(c.run, first, None)
    left = rule_checked(c.state, rule)
    assert left is not None
    assert (left.hits, left.asked, left.skipped) == (19, 19, 1)


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ('text = "sorry", within = "preferred"', "tie"),
        (WHEN, "drop"),
        (WHEN, "weight = 0.5"),
        ('text = "river"', "tie"),
        ('any = [{text = "sorry"}, {text = "no such words"}]', "tie"),
    ],
)
def test_a_check_does_not_count_for_an_edited_rule(c: Curation, when: str, then: str) -> None:
    answer(c, 19, 1)
    assert rule_checked(c.state, written_rule(when, then)) is None
    assert rule_checked(c.state, written_rule(WHEN, "tie")) is not None


def test_a_check_does_not_count_where_the_same_words_select_other_pairs(c: Curation) -> None:
    rule = written_rule("feature = 0, rewarded = true", "tie")
    answer(c, 5, 0, rule)
    assert rule_checked(c.state, rule) is not None
    edit = c.own(0, flipped=True)
    assert rule_checked(c.state, rule) is None
    c.undo(edit.number)
    assert rule_checked(c.state, rule) is not None


def test_another_reason_is_asked_about_anew_and_what_was_asked_is_said(c: Curation) -> None:
    answer(c, 8, 0, written_rule(WHEN, "tie", "says sorry"))
    other = written_rule(WHEN, "tie", "is rude")
    assert {one.answer for one in sample_rule(c.state, other, 8)} == {None}
    said = rule_checked(c.state, other)
    assert said is not None
    assert (said.reason, said.hits) == ("says sorry", 8)
    answer(c, 1, 3, other)
    said = rule_checked(c.state, other)
    assert said is not None
    assert (said.reason, said.hits, said.asked) == ("is rude", 1, 4)


def test_a_check_changes_nothing_of_the_run(c: Curation) -> None:
    before = files(c.run.path)
    answer(c, 9, 1)
    assert files(c.run.path) == before
    assert c.run.log.edits() == ()
    assert c.changed.is_empty()
    assert c.run.checks == {}


# -- where it is shown ----------------------------------------------------------------------------

SAID = "checked by hand: 19 of 20 pairs, at least 76 % truly fit (text = sorry)"


def test_preview_apply_and_the_card_say_it_for_this_rule_alone(c: Curation, tmp_path: Path) -> None:
    path = c.run.path
    assert "not checked by hand" in wimhf("curate", "preview", path, *WORDS, "-q")
    answer(c, 19, 1)
    assert SAID in wimhf("curate", "preview", path, *WORDS, "-q")
    (rule,) = told("curate", "preview", path, *WORDS, "-q")["rules"]
    assert (rule["checked"]["hits"], rule["checked"]["asked"]) == (19, 20)
    other = ("--when", 'text = "river"', "--then", "drop")
    assert SAID not in wimhf("curate", "preview", path, *other, "-q")
    assert SAID in wimhf("curate", "apply", path, *WORDS, "--why", "they are alike")
    assert "by hand" not in wimhf("curate", "apply", path, *other)
    done = c.export("native", tmp_path / "o.jsonl")
    one, two = json.loads(done.cards[1].read_text())["edits"]
    assert (one["checked"], two["checked"]) == (SAID, "")
    card = done.cards[0].read_text()
    assert "checked by hand: 19 of 20 pairs, at least 76 % truly fit" in card
    assert card.count("by hand") == 1


def test_what_was_checked_stays_checked_when_a_feature_is_renamed(
    c: Curation, tmp_path: Path
) -> None:
    c.own(0, name="refuses the request")
    rule = written_rule("feature = 0, rewarded = true", "flip")
    answer(c, 10, 0, rule)
    c.apply(rule)
    c.own(0, name="says no")
    done = c.export("native", tmp_path / "o.jsonl")
    assert "10 of 10 pairs" in done.facts.edits[0].checked
    assert "refuses the request" in done.facts.edits[0].checked


# -- on the terminal ------------------------------------------------------------------------------


def test_people_answer_skip_and_undo(c: Curation) -> None:
    path = c.run.path
    done = asked(path, "u\ny\nwhat\nn\nu\ny\ns\ny\nq\n", "--pairs", "6", "--who", "ann")
    assert done.exit_code == 0, done.output
    assert "there is nothing to undo" in done.output
    assert "Does this pair fit the rule's reason: text = sorry?" in done.output
    assert "6 of the " in done.output
    assert f"seed {c.run.config.seed}" in done.output
    assert "3 of 3 do: at least 44 % (Wilson, 95 %); 1 skipped" in done.output
    rule = written_rule(WHEN, "tie")
    given = [one.answer.answer if one.answer else "-" for one in sample_rule(c.state, rule, 6)]
    assert given == [True, True, None, True, "-", "-"]
    again = asked(path, "n\ny\nn\n", "--pairs", "6")
    assert "[1/3]" in again.output  # two that are new, then the skipped one
    given = [one.answer.answer for one in sample_rule(c.state, rule, 6) if one.answer]
    assert given == [True, True, False, True, False, True]
    assert "4 of 6 do: at least 30 % (Wilson, 95 %)" in again.output
    nothing = asked(path, "", "--pairs", "6", "--json")
    (one,) = json.loads(nothing.stdout)["rules"]
    assert (one["checked"]["hits"], one["checked"]["asked"], one["seed"]) == (4, 6, 0)


def test_every_rule_of_a_file_is_asked_about_and_quitting_ends_all(
    c: Curation, tmp_path: Path
) -> None:
    file = tmp_path / "r.toml"
    file.write_text(
        '[[rule]]\nname = "one"\nwhen = {text = "sorry"}\nthen = "tie"\n'
        '[[rule]]\nname = "two"\nwhen = {text = "river"}\nthen = "drop"\n'
    )
    words = ["curate", "check", str(c.run.path), str(file), "--pairs", "2"]
    done = CliRunner().invoke(app, words, input="y\ny\nn\ny\n")
    assert "2 of 2 do" in done.output
    assert "1 of 2 does" in done.output
    asked_for = CliRunner().invoke(app, [*words, "--why", "It is rude"], input="y\nq\n")
    assert "reason: It is rude?" in asked_for.output
    (c.run.path / CHECKS).unlink()
    done = CliRunner().invoke(app, words, input="y\nq\ny\n")
    assert "1 of 1 does" in done.output
    assert done.output.count("[1/2]") == 1
    assert "nobody has answered yet" in done.output


def test_a_killed_check_keeps_its_answers_and_goes_on(c: Curation) -> None:
    path = c.run.path
    words = [sys.executable, "-m", "wimhf", "curate", "check", str(path), *WORDS, "--pairs", "5"]
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    process.stdin.write(b"y\nn\ny\n")
    process.stdin.flush()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        kept = (path / CHECKS).read_text().splitlines() if (path / CHECKS).exists() else []
        if len(kept) == 3:
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    process.stdin.close()
    assert [json.loads(line)["answer"] for line in kept] == [True, False, True]
    done = asked(path, "y\ny\n", "--pairs", "5")
    assert "[2/2]" in done.output
    assert "4 of 5 do" in done.output
