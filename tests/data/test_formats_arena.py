from __future__ import annotations

import json
from typing import Any

import pytest

from tests.family_rows import (
    ARENA,
    ARENA_100K,
    ARENA_140K,
    KAGGLE,
    MT_BENCH,
    Row,
    only,
    parts,
    rejected,
    turns,
)
from wimhf.data.formats.families.arena import Arena
from wimhf.data.formats.families.kaggle import ArenaKaggle

# -- LMArena and MT-bench ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("winner", "label"),
    [
        ("model_a", 1.0), ("model_b", 0.0), ("tie", 0.5), ("tie (bothbad)", 0.5),
        ("both_bad", 0.5), ("bothbad", 0.5), ("tie (both bad)", 0.5), ("tie (inconsistent)", 0.5),
        (" Model_A ", 1.0), (None, None), ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_arena_winners(winner: object, label: float | None) -> None:
    assert only(Arena(), ARENA | {"winner": winner}).label == label


def test_arena_without_a_winner_column_is_unlabelled() -> None:
    row = {name: value for name, value in ARENA.items() if name != "winner"}
    assert only(Arena(), row).label is None


@pytest.mark.parametrize("winner", ["alpaca-13b", "a", 1, 0, True, float("inf"), ["model_a"], {}])
def test_arena_winners_that_are_none(winner: object) -> None:
    reject = rejected(Arena(), ARENA | {"winner": winner})
    assert reject.reason == "label is not understood"
    assert reject.detail == f"winner is {winner!r}"


def test_a_long_label_is_cut_in_the_detail() -> None:
    reject = rejected(Arena(), ARENA | {"winner": "neither " * 1000})
    assert len(reject.detail) == len("winner is ") + 60


def test_arena_keeps_what_the_source_says_about_a_pair() -> None:
    pair = only(Arena(), ARENA)
    assert pair.prompt == "What is OpenCL?"
    assert pair.response_a == "A maker of hearing aids."
    assert pair.response_b == "An open standard for parallel computing."
    assert (pair.model_a, pair.model_b) == ("chatglm-6b", "koala-13b")
    assert (pair.annotator, pair.subset) == ("arena_user_973", "English")
    assert pair.conversation_id == ARENA["question_id"]
    assert pair.turns is None
    assert not pair.swapped


def test_arena_100k_names_its_judge_by_a_hash() -> None:
    pair = only(Arena(), ARENA_100K)
    assert pair.annotator == ARENA_100K["judge_hash"]
    assert pair.label == 0.5


def test_arena_conversations_part_after_their_last_common_turn() -> None:
    pair = only(Arena(), ARENA_100K)
    assert pair.turns == turns("Sort [2, 1].", "[1, 2]", "Now backwards.")
    assert pair.prompt == "User: Sort [2, 1].\n\nAssistant: [1, 2]\n\nUser: Now backwards."
    assert (pair.response_a, pair.response_b) == ("[2, 1]", "[1, 2]")


def test_arena_conversations_are_judged_whole() -> None:
    pair = only(Arena(), MT_BENCH | {"turn": 2})
    assert pair.prompt == "Write a post."
    assert pair.response_a == "Assistant: Aloha.\n\nUser: Start with A.\n\nAssistant: A trip."
    assert pair.response_b.endswith("User: Start with A.\n\nAssistant: Aloha, all.")


@pytest.mark.parametrize("turn", [1, "1", 1.0])
def test_mt_bench_lists_rounds_that_were_not_shown_yet(turn: object) -> None:
    pair = only(Arena(), MT_BENCH | {"turn": turn})
    assert (pair.prompt, pair.response_a) == ("Write a post.", "Aloha.")
    assert pair.response_b == "My trip to Hawaii."
    assert pair.conversation_id == "81"


@pytest.mark.parametrize("turn", [None, 0, -1, 3, True, "first", [1], float("nan")])
def test_an_odd_number_of_rounds_leaves_the_conversations_whole(turn: object) -> None:
    assert only(Arena(), MT_BENCH | {"turn": turn}) == only(Arena(), MT_BENCH | {"turn": 2})


def test_arena_system_turns_do_not_count_as_rounds() -> None:
    system = {"role": "system", "content": "be brief"}
    row = {side: [system, *MT_BENCH[side]] for side in ("conversation_a", "conversation_b")}
    pair = only(Arena(), MT_BENCH | row)
    assert pair.turns == turns("Write a post.", system="be brief")
    assert pair.response_a == "Aloha."


def test_arena_parts_are_joined() -> None:
    pair = only(Arena(), ARENA_140K)
    assert (pair.prompt, pair.response_a, pair.response_b) == (
        "Name a bird.", "The great tit.", "The great auk.",
    )  # fmt: skip
    assert pair.conversation_id == ARENA_140K["evaluation_session_id"]
    assert pair.label == 0.5


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "text": None, "image": "aGVsbG8="},
        {"type": "text", "text": "What is this?", "image": {"bytes": "aGVsbG8="}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
    ],
)
def test_arena_image_turns_are_rejected(part: Row) -> None:
    asked = {"role": "user", "content": [*parts("Name a bird.")[0]["content"], part]}
    row = {side: [asked, *ARENA_140K[side][1:]] for side in ("conversation_a", "conversation_b")}
    assert rejected(Arena(), ARENA_140K | row).reason == "conversation_a has an image"


def test_arena_takes_sharegpt_turns() -> None:
    def told(answer: str) -> list[Row]:
        return [{"from": "human", "value": "q"}, {"from": "gpt", "value": answer}]

    pair = only(Arena(), ARENA | {"conversation_a": told("x"), "conversation_b": told("y")})
    assert (pair.prompt, pair.response_a, pair.response_b) == ("q", "x", "y")


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (None, turns("q", "a"), "conversation_a is not a conversation"),
        (turns("q", "a"), [], "conversation_b is not a conversation"),
        ("q", turns("q", "a"), "conversation_a is not a conversation"),
        (turns("q", "a"), "[" * 9, "conversation_b is not a conversation"),
        ([["q"]], turns("q", "a"), "conversation_a has a turn without a role"),
        (turns("q", "a"), turns("r", "b"), "conversations do not part at an answer"),
        (turns("q", "a"), turns("q"), "conversations do not part at an answer"),
        (turns("q"), turns("q"), "conversations do not part at an answer"),
        (turns("q", "a"), turns("q", " "), "empty response"),
        (turns("q", "\ud83d"), turns("q", "a"), "text is not valid Unicode"),
    ],
)
def test_arena_rejects(first: Any, second: Any, reason: str) -> None:
    row = ARENA | {"conversation_a": first, "conversation_b": second}
    assert rejected(Arena(), row).reason == reason


def test_arena_equal_conversations_are_a_pair() -> None:
    pair = only(Arena(), ARENA | {"conversation_a": ARENA["conversation_b"], "winner": "tie"})
    assert pair.response_a == pair.response_b
    assert pair.label == 0.5


# -- LMArena 55k -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("winners", "label"),
    [
        ((1, 0, 0), 1.0), ((0, 1, 0), 0.0), ((0, 0, 1), 0.5), (("1", "0", "0"), 1.0),
        (("0", "1.0", "0"), 0.0), ((0.0, 0.0, 1.0), 0.5), ((True, False, False), 1.0),
        (("False", "False", "True"), 0.5), ((1, None, ""), 1.0), ((None, None, None), None),
        (("", "", ""), None),
    ],
)  # fmt: skip
def test_kaggle_winners(winners: tuple[object, ...], label: float | None) -> None:
    row = dict(zip(("winner_model_a", "winner_model_b", "winner_tie"), winners, strict=True))
    assert only(ArenaKaggle(), KAGGLE | row).label == label


@pytest.mark.parametrize(
    "winners",
    [
        (0, 0, 0), (1, 1, 0), (1, 0, 1), (2, 0, 0), (1, -1, 0), (0.3, 0.5, 0.2), ("yes", 0, 0),
        (1, [], 0), (1, float("inf"), 0), (10**400, 0, 0),
    ],
)  # fmt: skip
def test_kaggle_winners_that_are_none(winners: tuple[object, ...]) -> None:
    row = dict(zip(("winner_model_a", "winner_model_b", "winner_tie"), winners, strict=True))
    assert rejected(ArenaKaggle(), KAGGLE | row).reason == "label is not understood"


def test_kaggle_turns_become_two_conversations() -> None:
    pair = only(ArenaKaggle(), KAGGLE)
    assert pair.prompt == "Is it right?"
    assert pair.response_a == (
        "Assistant: It depends.\n\nUser: And wrong?\n\nAssistant: It depends too."
    )
    assert (pair.model_a, pair.model_b) == ("gpt-4-1106-preview", "gpt-4-0613")
    assert pair.turns is None


def test_kaggle_turns_that_both_share_are_the_prompt() -> None:
    pair = only(ArenaKaggle(), KAGGLE | {"response_b": '["It depends.", "No."]'})
    assert pair.turns == turns("Is it right?", "It depends.", "And wrong?")
    assert (pair.response_a, pair.response_b) == ("It depends too.", "No.")


@pytest.mark.parametrize(
    "write", [lambda text: text, lambda text: [text], lambda text: json.dumps([text])]
)
def test_kaggle_reads_every_spelling_of_one_turn_alike(write: Any) -> None:
    texts = {"prompt": "q", "response_a": "[1, 2]", "response_b": '{"a": 1'}
    pair = only(ArenaKaggle(), KAGGLE | {name: write(text) for name, text in texts.items()})
    assert (pair.prompt, pair.response_a, pair.response_b) == tuple(texts.values())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"response_a": '["x", null]'}, "response_a has a turn without text"),
        ({"response_b": [None, "x"]}, "response_b has a turn without text"),
        ({"prompt": "[null, null]"}, "prompt has a turn without text"),
        ({"prompt": None}, "missing prompt"),
        ({"response_a": "[]"}, "missing response_a"),
        ({"response_a": 3}, "response_a is not text"),
        ({"response_b": [1, 2]}, "response_b is not text"),
        ({"response_b": {"text": "x"}}, "response_b is not text"),
        ({"response_a": '["x"]'}, "numbers of turns differ"),
        ({"response_b": "plain"}, "numbers of turns differ"),
        ({"prompt": "q", "response_a": "x", "response_b": " "}, "empty response"),
        ({"response_a": '["\\ud83d", "x"]'}, "text is not valid Unicode"),
    ],
)
def test_kaggle_rejects(change: Row, reason: str) -> None:
    assert rejected(ArenaKaggle(), KAGGLE | change).reason == reason
