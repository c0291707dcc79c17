from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.choice_rows import COMMUNITY, CONVERSATION, UTTERANCES, read, told, utterance
from tests.family_rows import Row, as_csv, rejected, turns
from wimhf.data.formats.choices import Exchange, Option, compared, conversation_pairs
from wimhf.data.formats.families.community import CommunityAlignment
from wimhf.data.formats.families.prism import Prism
from wimhf.data.formats.family import Numbered
from wimhf.data.pairs import Pair, RowReject

Outcome = tuple[str, str, float | None]


def outcomes(found: list[Any]) -> list[Outcome]:
    """Return the responses and the label of every pair."""
    assert all(isinstance(pair, Pair) for pair in found)
    return [(pair.response_a, pair.response_b, pair.label) for pair in found]


def reasons(found: list[Any]) -> list[str]:
    """Return why there are rejects."""
    return [one.reason for one in found if isinstance(one, RowReject)]


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


# -- options ------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.lists(st.none() | st.integers(0, 3), min_size=2, max_size=5))
def test_options_are_compared_by_score_and_by_nothing_else(scores: list[int | None]) -> None:
    options = [Option(f"option {n}", score) for n, score in enumerate(scores)]
    found = compared(options, turns("q"))
    known = sum(score is not None for score in scores)
    n = known if known > 1 else len(scores)
    assert len(found) == n * (n - 1) // 2
    for pair in found:
        assert isinstance(pair, Pair)
        one, other = (scores[int(text[-1])] for text in (pair.response_a, pair.response_b))
        assert pair.response_a < pair.response_b
        if known < 2:
            assert pair.label is pair.strength is None
        else:
            assert one is not None
            assert other is not None
            assert pair.label == (0.5 if one == other else float(one > other))
            assert pair.strength == abs(one - other)


def test_an_option_that_is_not_unicode_spoils_only_its_own_pairs() -> None:
    options = [Option("x", 1), Option("\ud800", 2), Option("y", 3)]
    found = compared(options, [])
    assert reasons(found) == ["text is not valid Unicode"] * 2
    assert outcomes([one for one in found if isinstance(one, Pair)]) == [("x", "y", 0.0)]


def test_the_context_is_what_was_asked_and_the_favourites() -> None:
    asked = [turns(text) for text in ("q", "r", "s", "t")]
    found = conversation_pairs([
        Exchange(asked[0], [Option("a", 1), Option("b", 2)]),
        RowReject("odd"),
        Exchange(asked[1], [Option("c"), Option("d")]),
        Exchange(asked[2], [Option("e", 9), Option("f", 1, chosen=True)]),
        Exchange(asked[3], [Option("g", 9), Option("h", 1)]),
    ])  # fmt: skip
    assert reasons(found) == ["odd"]
    contexts = [one.turns for one in found if isinstance(one, Pair)]
    seen = turns("q", "b")
    assert contexts == [None, seen + asked[1], seen + asked[2], turns("q", "b", "s", "f", "t")]


# -- PRISM, utterances --------------------------------------------------------------------------

FIRST_TURN: list[Outcome] = [
    ("best", "fair", 1.0), ("best", "also fair", 1.0), ("best", "worst", 1.0),
    ("fair", "also fair", 0.5), ("fair", "worst", 1.0), ("also fair", "worst", 1.0),
]  # fmt: skip
SECOND_TURN: list[Outcome] = [("second best", "second worst", 1.0)]


def test_prism_makes_every_pair_of_a_turn() -> None:
    found = read(Prism(), *UTTERANCES)
    assert outcomes(found) == FIRST_TURN + SECOND_TURN
    assert [pair.strength for pair in found] == [50, 50, 89, 0, 39, 39, 30]
    assert found[2] == Pair(
        prompt="q",
        response_a="best",
        response_b="worst",
        label=1.0,
        annotator="user1",
        strength=89.0,
        model_a="model 0",
        model_b="model 3",
        subset="unguided",
        conversation_id="c1",
    )
    assert (found[-1].prompt, found[-1].turns) == ("r", None)


def test_prism_gathers_turns_in_order_of_appearance() -> None:
    odd: list[Row | RowReject] = [
        {"model_response": "x"}, RowReject("line is not JSON"), CONVERSATION,
    ]  # fmt: skip
    other = utterance(0, "x", 1, conversation_id="c2")
    rows = [UTTERANCES[4], odd[0], UTTERANCES[0], other, odd[1], UTTERANCES[5], odd[2]]
    numbered: list[Numbered] = list(enumerate(rows, start=7))
    unfolded = Prism().unfold(numbered)
    turn = {"conversation_id": "c1", "turn": 1, "utterances": [UTTERANCES[4], UTTERANCES[5]]}
    assert unfolded.rows == list(
        enumerate([
            turn, odd[0], {"conversation_id": "c1", "turn": 0, "utterances": [UTTERANCES[0]]},
            {"conversation_id": "c2", "turn": 0, "utterances": [other]}, odd[1], odd[2],
        ])
    )  # fmt: skip
    assert unfolded.header is None
    assert Prism().unfold(unfolded.rows) == unfolded


@pytest.mark.parametrize("name", ["conversation_id", "turn"])
def test_prism_gathers_no_utterances_of_unknown_turns(name: str) -> None:
    rows: list[Numbered] = [(n, row | {name: None}) for n, row in enumerate(UTTERANCES[:2])]
    assert Prism().unfold(rows).rows == rows


@settings(deadline=None, max_examples=60)
@given(st.permutations(UTTERANCES))
def test_prism_takes_a_turn_in_its_own_order(rows: list[Row]) -> None:
    found = read(Prism(), *rows)
    assert sorted(outcomes(found)) == sorted(FIRST_TURN + SECOND_TURN)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.integers(0, 2), st.none() | st.integers(0, 9)),
        max_size=12,
    )
)
def test_prism_keeps_every_utterance(keys: list[tuple[str, int, int | None]]) -> None:
    rows = [
        utterance(n, f"r{n}", score, conversation_id=name, turn=turn)
        for n, (name, turn, score) in enumerate(keys)
    ]
    unfolded = Prism().unfold(list(enumerate(rows))).rows
    gathered = [row["utterances"] for _, row in unfolded if isinstance(row, dict)]
    assert sorted(one["model_response"] for turn in gathered for one in turn) == sorted(
        row["model_response"] for row in rows
    )
    assert len({(name, turn) for name, turn, _ in keys}) == len(unfolded)


def test_prism_scores_outweigh_what_was_chosen() -> None:
    pair = utterance(0, "x", "20", if_chosen=True), utterance(1, "y", "80", if_chosen=False)
    assert outcomes(read(Prism(), *pair)) == [("x", "y", 0.0)]


@pytest.mark.parametrize("chosen", [True, "True", 1, "1", "true "])
def test_prism_without_scores_takes_what_was_chosen(chosen: object) -> None:
    rows = [utterance(n, text, None, if_chosen=n == 1 and chosen) for n, text in enumerate("xyz")]
    found = read(Prism(), *rows)
    assert outcomes(found) == [("x", "y", 0.0), ("y", "z", 1.0)]
    assert [pair.strength for pair in found] == [None, None]


def test_prism_without_scores_and_choices_is_unlabelled() -> None:
    rows = [utterance(n, text, "", if_chosen=None) for n, text in enumerate("xyz")]
    assert outcomes(read(Prism(), *rows)) == [("x", "y", None), ("x", "z", None), ("y", "z", None)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_response": " "}, "empty response"),
        ({"model_response": None}, "missing model_response"),
        ({"model_response": ["x"]}, "model_response is not text"),
        ({"score": "high"}, "score is not a number"),
        ({"score": float("inf")}, "score is not a number"),
    ],
)
def test_prism_rejects_a_response_and_keeps_the_others(change: Row, reason: str) -> None:
    found = read(Prism(), *UTTERANCES[:3], UTTERANCES[3] | change)
    assert reasons(found) == [reason]
    kept = [("best", "fair", 1.0), ("best", "also fair", 1.0), ("fair", "also fair", 0.5)]
    assert outcomes([one for one in found if isinstance(one, Pair)]) == kept


def test_prism_rejects_a_turn_of_one_response() -> None:
    assert reasons(read(Prism(), UTTERANCES[0])) == ["fewer than two usable responses"]
    spoilt = UTTERANCES[5] | {"model_response": ""}
    assert reasons(read(Prism(), UTTERANCES[4], spoilt)) == [
        "empty response", "fewer than two usable responses",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (without(UTTERANCES[0], "turn"), "missing conversation_id or turn"),
        (UTTERANCES[0] | {"conversation_id": None}, "missing conversation_id or turn"),
        ({"utterances": []}, "utterances is not a list"),
        ({"utterances": "x"}, "utterances is not a list"),
        ({"utterances": [1]}, "utterances holds what is not an object"),
        ({"utterances": [without(UTTERANCES[0], "user_prompt")]}, "missing user_prompt"),
        ({"conversation_history": {}}, "conversation_history is not a list"),
    ],
)
def test_prism_rejects_rows(row: Row, reason: str) -> None:
    assert rejected(Prism(), row).reason == reason


# -- PRISM, conversations -----------------------------------------------------------------------


def history(*entries: Row) -> Row:
    return CONVERSATION | {"conversation_history": list(entries)}


def test_prism_conversations_say_the_same_with_context() -> None:
    found = read(Prism(), CONVERSATION)
    from_utterances = read(Prism(), *UTTERANCES)
    assert outcomes(found) == FIRST_TURN + SECOND_TURN
    assert found[:-1] == from_utterances[:-1]
    context = turns("q", "best", "r")
    assert found[-1].turns == context
    assert found[-1] == replace(from_utterances[-1], turns=context, prompt=found[-1].prompt)


def test_prism_conversation_continues_with_the_chosen_response() -> None:
    def context(first: Row, second: Row) -> object:
        entries = [told(1, "user", "r"), told(1, "model", "x", 0, score=1),
                   told(1, "model", "y", 1, score=2)]  # fmt: skip
        found = read(Prism(), history(told(0, "user", "q"), first, second, *entries))
        return found[-1].turns

    low = told(0, "model", "low", 0, score=1, if_chosen=True)
    high = told(0, "model", "high", 1, score=9, if_chosen=False)
    assert context(low, high) == turns("q", "low", "r")
    assert context(low | {"if_chosen": None}, high) == turns("q", "high", "r")
    unknown = {"score": None, "if_chosen": None}
    assert context(low | unknown, high | unknown) is None


def test_prism_conversation_with_an_odd_turn_keeps_the_others() -> None:
    entries = CONVERSATION["conversation_history"]
    without_prompt = [entry for entry in entries if entry["content"] != "q"]
    found = read(Prism(), history(*without_prompt))
    assert reasons(found) == ["turn without a prompt"]
    assert outcomes(found[1:]) == SECOND_TURN
    assert found[-1].turns is None
    odd = [entry | {"content": 3} if entry["content"] == "r" else entry for entry in entries]
    found = read(Prism(), history(*odd))
    assert outcomes(found[:-1]) == FIRST_TURN
    assert reasons(found) == ["conversation_history has a turn whose content is not text"]


def test_prism_conversation_with_a_system_turn() -> None:
    entries = CONVERSATION["conversation_history"]
    found = read(Prism(), history(told(0, "system", "be brief"), *entries))
    assert found[0].turns == turns("q", system="be brief")


# -- Community Alignment ------------------------------------------------------------------------

COMMUNITY_PAIRS: list[Outcome] = [
    ("a one", "b one", 0.0), ("b one", "c one", 1.0), ("b one", "d one", 1.0),
    ("a two", "b two", 1.0),
]  # fmt: skip


def community(**changes: Any) -> list[Any]:
    return CommunityAlignment().parse(COMMUNITY | changes)


def test_community_sets_the_preferred_response_against_the_others() -> None:
    found = community()
    assert outcomes(found) == COMMUNITY_PAIRS
    assert found[0] == Pair(
        prompt="q",
        response_a="a one",
        response_b="b one",
        label=0.0,
        annotator="7",
        subset="en",
        conversation_id="1",
    )
    assert found[3].turns == turns("q", "b one", "r")
    assert CommunityAlignment().parse(as_csv(COMMUNITY)) == found


@pytest.mark.parametrize("preferred", ["b", "B", " b ", "response_b", "Response_B", "response b"])
def test_community_spellings(preferred: str) -> None:
    assert outcomes(community(first_turn_preferred_response=preferred)) == COMMUNITY_PAIRS


@pytest.mark.parametrize("preferred", ["e", "ab", "response_", "none", 2, True, ["b"], {}, 10**400])
def test_community_turn_with_an_odd_preference(preferred: object) -> None:
    first, *others = community(first_turn_preferred_response=preferred)
    assert first.reason == "label is not understood"
    assert first.detail.startswith("first_turn_preferred_response is ")
    assert outcomes(others) == COMMUNITY_PAIRS[3:]
    assert (others[0].prompt, others[0].turns) == ("r", None)


def test_community_turn_without_a_preference_is_unlabelled() -> None:
    found = community(second_turn_preferred_response="", second_turn_response_c="c two")
    assert outcomes(found[3:]) == [
        ("a two", "b two", None), ("a two", "c two", None), ("b two", "c two", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"second_turn_preferred_response": "c"}, "preferred response is missing"),
        ({"second_turn_response_b": " "}, "fewer than two usable responses"),
        ({"second_turn_response_b": 3}, "second_turn_response_b is not text"),
        ({"second_turn_prompt": None}, "missing second_turn_prompt"),
        ({"third_turn_prompt": "s"}, "fewer than two usable responses"),
    ],
)
def test_community_rejects_a_turn_and_keeps_the_others(changes: Row, reason: str) -> None:
    found = community(**changes)
    assert reasons(found) == [reason]
    assert set(COMMUNITY_PAIRS[:3]) <= set(outcomes([p for p in found if isinstance(p, Pair)]))


def test_community_without_a_turn_is_a_reject() -> None:
    row = {"conversation_id": 1, "annotator_id": 7, "first_turn_prompt": ""}
    assert rejected(CommunityAlignment(), row).reason == "missing first_turn_prompt"
