from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.choice_rows import (
    ARTICLE,
    AVERAGED,
    CLEANED,
    DPO,
    SUMMARIES,
    TULU,
    TULU_405B,
    ULTRAFEEDBACK,
)
from tests.family_rows import Row, only, rejected, turns
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.families.openai_comparisons import OpenAiDpo, OpenAiSummaries
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.families.tulu import Tulu
from wimhf.data.formats.families.ultrafeedback import UltraFeedback
from wimhf.data.pairs import Pair

SYSTEM = {"system": "be brief"}


def won_and_lost(pair: Pair) -> tuple[str, str]:
    """Return the response that the label names, then the other one."""
    first, second = pair.response_a, pair.response_b
    return (first, second) if pair.label == 1.0 else (second, first)


def models_won_and_lost(pair: Pair) -> tuple[str | None, str | None]:
    """Return the model of the response that the label names, then the other one."""
    first, second = pair.model_a, pair.model_b
    return (first, second) if pair.label == 1.0 else (second, first)


# -- UltraFeedback -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "strength"), [(ULTRAFEEDBACK, 4.5), (CLEANED, 1.25), (AVERAGED, 1.5)]
)
def test_ultrafeedback_reads_every_release_alike(row: Row, strength: float) -> None:
    pair = only(UltraFeedback(), row)
    assert (pair.prompt, pair.turns) == ("q", None)
    assert won_and_lost(pair) == ("good", "bad")
    assert pair.strength == strength


@pytest.mark.parametrize("number", range(8))
def test_ultrafeedback_models_go_with_their_responses(number: int) -> None:
    pair = only(UltraFeedback(), CLEANED | {"prompt": f"q {number}"})
    assert models_won_and_lost(pair) == ("gpt-4", "bard")
    older = only(UltraFeedback(), AVERAGED | {"instruction": f"q {number}"})
    assert models_won_and_lost(older) == ("gpt-4", None)


def test_ultrafeedback_draws_both_sides() -> None:
    rows = [AVERAGED | {"instruction": f"q {number}"} for number in range(40)]
    assert {only(UltraFeedback(), row).label for row in rows} == {0.0, 1.0}


@pytest.mark.parametrize("score", [5, 5.0, "5", " 5.0 "])
def test_equal_scores_are_a_tie(score: object) -> None:
    pair = only(UltraFeedback(), CLEANED | {"rejected-rating": score})
    assert (pair.label, pair.strength) == (0.5, 0.0)
    pair = only(Tulu(), TULU_405B | {"chosen_rating": score, "rejected_rating": 5})
    assert (pair.label, pair.strength) == (0.5, 0.0)


def test_scores_that_contradict_the_choice_keep_the_label() -> None:
    pair = only(UltraFeedback(), ULTRAFEEDBACK | {"score_chosen": "2", "score_rejected": "7.5"})
    assert won_and_lost(pair) == ("good", "bad")
    assert pair.strength == -5.5


@pytest.mark.parametrize("missing", [None, "", " ", float("nan"), "NaN", "None", "NA"])
def test_a_missing_score_leaves_the_strength_unknown(missing: object) -> None:
    pair = only(UltraFeedback(), ULTRAFEEDBACK | {"score_rejected": missing})
    assert won_and_lost(pair) == ("good", "bad")
    assert pair.strength is None


def test_ultrafeedback_keeps_system_turns_and_sharegpt_turns() -> None:
    system = ULTRAFEEDBACK | {
        side: turns("q", text, **SYSTEM) for side, text in (("chosen", "good"), ("rejected", "bad"))
    }
    assert only(UltraFeedback(), system).turns == turns("q", **SYSTEM)
    shared = {
        side: [{"from": "human", "value": "q"}, {"from": "gpt", "value": text}]
        for side, text in (("chosen", "good"), ("rejected", "bad"))
    }
    assert only(UltraFeedback(), CLEANED | shared) == only(UltraFeedback(), CLEANED)


@pytest.mark.parametrize("text", ['[{"a": 1}]', "[1, 2]", "[]", '["x"]', "[INST] x"])
def test_an_answer_that_looks_like_json_stays_text(text: str) -> None:
    pair = only(UltraFeedback(), AVERAGED | {"chosen_response": text})
    assert won_and_lost(pair) == (text, "bad")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ULTRAFEEDBACK | {"score_chosen": "high"}, "score_chosen is not a number"),
        (ULTRAFEEDBACK | {"score_chosen": float("inf")}, "score_chosen is not a number"),
        (CLEANED | {"chosen-rating": 10**400}, "score_chosen is not a number"),
        (ULTRAFEEDBACK | {"chosen": None}, "missing chosen"),
        (ULTRAFEEDBACK | {"chosen": turns("q", " ")}, "empty response"),
        (ULTRAFEEDBACK | {"rejected": turns("Q", "bad")},
         "conversations part before the last response"),
        (AVERAGED | {"rejected_response": ["bad"]}, "rejected is not text"),
        (AVERAGED | {"rejected_response": None}, "missing rejected"),
    ],
)  # fmt: skip
def test_ultrafeedback_rejects(row: Row, reason: str) -> None:
    assert rejected(UltraFeedback(), row).reason == reason


def test_strings_with_scores_are_plain_trl() -> None:
    row = {"prompt": "q", "chosen": "x", "rejected": "y", "score_chosen": 2, "score_rejected": 1}
    assert not UltraFeedback().matches(Sample.of([row]))
    assert TrlPreference().matches(Sample.of([row]))


@settings(deadline=None, max_examples=40)
@given(st.text("abc", min_size=1), st.text("abc", min_size=1), st.floats(0, 10), st.floats(0, 10))
def test_exchanging_everything_mirrors_the_pair(
    one: str, two: str, high: float, low: float
) -> None:
    def row(chosen: str, rejected: str) -> Row:
        return AVERAGED | {
            "chosen_response": chosen, "rejected_response": rejected,
            "chosen_avg_rating": high, "rejected_avg_rating": low,
        }  # fmt: skip

    pair, mirrored = only(UltraFeedback(), row(one, two)), only(UltraFeedback(), row(two, one))
    assert (pair.response_a, pair.response_b) == (mirrored.response_a, mirrored.response_b)
    assert pair.strength == mirrored.strength == high - low
    assert pair.label is not None
    assert mirrored.label == (1 - pair.label if one != two else pair.label)
    assert (pair.label == 0.5) == (high == low)


# -- Tülu --------------------------------------------------------------------------------------


def test_tulu_names_the_source_as_subset() -> None:
    pair = only(Tulu(), TULU)
    assert won_and_lost(pair) == ("good", "bad")
    assert pair.subset == "ai2-adapt-dev/sft_reused_off_policy"
    assert (pair.strength, pair.model_a, pair.model_b) == (None, None, None)


def test_tulu_with_ratings_and_models() -> None:
    pair = only(Tulu(), TULU_405B)
    assert models_won_and_lost(pair) == ("tulu-405b", "yi-6b-chat")
    assert pair.strength == 1.5


def test_tulu_keeps_earlier_turns() -> None:
    longer = {side: turns("q", "a", "r", side) for side in ("chosen", "rejected")}
    pair = only(Tulu(), TULU | {"prompt": "q"} | longer)
    assert pair.turns is not None
    assert pair.turns[-3:] == turns("q", "a", "r")
    assert won_and_lost(pair) == ("chosen", "rejected")


@pytest.mark.parametrize("column", ["id", "source", "prompt"])
def test_tulu_needs_its_columns(column: str) -> None:
    row = {name: value for name, value in TULU.items() if name != column}
    assert not Tulu().matches(Sample.of([row]))
    assert TrlPreference().matches(Sample.of([row]))


def test_a_source_with_scores_is_ultrafeedback_and_not_tulu() -> None:
    sample = Sample.of([TULU | {"score_chosen": 2, "score_rejected": 1}])
    assert UltraFeedback().matches(sample)
    assert not Tulu().matches(sample)


# -- OpenAI DPO --------------------------------------------------------------------------------


def test_dpo_lines_have_their_sides_drawn() -> None:
    rows: list[Row] = [DPO | {"input": {"messages": turns(f"q {n}")}} for n in range(40)]
    pairs = [only(OpenAiDpo(), row) for row in rows]
    assert {won_and_lost(pair) for pair in pairs} == {("good", "bad")}
    assert {pair.label for pair in pairs} == {0.0, 1.0}
    assert all(pair.swapped == (pair.label == 0.0) for pair in pairs)
    assert [pair.prompt for pair in pairs] == [f"q {n}" for n in range(40)]


def test_dpo_keeps_system_and_earlier_turns() -> None:
    context = turns("q", "a", "r", system="be brief")
    pair = only(OpenAiDpo(), DPO | {"input": {"messages": context}})
    assert pair.turns == context
    assert pair.prompt == "System: be brief\n\nUser: q\n\nAssistant: a\n\nUser: r"


def test_dpo_outputs_of_several_messages_are_compared_whole() -> None:
    output = [*turns("", "wait")[1:], *turns("", "good")[1:]]
    pair = only(OpenAiDpo(), DPO | {"preferred_output": output})
    assert won_and_lost(pair) == ("Assistant: wait\n\nAssistant: good", "bad")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"input": None}, "input is not an object"),
        ({"input": "q"}, "input is not an object"),
        ({"input": {}}, "input is not a conversation"),
        ({"input": {"messages": []}}, "input is not a conversation"),
        ({"preferred_output": None}, "preferred_output is not a conversation"),
        ({"preferred_output": turns("x")}, "preferred_output is not the assistant's"),
        ({"non_preferred_output": [{"role": "assistant", "content": None}]},
         "empty response"),
        ({"non_preferred_output": turns("", " ")[1:]}, "empty response"),
    ],
)  # fmt: skip
def test_dpo_rejects(change: Row, reason: str) -> None:
    assert rejected(OpenAiDpo(), DPO | change).reason == reason


# -- OpenAI summaries --------------------------------------------------------------------------


def test_summaries_of_a_post() -> None:
    pair = only(OpenAiSummaries(), SUMMARIES)
    assert pair == Pair(
        prompt="My boyfriend and I ...",
        response_a=" Mixed signals.",
        response_b=" He said no.",
        label=0.0,
        annotator="ikNmucwunMnYJCQpnq6ZYb57OW7NiD",
        model_a="sup4_ppo_rm3_kl10",
        model_b="ref",
        subset="relationships",
    )


def test_summaries_of_an_article() -> None:
    pair = only(OpenAiSummaries(), ARTICLE)
    assert (pair.prompt, pair.subset, pair.label) == ("The news ...", "cnndm", 1.0)


@pytest.mark.parametrize(
    ("choice", "label"),
    [
        (0, 1.0), (1, 0.0), ("0", 1.0), (" 1 ", 0.0), (1.0, 0.0), (None, None), ("", None),
        (-1, None), ("-1", None),
    ],
)  # fmt: skip
def test_choices(choice: object, label: float | None) -> None:
    assert only(OpenAiSummaries(), SUMMARIES | {"choice": choice}).label == label


@pytest.mark.parametrize(
    "choice", [2, 0.5, "first", [1], {}, True, float("inf"), 10**400, "x" * 99]
)
def test_choices_that_are_none(choice: Any) -> None:
    reject = rejected(OpenAiSummaries(), SUMMARIES | {"choice": choice})
    assert reject.reason == "label is not understood"
    assert len(reject.detail) <= len("choice is ") + 60


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"info": None}, "info is not an object"),
        ({"info": ["post"]}, "info is not an object"),
        ({"info": {"post": None, "article": ""}}, "missing post"),
        ({"info": {"post": 3}}, "post is not text"),
        ({"summaries": None}, "summaries are not two"),
        ({"summaries": SUMMARIES["summaries"] * 2}, "summaries are not two"),
        ({"summaries": ["one", "two"]}, "missing text"),
        ({"summaries": [{"text": "one"}, {"text": " "}]}, "empty response"),
    ],
)
def test_summaries_reject(change: Row, reason: str) -> None:
    assert rejected(OpenAiSummaries(), SUMMARIES | change).reason == reason
