"""Rules: what they select, what they say, and how they are written."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wimhf
from tests.conftest import ToyEncoder, toy_config, toy_rows, write_rows
from tests.toy_runs import _toy_analysed, toy_run  # noqa: F401
from wimhf.curate import Curation, open_curation
from wimhf.curate.rules import (
    Action,
    Column,
    Feature,
    Health,
    Ids,
    Rule,
    Suspicion,
    Text,
    condition,
    read_rules,
    written_rule,
)
from wimhf.errors import EditError
from wimhf.run.run import Run


@pytest.fixture
def curation(toy_run: Run) -> Curation:  # noqa: F811
    return open_curation(toy_run, "ann")


def test_a_feature_and_its_label_select_what_they_say(curation: Curation) -> None:
    facts = curation.facts
    code, label = facts.code(0), facts.label
    active = Feature(0).mask(facts)
    assert np.array_equal(active, code != 0)
    won = Feature(0, rewarded=True).mask(facts)
    lost = Feature(0, rewarded=False).mask(facts)
    tied = active & (label == 0.5)
    assert np.array_equal(won | lost | tied, active)
    assert not (won & lost).any()
    assert np.array_equal(won, active & ((code > 0) & (label > 0.5) | (code < 0) & (label < 0.5)))


def test_the_opposite_pole_rewarded_is_this_pole_penalised(curation: Curation) -> None:
    facts = curation.facts
    for rewarded in (True, False):
        here = Feature(1, rewarded=rewarded).mask(facts)
        there = Feature(1, pole="opposite", rewarded=not rewarded).mask(facts)
        assert np.array_equal(here, there)


def test_a_quantile_keeps_the_strongest(curation: Curation) -> None:
    facts = curation.facts
    size = np.abs(facts.code(0))
    strong = Feature(0, quantile=0.75).mask(facts)
    assert 0.2 < strong.sum() / (size > 0).sum() < 0.3
    assert size[strong].min() >= size[(size > 0) & ~strong].max()


def test_and_or_not_are_the_logical_ones(curation: Curation) -> None:
    facts = curation.facts
    one, other = Feature(0), Text(text="sorry")
    a, b = one.mask(facts), other.mask(facts)
    assert np.array_equal((one & other).mask(facts), a & b)
    assert np.array_equal((one | other).mask(facts), a | b)
    assert np.array_equal((~one).mask(facts), ~a)


def test_searches_look_where_they_are_told(curation: Curation) -> None:
    facts = curation.facts
    pairs = facts.pairs
    said = [
        ("SORRY" in row["response_a"].upper(), "SORRY" in row["response_b"].upper())
        for row in pairs.iter_rows(named=True)
    ]
    first, second = np.array(said).T
    either = Text(text="SORRY").mask(facts)
    assert np.array_equal(either, first | second)
    assert np.array_equal(Text(text="sorry", within="both").mask(facts), first & second)
    assert not Text(text="SORRY", case=True).mask(facts).any()
    assert np.array_equal(Text(regex=r"\bsor+y\b").mask(facts), either)
    assert not Text(text="sor+y").mask(facts).any()
    label = facts.label
    preferred = np.where(label > 0.5, first, second) & (label != 0.5)
    assert np.array_equal(Text(text="sorry", within="preferred").mask(facts), preferred)
    assert Text(text="question 1", within="prompt").mask(facts).any()


def test_columns_of_pairs_and_source_compare_by_value(curation: Curation) -> None:
    facts = curation.facts
    rows = facts.pairs["source_row"].to_numpy()
    assert np.array_equal(Column("topic", equals="t1").mask(facts), rows % 3 == 1)
    assert np.array_equal(Column("topic", one_of=("t0", "t1")).mask(facts), rows % 3 < 2)
    between = Column("rated", at_least=1, at_most=3).mask(facts)
    assert np.array_equal(between, (rows % 5 >= 1) & (rows % 5 <= 3))
    assert Column("label", equals=0.5).mask(facts).sum() == (facts.label == 0.5).sum()
    assert not Column("topic", missing=True).mask(facts).any()


def test_ids_health_and_suspicion(curation: Curation) -> None:
    facts = curation.facts
    ids = facts.pairs["pair_id"].to_list()[3:5]
    assert np.flatnonzero(Ids(tuple(ids)).mask(facts)).tolist() == [3, 4]
    for item in facts.health["item"].unique().to_list():
        assert Health((item,)).mask(facts).any()
    judged = np.isfinite(facts.suspicion)
    assert np.array_equal(judged, facts.label != 0.5)
    assert np.array_equal(Suspicion(0.6).mask(facts), np.nan_to_num(facts.suspicion) >= 0.6)
    assert (Suspicion().mask(facts) <= Suspicion(0.75).mask(facts)).all()


WRITTEN: list[dict[str, Any]] = [
    {"when": {"feature": 0}, "then": "flip"},
    {"when": {"feature": "x", "pole": "opposite", "quantile": 0.5, "rewarded": False},
     "then": "tie"},
    {"when": {"all": [{"text": "a"}, {"not": {"regex": "b", "case": True}}]}, "then": "drop"},
    {"when": {"any": [{"suspect": True}, {"suspicion": 0.9}]}, "then": {"weight": 0.5}},
    {"when": {"column": "topic", "one_of": ["t0", 1]}, "then": {"label": 0.25}, "name": "n"},
    {"when": {"column": "rated", "at_least": 1, "at_most": 2}, "then": "restore", "why": "w"},
    {"when": {"health": ["ties", "duplicates"]}, "then": {"label": 1.0}},
    {"when": {"pair_ids": ["a", "b"]}, "then": "drop"},
    {"when": {"feature": 2}, "then": {"prefer": "less"}},
]  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN)
def test_a_rule_written_and_read_is_the_same(written: dict[str, Any]) -> None:
    from wimhf.curate.rules import rule

    assert rule(written).to_dict() == written
    assert rule(rule(written).to_dict()) == rule(written)


def test_several_keys_in_one_table_hold_together(curation: Curation) -> None:
    facts = curation.facts
    both = condition({"feature": 0, "rewarded": True, "text": "water", "suspect": False})
    expected = Feature(0, rewarded=True).mask(facts) & Text(text="water").mask(facts)
    assert np.array_equal(both.mask(facts), expected & ~facts.suspect)


def test_toml_and_the_command_line_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        '[[rule]]\nname = "one"\nwhen = { feature = 3, rewarded = true }\nthen = "flip"\n'
        '[[rule]]\nwhen = { text = "x" }\nthen = { label = "B" }\n'
    )
    one, two = read_rules(file)
    assert one == Rule(Feature(3, rewarded=True), Action("flip"), "one")
    assert two.then == Action("label", 0.0)
    assert written_rule("feature = 3, rewarded = true", "flip").when == one.when
    assert written_rule("text = 'x'", "label = 'B'").then == two.then


BAD = [
    ({"when": {"feature": 0}}, "write when, then"),
    ({"when": {"feature": 0}, "then": "explode"}, "write flip, tie"),
    ({"when": {"feature": 0}, "then": {"weight": -1}}, "not understood"),
    ({"when": {"feature": 0}, "then": {"label": "C"}}, "not understood"),
    ({"when": {"feature": 0}, "then": {"label": True}}, "not understood"),
    ({"when": {}, "then": "flip"}, "a condition says nothing"),
    ({"when": [], "then": "flip"}, "not a table"),
    ({"when": {"feature": 0, "colour": 1}, "then": "flip"}, "says colour"),
    ({"when": {"feature": 1.5}, "then": "flip"}, "feature is 1.5; expected int or str"),
    ({"when": {"feature": 0, "quantile": 1.0}, "then": "flip"}, "quantile is 1.0"),
    ({"when": {"feature": 0, "quantile": "high"}, "then": "flip"}, "expected int or float"),
    ({"when": {"feature": 0, "rewarded": 1}, "then": "flip"}, "expected bool"),
    ({"when": {"feature": 0, "pole": "north"}, "then": "flip"}, "described or opposite"),
    ({"when": {"text": ""}, "then": "flip"}, "not an empty one"),
    ({"when": {"text": 4}, "then": "flip"}, "expected str"),
    ({"when": {"text": "a", "within": "title"}, "then": "flip"}, "write one of any"),
    ({"when": {"column": "topic"}, "then": "flip"}, "say what is asked of it"),
    ({"when": {"suspicion": 2}, "then": "flip"}, "a chance from 0 to 1"),
    ({"when": {"suspicion": "very"}, "then": "flip"}, "not understood"),
    ({"when": {"all": []}, "then": "flip"}, "at least one condition"),
    ({"when": {"all": 3}, "then": "flip"}, "not understood"),
    ({"when": {"text": "x"}, "then": {"prefer": "less"}}, "prefer needs one feature"),
    ({"when": {"any": [{"feature": 1}, {"feature": 2}]}, "then": {"prefer": "less"}}, "are 2"),
]


@pytest.mark.parametrize(("written", "said"), BAD)
def test_what_is_not_understood_is_told_in_one_line(written: Any, said: str) -> None:
    from wimhf.curate.rules import rule

    with pytest.raises(EditError, match=said) as caught:
        rule(written)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "rule = 3", "[[rules]]\nx = 1", "[[rule]]\nwhen = {feature = }", "\x00", "[rule]"]
)
def test_a_file_of_no_rules_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.toml"
    file.write_text(text)
    with pytest.raises(EditError, match=r"r\.toml"):
        read_rules(file)
    with pytest.raises(EditError, match="cannot be read"):
        read_rules(tmp_path / "absent.toml")


MISSING = [
    ({"feature": 99}, "there is no feature 99"),
    ({"feature": "no such name"}, "there is no feature 'no such name'"),
    ({"column": "nope", "equals": 1}, "there is no column 'nope'; columns: pair_id"),
    ({"health": "gremlins"}, "health found nothing called gremlins; it found: "),
    ({"pair_ids": ["gone"]}, "there is no pair gone"),
    ({"regex": "("}, r"regex '\(' is not understood: unclosed group"),
    ({"text": "zebra crossing"}, "matches none of the 400 pairs"),
    ({"column": "label", "at_least": 0}, "matches all 400 pairs"),
]


@pytest.mark.parametrize(("when", "said"), MISSING)
def test_what_is_not_there_is_told_and_nothing_is_written(
    curation: Curation, when: dict[str, Any], said: str
) -> None:
    with pytest.raises(EditError, match=said):
        curation.apply({"when": when, "then": "drop"})
    assert not curation.run.log.path.exists()


def test_the_consensus_of_labels_of_the_same_pair_turns_with_its_sides(tmp_path: Path) -> None:
    rows = toy_rows(120)
    one, other = rows[0], rows[1]
    turned = {"prompt": one["prompt"], "response_a": one["response_b"],
              "response_b": one["response_a"]}  # fmt: skip
    votes = [one | {"label": 1.0}, one | {"label": 1.0}, turned | {"label": 1.0}]
    split = [other | {"label": 1.0}, other | {"label": 0.0}]
    source = write_rows(tmp_path / "votes.jsonl", votes + split + rows[2:])
    run = wimhf.analyze(source, tmp_path / "run", toy_config(), encoder=ToyEncoder())
    curation = open_curation(run, "ann")
    assert curation.facts.consensus[:5].tolist() == [1.0, 1.0, 0.0, 0.5, 0.5]
    assert np.isnan(curation.facts.consensus[5:]).all()
    everything = {"column": "label", "at_least": 0}
    curation.apply([{"when": everything, "then": "consensus"}])
    assert curation.pairs["label"][:5].to_list() == [1.0, 1.0, 0.0, 0.5, 0.5]
    assert curation.pairs["label"][5:].to_list() == run.pair_table["label"][5:].to_list()
    with pytest.raises(EditError, match="consensus is a rule's action"):
        curation.edit([run.pair_table["pair_id"][0]], "consensus")
