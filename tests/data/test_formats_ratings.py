from __future__ import annotations

from typing import Any

import pytest

from tests.family_rows import HELPSTEER2, HELPSTEER3, SHP, Row, only, rejected, turns
from wimhf.data.formats.families.helpsteer import HelpSteer2, HelpSteer3
from wimhf.data.formats.families.shp import Shp
from wimhf.data.formats.family import Family
from wimhf.data.pairs import Pair

# -- SHP ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "label"),
    [(1, 1.0), (0, 0.0), ("1", 1.0), ("0.0", 0.0), (1.0, 1.0), (None, None), ("", None)],
)
def test_shp_labels(labels: object, label: float | None) -> None:
    assert only(Shp(), SHP | {"labels": labels}).label == label


@pytest.mark.parametrize("labels", [2, -1, 0.5, True, False, "A", float("inf"), [1], {}, 10**400])
def test_shp_labels_that_are_none(labels: object) -> None:
    assert rejected(Shp(), SHP | {"labels": labels}).reason == "label is not understood"


@pytest.mark.parametrize(
    ("change", "strength"),
    [
        ({}, 7.0),
        ({"labels": 0}, -7.0),
        ({"labels": 0, "score_A": "5", "score_B": "12"}, 7.0),
        ({"score_A": 5, "score_B": 12}, -7.0),
        ({"score_A": 5, "score_B": 5}, 0.0),
        ({"score_A": None}, None),
        ({"score_B": ""}, None),
        ({"labels": None}, None),
    ],
)
def test_shp_strength_is_the_lead_of_the_preferred_comment(
    change: Row, strength: float | None
) -> None:
    assert only(Shp(), SHP | change).strength == strength


def test_shp_keeps_what_the_source_says_about_a_pair() -> None:
    assert only(Shp(), SHP) == Pair(
        prompt="In an interview right before receiving the Nobel prize ...",
        response_a="Yes, and it is the same elsewhere.",
        response_b="Ask him.",
        label=1.0,
        strength=7.0,
        subset="askacademia_train",
        conversation_id="himc90",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"history": None}, "missing history"),
        ({"human_ref_A": 3}, "human_ref_A is not text"),
        ({"human_ref_B": ""}, "empty response"),
        ({"score_A": "many"}, "score_A is not a number"),
        ({"score_B": float("inf")}, "score_B is not a number"),
    ],
)
def test_shp_rejects(change: Row, reason: str) -> None:
    assert rejected(Shp(), SHP | change).reason == reason


# -- HelpSteer2 and HelpSteer3 -----------------------------------------------------------------

STRENGTHS: list[tuple[Any, float | None, float | None]] = [
    (-3, 1.0, 3.0), (-1, 1.0, 1.0), (0, 0.5, 0.0), (1, 0.0, 1.0), (3, 0.0, 3.0), ("-2", 1.0, 2.0),
    (2.0, 0.0, 2.0), ("0", 0.5, 0.0), (-0.5, 1.0, 0.5), (-0.0, 0.5, 0.0),
]  # fmt: skip
"""A preference, its label and its strength."""
BOTH: list[tuple[Family, Row, str]] = [
    (HelpSteer2(), HELPSTEER2, "preference_strength"),
    (HelpSteer3(), HELPSTEER3, "overall_preference"),
]


@pytest.mark.parametrize(("family", "row", "column"), BOTH)
@pytest.mark.parametrize(("preference", "label", "strength"), STRENGTHS)
def test_helpsteer_preferences(
    family: Family, row: Row, column: str, preference: Any, label: float, strength: float
) -> None:
    pair = only(family, row | {column: preference})
    assert (pair.label, pair.strength) == (label, strength)


@pytest.mark.parametrize(("family", "row", "column"), BOTH)
@pytest.mark.parametrize(
    "preference", [-100, 4, 3.5, True, "first", float("inf"), float("-inf"), [1], {}, 10**400]
)
def test_helpsteer_preferences_that_are_none(
    family: Family, row: Row, column: str, preference: Any
) -> None:
    reject = rejected(family, row | {column: preference})
    assert reject.reason == "label is not understood"
    assert reject.detail.startswith(f"{column} is ")


@pytest.mark.parametrize("preference", [None, "", " "])
def test_helpsteer_2_without_a_preference_is_unlabelled(preference: object) -> None:
    pair = only(HelpSteer2(), HELPSTEER2 | {"preference_strength": preference})
    assert (pair.label, pair.strength) == (None, None)


def test_helpsteer_2_keeps_a_prompt_of_several_turns_as_text() -> None:
    prompt = "Hello\n\n<extra_id_1>Assistant\nHi\n<extra_id_1>User\nBye"
    assert only(HelpSteer2(), HELPSTEER2 | {"prompt": prompt}).prompt == prompt


def test_helpsteer_3_context_is_the_prompt() -> None:
    pair = only(HelpSteer3(), HELPSTEER3)
    assert pair.prompt == "User: Sort a list.\n\nAssistant: sorted(xs)\n\nUser: In place."
    assert pair.turns == HELPSTEER3["context"]
    assert (pair.response_a, pair.response_b) == ("xs.sort()", "xs = sorted(xs)")
    assert (pair.subset, pair.annotator) == ("code", None)


@pytest.mark.parametrize("context", ["q", turns("q"), [{"from": "human", "value": "q"}]])
def test_helpsteer_3_reads_every_spelling_of_one_turn_alike(context: object) -> None:
    pair = only(HelpSteer3(), HELPSTEER3 | {"context": context})
    assert (pair.prompt, pair.turns) == ("q", None)


def test_helpsteer_3_system_turns_are_kept() -> None:
    pair = only(HelpSteer3(), HELPSTEER3 | {"context": turns("q", system="be brief")})
    assert pair.prompt == "System: be brief\n\nUser: q"


def test_helpsteer_3_language_stands_in_for_the_domain() -> None:
    assert only(HelpSteer3(), HELPSTEER3 | {"domain": None}).subset == "python"


def individual(scores: Any, **change: Any) -> list[Any]:
    """Return annotator, label and strength of each pair, or the reason why it is none."""
    row = HELPSTEER3 | {"overall_preference": None, "individual_preference": scores} | change
    return [
        (one.annotator, one.label, one.strength) if isinstance(one, Pair) else one.reason
        for one in HelpSteer3().parse(row)
    ]


def test_helpsteer_3_without_an_overall_preference_has_a_pair_per_annotator() -> None:
    assert individual([{"score": -2}, {"score": "1"}, {"score": 0}]) == [
        ("annotator1", 1.0, 2.0), ("annotator2", 0.0, 1.0), ("annotator3", 0.5, 0.0),
    ]  # fmt: skip


def test_helpsteer_3_an_overall_preference_stands_for_all() -> None:
    assert individual([{"score": 2}], overall_preference=-1) == [(None, 1.0, 1.0)]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        ({"score": None}, "missing annotation"),
        ({"reasoning": "none"}, "missing annotation"),
        (None, "missing annotation"),
        ({"score": -100}, "label is not understood"),
        ({"score": [1]}, "label is not understood"),
        (["score"], "label is not understood"),
        ("better", "label is not understood"),
    ],
)
def test_helpsteer_3_rejects_one_annotation_alone(one: object, reason: str) -> None:
    assert individual([{"score": 1}, one, {"score": -1}]) == [
        ("annotator1", 0.0, 1.0), reason, ("annotator3", 1.0, 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize("scores", [None, "", [], "[]", [{"score": None}], [None]])
def test_helpsteer_3_nobody_annotated(scores: object) -> None:
    assert individual(scores) == [(None, None, None)]


@pytest.mark.parametrize("scores", ["much", {"score": 1}, 1, True])
def test_helpsteer_3_annotations_are_a_list(scores: object) -> None:
    row = HELPSTEER3 | {"overall_preference": None, "individual_preference": scores}
    assert rejected(HelpSteer3(), row).reason == "label is not understood"


@pytest.mark.parametrize(
    ("family", "row", "change", "reason"),
    [
        (HelpSteer3(), HELPSTEER3, {"context": None}, "missing context"),
        (HelpSteer3(), HELPSTEER3, {"context": []}, "context is not a conversation"),
        (HelpSteer3(), HELPSTEER3, {"context": 3}, "context is not text"),
        (HelpSteer3(), HELPSTEER3, {"context": ["q"]}, "context has a turn without a role"),
        (HelpSteer3(), HELPSTEER3, {"response1": None}, "missing response1"),
        (HelpSteer3(), HELPSTEER3, {"response2": [1]}, "response2 is not text"),
        (HelpSteer2(), HELPSTEER2, {"prompt": turns("q")}, "prompt is not text"),
        (HelpSteer2(), HELPSTEER2, {"response_1": " "}, "empty response"),
        (HelpSteer2(), HELPSTEER2, {"response_2": None}, "missing response_2"),
    ],
)
def test_helpsteer_rejects(family: Family, row: Row, change: Row, reason: str) -> None:
    assert rejected(family, row | change).reason == reason
