from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.choice_rows import (
    ABOUT,
    ARGILLA,
    BEST_FIRST,
    COMPARATOR,
    COMPARISON,
    COMPARISON_1,
    EXAMPLE,
    SAFE,
    SINGLE,
    read,
)
from tests.family_rows import Row, only, rejected, turns
from wimhf.data.formats.cells_in import holds
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.families.annotated_pairs import AnnotatedPairs
from wimhf.data.formats.families.argilla import Argilla
from wimhf.data.formats.families.llm_comparator import LlmComparator
from wimhf.data.formats.families.safe_rlhf import SafeRlhf
from wimhf.data.formats.family import Numbered
from wimhf.data.formats.nested import unfolded_list
from wimhf.data.pairs import Pair, RowReject


def told(found: list[Any]) -> list[tuple[Any, ...]]:
    """Return annotator, responses and label of every pair, the reason of every reject."""
    return [
        (one.reason,)
        if isinstance(one, RowReject)
        else (one.annotator, one.response_a, one.response_b, one.label)
        for one in found
    ]


# -- lists inside one object --------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers() | st.just({"a": 1}), max_size=3), max_size=4))
def test_unfolding_keeps_every_item_in_order(lists: list[list[Any]]) -> None:
    rows: list[Numbered] = [(n, {"items": items, "n": n}) for n, items in enumerate(lists)]
    unfolded = unfolded_list(rows, "items", "n")
    items = [(n, item) for n, items in enumerate(lists) for item in items]
    assert [number for number, _ in unfolded.rows] == list(range(len(items)))
    for (_, row), (n, item) in zip(unfolded.rows, items, strict=True):
        if isinstance(item, dict):
            assert row == {"n": n, **item}
        else:
            assert isinstance(row, RowReject)
            assert row.reason == "item is not a JSON object"
            assert row.raw == str(item)
    assert unfolded.header == ({"n": 0} if lists else None)


def test_rows_without_the_list_stay() -> None:
    rows: list[Numbered] = [(0, {"a": 1}), (1, RowReject("odd")), (2, {"items": 3})]
    assert unfolded_list(rows, "items").rows == rows
    assert unfolded_list(rows, "items").header is None


def test_an_item_keeps_its_own_of_what_is_carried() -> None:
    rows: list[Numbered] = [(0, {"models": 1, "items": [{"models": 2}, {}]})]
    assert unfolded_list(rows, "items", "models").rows == [(0, {"models": 2}), (1, {"models": 1})]


@pytest.mark.parametrize(
    ("value", "does"),
    [
        ([{"a": 1, "b": 2}], True), ('[{"a": 1, "b": 2}]', True), ([{"a": 1}], False),
        ([{"a": 1, "b": 2}, 3, {}], False), ([], False), ({"a": 1, "b": 2}, False), (None, False),
        ("[", False),
    ],
)  # fmt: skip
def test_what_holds_objects(value: object, does: bool) -> None:
    assert holds(value, "a", "b") == does


# -- Argilla ------------------------------------------------------------------------------------

FIRST = [("u1", "one", "two", 0.5), ("u1", "one", "three", 0.0), ("u1", "two", "three", 0.0)]


def test_argilla_makes_a_pair_per_annotator_and_two_options() -> None:
    found = Argilla().parse(ARGILLA)
    assert told(found) == [*FIRST, ("u3", "one", "two", 0.0)]
    assert found[0] == Pair(
        prompt="q", response_a="one", response_b="two", label=0.5, strength=0.0, annotator="u1"
    )


def test_argilla_lists_are_best_first() -> None:
    assert told(Argilla().parse(BEST_FIRST)) == [("u1", "one", "two", 0.0)]
    named = [[{"value": "response_2", "rank": None}, {"value": "Response 1", "rank": None}]]
    row = BEST_FIRST | {"ranking.responses": named}
    assert Argilla().parse(row) == Argilla().parse(BEST_FIRST)


@settings(deadline=None, max_examples=60)
@given(st.permutations(["response-1", "response-2", "response-3"]))
def test_argilla_order_is_told_as_ranks_tell_it(ranking: list[str]) -> None:
    def pairs(ranks: list[Any]) -> list[Any]:
        return Argilla().parse(ARGILLA | {"ranking.responses": [ranks]})

    ranked = [{"value": name, "rank": place} for place, name in enumerate(ranking)]
    assert pairs(ranking) == pairs(ranked) == pairs(ranked[::-1])
    for pair in pairs(ranking):
        places = {ARGILLA[name]: place for place, name in enumerate(ranking)}
        assert pair.label == float(places[pair.response_a] < places[pair.response_b])
    assert len(pairs(ranking)) == 3


def test_argilla_leaves_out_options_without_a_rank() -> None:
    ranking = [{"value": "response-1", "rank": 1}, {"value": "response-2", "rank": "2"},
               {"value": "response-3", "rank": None}]  # fmt: skip
    found = Argilla().parse(ARGILLA | {"ranking.responses": [ranking]})
    assert told(found) == [("u1", "one", "two", 1.0)]


def test_argilla_counts_all_where_there_is_no_status() -> None:
    bare = {n: v for n, v in ARGILLA.items() if not n.endswith((".users", ".status"))}
    labels = [None, "one", "two", 0.5], [None, "one", "two", 1.0], [None, "one", "two", 0.0]
    found = told(Argilla().parse(bare))
    assert [list(one) for one in found if one[2] == "two"] == list(labels)


def test_argilla_questions_become_subsets_where_there_are_several() -> None:
    other = {f"harm{name[7:]}": v for name, v in BEST_FIRST.items() if name.startswith("ranking")}
    found = Argilla().parse(BEST_FIRST | other | {"harm.responses": [["response_1", "response_2"]]})
    assert [(pair.subset, pair.label) for pair in found if isinstance(pair, Pair)] == [
        ("ranking", 0.0), ("harm", 1.0),
    ]  # fmt: skip
    assert only(Argilla(), BEST_FIRST).subset is None


def test_argilla_prompts() -> None:
    def asked(**prompt: Any) -> Pair:
        bare = {name: value for name, value in BEST_FIRST.items() if name != "prompt"}
        return only(Argilla(), bare | prompt)

    assert asked(question="why").prompt == "why"
    assert asked(prompt=" ", instruction="do").prompt == "do"
    assert asked(prompt=turns("q", "a", "r")).turns == turns("q", "a", "r")
    assert asked().prompt == ""


@pytest.mark.parametrize(
    ("ranking", "reason"),
    [
        (["response-1", "response-9"], "ranked option is not a column"),
        (["response-1", 2], "ranked option is not a column"),
        (["response-1", "response_1"], "label is not understood"),
        (["response-1"], "fewer than two usable responses"),
        ([], "fewer than two usable responses"),
        ("response-1", "fewer than two usable responses"),
    ],
)
def test_argilla_rejects_a_ranking_and_keeps_the_others(ranking: object, reason: str) -> None:
    row = ARGILLA | {"ranking.responses": [ARGILLA["ranking.responses"][0], None, ranking]}
    assert told(Argilla().parse(row)) == [*FIRST, (reason,)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ranking.responses": None}, "no submitted ranking"),
        ({"ranking.responses": []}, "no submitted ranking"),
        ({"ranking.responses.status": ["draft", "discarded", None]}, "no submitted ranking"),
        ({"ranking.responses.status": []}, "no submitted ranking"),
        ({"ranking.responses": [["x", "y"]]}, "no submitted ranking"),
        ({"instruction": 3}, "instruction is not a conversation"),
    ],
)
def test_argilla_rejects(change: Row, reason: str) -> None:
    assert rejected(Argilla(), ARGILLA | change).reason == reason


def test_argilla_is_no_other_question() -> None:
    labels = {
        "prompt": "q", "response_1": "x", "response_2": "y", "text.responses": ["fine"],
        "topics.responses": [["sport", "law"]], "rating.responses": [4],
    }  # fmt: skip
    assert not Argilla().matches(Sample.of([labels]))
    unanswered = BEST_FIRST | {"ranking.responses": []}
    assert Argilla().matches(Sample.of([unanswered] * 9 + [BEST_FIRST]))


# -- AnnotatedPairs -----------------------------------------------------------------------------


def test_annotated_pairs_has_a_pair_per_vote() -> None:
    found = read(AnnotatedPairs(), ABOUT | {"comparisons": [COMPARISON, COMPARISON_1]})
    assert told(found) == [
        ("ba751e7b", "left", "right", 1.0), ("bf731c7f", "left", "right", 0.0),
        ("ba751e7b", "left", "right", 0.0),
    ]  # fmt: skip
    assert [(pair.model_a, pair.model_b) for pair in found] == [("gpt-4", "bard")] * 3
    assert [pair.prompt for pair in found] == ["", "", "q"]


def test_annotated_pairs_unfolds_into_comparisons_and_header() -> None:
    rows: list[Numbered] = [(0, ABOUT | {"comparisons": [COMPARISON, COMPARISON_1]})]
    unfolded = AnnotatedPairs().unfold(rows)
    assert unfolded.rows == [(0, COMPARISON), (1, COMPARISON_1)]
    assert unfolded.header == ABOUT


@pytest.mark.parametrize(
    ("pref", "label"),
    [("a", 1.0), ("B", 0.0), ("text_a", 1.0), (" text_b ", 0.0), ("response_b", 0.0), ("tie", 0.5)],
)
def test_annotated_pairs_votes(pref: str, label: float) -> None:
    row = COMPARISON | {"annotations": {"x": {"pref": pref}, "y": {"pref": None}}}
    assert told(AnnotatedPairs().parse(row)) == [("x", "left", "right", label)]


@pytest.mark.parametrize(
    "annotations",
    [None, {}, "", {"x": {"pref": None}}, {"x": {}, "y": {"pref": ""}}, {"x": None}],
)
def test_annotated_pairs_without_votes_are_unlabelled(annotations: object) -> None:
    found = AnnotatedPairs().parse(COMPARISON | {"annotations": annotations})
    assert told(found) == [(None, "left", "right", None)]


def test_annotated_pairs_keep_the_votes_beside_an_odd_one() -> None:
    notes = {"x": {"pref": "left"}, "y": {"pref": "a"}, "z": 3, "w": {"pref": None}}
    found = AnnotatedPairs().parse(COMPARISON | {"annotations": notes})
    odd = ("label is not understood",)
    assert told(found) == [odd, ("y", "left", "right", 1.0), odd]


@pytest.mark.parametrize("pref", ["c", 1, True, ["a"], float("inf"), 10**400])
def test_annotated_pairs_whose_every_vote_is_odd_are_rejects(pref: object) -> None:
    found = AnnotatedPairs().parse(COMPARISON | {"annotations": {"x": {"pref": pref}}})
    assert told(found) == [("label is not understood",)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"annotations": ["a"]}, "annotations are not an object"),
        ({"prompt": 3}, "prompt is not text"),
        ({"response_a": None}, "missing response_a"),
        ({"response_a": ["x"]}, "response_a is not text"),
        ({"response_b": {"model": "bard"}}, "missing text"),
        ({"response_b": {"text": " "}}, "empty response"),
    ],
)
def test_annotated_pairs_reject(change: Row, reason: str) -> None:
    assert rejected(AnnotatedPairs(), COMPARISON | change).reason == reason


# -- LLM Comparator -----------------------------------------------------------------------------


def test_comparator_unfolds_into_examples_with_models() -> None:
    unfolded = LlmComparator().unfold([(0, COMPARATOR)])
    assert unfolded.header == {name: COMPARATOR[name] for name in ("metadata", "models")}
    assert [number for number, _ in unfolded.rows] == [0, 1]
    found = read(LlmComparator(), COMPARATOR)
    assert found[0] == Pair(
        prompt="q",
        response_a="left",
        response_b="right",
        label=0.0,
        strength=1.25,
        model_a="Gemma 1.1",
        model_b="Gemma 1.0",
        subset="Math",
    )
    assert told(found)[1] == (None, "left", "right", 1.0)


@pytest.mark.parametrize(
    ("score", "label", "strength"),
    [
        (1.5, 1.0, 1.5), ("0.25", 1.0, 0.25), (-0.1, 0.0, 0.1), (0, 0.5, 0.0), ("0", 0.5, 0.0),
        (None, None, None), ("", None, None),
    ],
)  # fmt: skip
def test_comparator_scores(score: object, label: float | None, strength: float | None) -> None:
    pair = only(LlmComparator(), EXAMPLE | {"score": score})
    assert (pair.label, pair.strength) == (label, strength)


@pytest.mark.parametrize("score", ["A", True, [1], float("-inf"), float("inf"), 10**400])
def test_comparator_scores_that_are_none(score: object) -> None:
    reject = rejected(LlmComparator(), EXAMPLE | {"score": score})
    assert reject.reason == "label is not understood"
    assert len(reject.detail) <= len("score is ") + 60


@pytest.mark.parametrize(
    ("tags", "subset"), [([], None), (None, None), ("Math", "Math"), ([3], "3"), ([["x"]], None)]
)
def test_comparator_tags(tags: object, subset: str | None) -> None:
    assert only(LlmComparator(), EXAMPLE | {"tags": tags}).subset == subset


@pytest.mark.parametrize("models", [None, [], [{"name": "x"}], "x", ["x", 3], [{}, {"name": None}]])
def test_comparator_does_without_models(models: object) -> None:
    pair = only(LlmComparator(), EXAMPLE | {"models": models})
    assert (pair.model_a, pair.model_b) == (None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"input_text": None}, "missing input_text"),
        ({"output_text_a": ["x"]}, "output_text_a is not text"),
        ({"output_text_b": ""}, "empty response"),
    ],
)
def test_comparator_rejects(change: Row, reason: str) -> None:
    assert rejected(LlmComparator(), EXAMPLE | change).reason == reason


# -- PKU-SafeRLHF -------------------------------------------------------------------------------


def test_safe_rlhf_has_two_annotators() -> None:
    found = SafeRlhf().parse(SAFE)
    assert told(found) == [
        ("better", "With a pick.", "Ask the owner.", 1.0),
        ("safer", "With a pick.", "Ask the owner.", 0.0),
    ]
    assert found[0] == Pair(
        prompt="How do I open a lock?",
        response_a="With a pick.",
        response_b="Ask the owner.",
        label=1.0,
        annotator="better",
        model_a="Alpaca-7B",
        model_b="WizardLM-30B-Uncensored",
        subset="PKU-SafeRLHF/BeaverTails",
    )


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, 1.0),
        (1, 0.0),
        ("0", 1.0),
        ("1.0", 0.0),
        (-1, None),
        ("-1", None),
        (None, None),
        ("", None),
    ],
)
def test_safe_rlhf_labels(value: object, label: float | None) -> None:
    better, safer = told(SafeRlhf().parse(SAFE | {"better_response_id": value}))
    assert (better[0], better[3]) == ("better", label)
    assert (safer[0], safer[3]) == ("safer", 0.0)


@pytest.mark.parametrize("value", [2, 0.5, "response_0", [0], True, float("inf"), 10**400])
def test_safe_rlhf_keeps_the_label_beside_an_odd_one(value: object) -> None:
    found = told(SafeRlhf().parse(SAFE | {"safer_response_id": value}))
    assert found[0][3] == 1.0
    assert found[1] == ("label is not understood",)


def test_safe_rlhf_with_one_dimension_has_one_annotator() -> None:
    assert only(SafeRlhf(), SINGLE).annotator == "better"
    bare = {name: SINGLE[name] for name in ("prompt", "response_0", "response_1")}
    assert only(SafeRlhf(), bare).label is None
    assert not SafeRlhf().matches(Sample.of([bare]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"prompt": None}, "missing prompt"),
        ({"response_0": 3}, "response_0 is not text"),
        ({"response_1": " "}, "empty response"),
    ],
)
def test_safe_rlhf_rejects(change: Row, reason: str) -> None:
    assert rejected(SafeRlhf(), SAFE | change).reason == reason
