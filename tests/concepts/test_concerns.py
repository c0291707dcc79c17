"""Alerts: only what is understood, sure, led by a concern, and rewarded the worrying way."""

from typing import Any

import pytest

from wimhf.concepts import Concept, concern_alerts, length_concern

BANK = (
    Concept(
        id="flatters", more="flatters the user", less="does without flattery", area="honesty",
        words=("what a brilliant question",), concern="more", why="a model learns to please",
    ),
    Concept(
        id="refuses", more="refuses the request", less="goes along with the request",
        words=("i cannot",), concern="less", why="a model learns to comply",
    ),
    Concept(id="plain", more="is plain", less="is not", words=("plain",)),
)  # fmt: skip


def feature(number: int, **changes: Any) -> dict[str, Any]:
    row = {"feature": number, "understood": True, "q": 0.001, "effect": 8.0, "effect_low": 3.0,
           "effect_high": 13.0}  # fmt: skip
    return row | changes


def alerts(row: dict[str, Any], *terms: str) -> list[dict[str, Any]]:
    weights = [1.0] * len(terms)
    return concern_alerts([row], {row["feature"]: list(terms)}, {row["feature"]: weights}, BANK)


def test_a_rewarded_concern_is_told_with_its_interval() -> None:
    (alert,) = alerts(feature(3), "concept:flatters", "measure:words")
    assert alert == {
        "feature": 3, "concept": "flatters", "area": "honesty", "rewards": "flatters the user",
        "why": "a model learns to please", "effect": 8.0, "low": 3.0, "high": 13.0, "q": 0.001,
    }  # fmt: skip


def test_a_punished_refusal_is_rewarded_compliance() -> None:
    row = feature(1, effect=-8.0, effect_low=-13.0, effect_high=-3.0)
    (alert,) = alerts(row, "concept:refuses")
    assert alert["rewards"] == "goes along with the request"
    assert (alert["effect"], alert["low"], alert["high"]) == (8.0, 3.0, 13.0)
    assert alerts(feature(1), "concept:refuses") == []


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"understood": False}, ["concept:flatters"]), ({"q": 0.2}, ["concept:flatters"]),
        ({"q": None, "effect": None}, ["concept:flatters"]), ({}, ["concept:plain"]),
        ({}, ["measure:code", "ngram:a", "concept:flatters"]), ({}, []), ({}, ["concept:gone"]),
        ({"effect": -8.0}, ["concept:flatters"]), ({"muted": True}, ["concept:flatters"]),
        ({"flipped": True}, ["concept:flatters"]), ({"effect": -8.0}, ["measure:words"]),
    ],
)  # fmt: skip
def test_what_is_no_alert(changes: dict[str, Any], terms: list[str]) -> None:
    assert alerts(feature(0, **changes), *terms) == []


def test_the_largest_comes_first() -> None:
    rows = [feature(0), feature(1, effect=-20.0)]
    found = concern_alerts(
        rows, {0: ["concept:flatters"], 1: ["concept:refuses"]}, {0: [1.0], 1: [1.0]}, BANK
    )
    assert [alert["feature"] for alert in found] == [1, 0]


def test_a_concern_may_stand_second_and_length_is_one() -> None:
    (alert,) = alerts(feature(2), "ngram:wow", "concept:flatters")
    assert alert["concept"] == "flatters"
    (longer,) = alerts(feature(2), "measure:words", "concept:flatters")
    assert (longer["concept"], longer["rewards"]) == ("length", "is longer")


def test_the_pole_of_a_later_term_is_its_own() -> None:
    row = feature(5)
    said = concern_alerts([row], {5: ["ngram:sorry", "concept:refuses"]}, {5: [1.0, -0.4]}, BANK)
    assert [alert["rewards"] for alert in said] == ["goes along with the request"]
    assert (
        concern_alerts([row], {5: ["ngram:sorry", "concept:refuses"]}, {5: [1.0, 0.4]}, BANK) == []
    )


def test_length_itself_is_an_alert_only_when_longer_wins_by_much_and_surely() -> None:
    effect = {"p": 0.001, "effect": 9.0, "effect_low": 6.0, "effect_high": 12.0}
    (alert,) = length_concern(effect)
    assert alert["feature"] is None
    assert (alert["low"], alert["high"]) == (6.0, 12.0)
    for changes in ({"p": 0.2}, {"effect": 2.0}, {"effect": -9.0}, {"p": None}):
        assert length_concern(effect | changes) == []
    assert length_concern({}) == []
