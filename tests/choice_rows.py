"""Rows of the schemas that list a winner apart, several responses a turn, or several annotators."""

from __future__ import annotations

from typing import Any

from tests.family_rows import Row, turns
from wimhf.data.formats.families.annotated_pairs import AnnotatedPairs
from wimhf.data.formats.families.argilla import Argilla
from wimhf.data.formats.families.community import CommunityAlignment
from wimhf.data.formats.families.llm_comparator import LlmComparator
from wimhf.data.formats.families.openai_comparisons import OpenAiDpo, OpenAiSummaries
from wimhf.data.formats.families.prism import Prism
from wimhf.data.formats.families.safe_rlhf import SafeRlhf
from wimhf.data.formats.families.tulu import Tulu
from wimhf.data.formats.families.ultrafeedback import UltraFeedback
from wimhf.data.formats.family import Family

ULTRAFEEDBACK: Row = {
    "prompt": "q",
    "prompt_id": "5ddd5b2f",
    "chosen": turns("q", "good"),
    "rejected": turns("q", "bad"),
    "messages": turns("q", "good"),
    "score_chosen": 8.5,
    "score_rejected": 4.0,
}
CLEANED: Row = {
    "source": "evol_instruct",
    "prompt": "q",
    "chosen": turns("q", "good"),
    "chosen-rating": 5.0,
    "chosen-model": "gpt-4",
    "rejected": turns("q", "bad"),
    "rejected-rating": 3.75,
    "rejected-model": "bard",
}
AVERAGED: Row = {
    "source": "sharegpt",
    "instruction": "q",
    "chosen_response": "good",
    "rejected_response": "bad",
    "chosen_avg_rating": 4.5,
    "rejected_avg_rating": 3.0,
    "chosen_model": "gpt-4",
}
TULU: Row = {
    "id": "sft_reused_off_policy-1",
    "prompt": "q",
    "chosen": turns("q", "good"),
    "rejected": turns("q", "bad"),
    "source": "ai2-adapt-dev/sft_reused_off_policy",
}
TULU_405B: Row = TULU | {
    "chosen_rating": 4.5,
    "rejected_rating": 3.0,
    "chosen_model": "tulu-405b",
    "rejected_model": "yi-6b-chat",
}
DPO: Row = {
    "input": {"messages": turns("q"), "tools": [], "parallel_tool_calls": True},
    "preferred_output": turns("", "good")[1:],
    "non_preferred_output": turns("", "bad")[1:],
}
SUMMARIES: Row = {
    "info": {
        "id": "t3_34xale",
        "post": "My boyfriend and I ...",
        "title": "Mixed signals",
        "subreddit": "relationships",
        "site": None,
        "article": None,
    },
    "summaries": [
        {"text": " Mixed signals.", "policy": "sup4_ppo_rm3_kl10", "note": None},
        {"text": " He said no.", "policy": "ref", "note": None},
    ],
    "choice": 1,
    "worker": "ikNmucwunMnYJCQpnq6ZYb57OW7NiD",
    "batch": "batch9",
    "split": "train",
    "extra": {"confidence": None},
}
ARTICLE: Row = SUMMARIES | {
    "info": {"id": "f37f", "post": None, "article": "The news ...", "site": "cnndm"},
    "choice": 0,
}
SAFE: Row = {
    "prompt": "How do I open a lock?",
    "response_0": "With a pick.",
    "response_1": "Ask the owner.",
    "prompt_source": "PKU-SafeRLHF/BeaverTails",
    "response_0_source": "Alpaca-7B",
    "response_1_source": "WizardLM-30B-Uncensored",
    "is_response_0_safe": False,
    "is_response_1_safe": True,
    "response_0_severity_level": 2,
    "better_response_id": 0,
    "safer_response_id": 1,
}
SINGLE: Row = {n: v for n, v in SAFE.items() if n != "safer_response_id"}


def utterance(place: int, text: str, score: object, **changes: Any) -> Row:
    """Build a row of PRISM's utterances."""
    return {
        "utterance_id": f"ut{place}",
        "interaction_id": "int1",
        "conversation_id": "c1",
        "user_id": "user1",
        "turn": 0,
        "within_turn_id": place,
        "conversation_type": "unguided",
        "user_prompt": "q",
        "model_response": text,
        "model_name": f"model {place}",
        "model_provider": "api",
        "score": score,
        "if_chosen": place == 0,
    } | changes


UTTERANCES: list[Row] = [
    utterance(0, "best", 90), utterance(1, "fair", 40), utterance(2, "also fair", 40),
    utterance(3, "worst", 1),
    utterance(0, "second best", 50, turn=1, user_prompt="r"),
    utterance(1, "second worst", 20, turn=1, user_prompt="r"),
]  # fmt: skip


def told(turn: int, role: str, content: str, place: int | None = None, **said: Any) -> Row:
    """Build an entry of a PRISM conversation's history."""
    name = None if place is None else f"model {place}"
    entry = {"turn": turn, "role": role, "content": content, "within_turn_id": place}
    return entry | {"model_name": name, "score": None, "if_chosen": None} | said


CONVERSATION: Row = {
    "conversation_id": "c1",
    "user_id": "user1",
    "conversation_type": "unguided",
    "opening_prompt": "q",
    "conversation_turns": 2,
    "conversation_history": [
        told(0, "user", "q"),
        told(0, "model", "best", 0, score=90, if_chosen=True),
        told(0, "model", "fair", 1, score=40, if_chosen=False),
        told(0, "model", "also fair", 2, score=40, if_chosen=False),
        told(0, "model", "worst", 3, score=1, if_chosen=False),
        told(1, "user", "r"),
        told(1, "model", "second best", 0, score=50, if_chosen=True),
        told(1, "model", "second worst", 1, score=20, if_chosen=False),
    ],
    "performance_attributes": {"values": 80},
}
COMMUNITY: Row = {
    "conversation_id": 1,
    "assigned_lang": "en",
    "annotator_id": 7,
    "annotator_age": "18-34",
    "first_turn_prompt": "q",
    "first_turn_response_a": "a one",
    "first_turn_response_b": "b one",
    "first_turn_response_c": "c one",
    "first_turn_response_d": "d one",
    "first_turn_preferred_response": "response_b",
    "first_turn_feedback": "clear",
    "second_turn_prompt": "r",
    "second_turn_response_a": "a two",
    "second_turn_response_b": "b two",
    "second_turn_response_c": None,
    "second_turn_response_d": None,
    "second_turn_preferred_response": "A",
    "third_turn_prompt": None,
    "third_turn_preferred_response": None,
}
ARGILLA: Row = {
    "id": "1",
    "status": "completed",
    "_server_id": "c0ffee",
    "instruction": "q",
    "response-1": "one",
    "response-2": "two",
    "response-3": "three",
    "ranking.responses": [
        [
            {"value": "response-3", "rank": 1},
            {"value": "response-1", "rank": 2},
            {"value": "response-2", "rank": 2},
        ],
        [{"value": "response-1", "rank": 1}, {"value": "response-2", "rank": 2}],
        [{"value": "response-2", "rank": 1}, {"value": "response-1", "rank": 2}],
    ],
    "ranking.responses.users": ["u1", "u2", "u3"],
    "ranking.responses.status": ["submitted", "discarded", "submitted"],
    "comment.responses": ["fine", "no", "yes"],
    "comment.responses.users": ["u1", "u2", "u3"],
    "comment.responses.status": ["submitted", "discarded", "submitted"],
}
BEST_FIRST: Row = {
    "prompt": "q",
    "response_1": "one",
    "response_2": "two",
    "ranking.responses": [["response-2", "response-1"]],
    "ranking.responses.users": ["u1"],
    "ranking.responses.status": ["submitted"],
}
COMPARISON: Row = {
    "id": "a4e9e77e",
    "prompt": None,
    "response_a": {"text": "left", "model": "gpt-4"},
    "response_b": {"text": "right", "model": "bard"},
    "annotations": {
        "ba751e7b": {"pref": "a"},
        "bf731c7f": {"pref": "b"},
        "29dbae6e": {"pref": None, "no_pref_reason": "not_applicable"},
    },
    "metadata": {"index": "0"},
}
COMPARISON_1: Row = {
    "id": "1",
    "prompt": "q",
    "text_a": "left",
    "text_b": "right",
    "annotations": {"ba751e7b": {"pref": "text_b"}},
    "metadata": {"model_a": "gpt-4", "model_b": "bard"},
}
ABOUT: Row = {
    "metadata": {"version": "2.0", "default_annotator": "ba751e7b"},
    "annotators": {"ba751e7b": {"name": "preferred_text", "type": "unknown"}},
}
EXAMPLE: Row = {
    "input_text": "q",
    "tags": ["Math", "Travel"],
    "output_text_a": "left",
    "output_text_b": "right",
    "score": -1.25,
    "individual_rater_scores": [{"score": 1.5, "is_flipped": False}],
    "custom_fields": {},
}
COMPARATOR: Row = {
    "metadata": {"source_path": "run 1", "custom_fields_schema": []},
    "models": [{"name": "Gemma 1.1"}, {"name": "Gemma 1.0"}],
    "examples": [EXAMPLE, EXAMPLE | {"score": 0.5}],
}

FAMILIES: tuple[Family, ...] = (
    UltraFeedback(), Tulu(), Prism(), CommunityAlignment(), SafeRlhf(), OpenAiSummaries(),
    OpenAiDpo(), Argilla(), AnnotatedPairs(), LlmComparator(),
)  # fmt: skip
SOURCES: dict[str, tuple[str, list[Row]]] = {
    "ultrafeedback": ("ultrafeedback", [ULTRAFEEDBACK]),
    "ultrafeedback cleaned": ("ultrafeedback", [CLEANED]),
    "ultrafeedback averaged": ("ultrafeedback", [AVERAGED]),
    "tulu": ("tulu", [TULU]),
    "tulu 405b": ("tulu", [TULU_405B]),
    "openai-dpo": ("openai-dpo", [DPO]),
    "openai-summaries": ("openai-summaries", [SUMMARIES, ARTICLE]),
    "pku-saferlhf": ("pku-saferlhf", [SAFE]),
    "pku-saferlhf single": ("pku-saferlhf", [SINGLE]),
    "prism utterances": ("prism", UTTERANCES),
    "prism conversations": ("prism", [CONVERSATION]),
    "community-alignment": ("community-alignment", [COMMUNITY]),
    "argilla": ("argilla", [ARGILLA]),
    "argilla best first": ("argilla", [BEST_FIRST]),
    "annotated-pairs": ("annotated-pairs", [ABOUT | {"comparisons": [COMPARISON]}]),
    "annotated-pairs 1": ("annotated-pairs", [ABOUT | {"comparisons": [COMPARISON_1]}]),
    "annotated-pairs rows": ("annotated-pairs", [COMPARISON]),
    "annotated-pairs 1 rows": ("annotated-pairs", [COMPARISON_1]),
    "llm-comparator": ("llm-comparator", [COMPARATOR]),
    "llm-comparator rows": ("llm-comparator", [EXAMPLE]),
}
"""A name for the source, the family's name, rows as the container gives them."""


def read(family: Family, *rows: Row) -> list[Any]:
    """Return what a family makes of rows: pairs and rejects, in order."""
    unfolded = family.unfold(list(enumerate(rows)))
    return [one for _, row in unfolded.rows if isinstance(row, dict) for one in family.parse(row)]
