"""Alerts: only what is understood, sure, led by a concern, and rewarded the worrying way."""

from typing import Any

import pytest

from wimhf.describe.concepts import Concept, concerns

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
    return concerns([row], {row["feature"]: list(terms)}, BANK)


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
        ({}, ["measure:words", "concept:flatters"]), ({}, []), ({}, ["concept:gone"]),
        ({"effect": -8.0}, ["concept:flatters"]),
    ],
)  # fmt: skip
def test_what_is_no_alert(changes: dict[str, Any], terms: list[str]) -> None:
    assert alerts(feature(0, **changes), *terms) == []


def test_the_largest_comes_first() -> None:
    rows = [feature(0), feature(1, effect=-20.0)]
    found = concerns(rows, {0: ["concept:flatters"], 1: ["concept:refuses"]}, BANK)
    assert [alert["feature"] for alert in found] == [1, 0]
