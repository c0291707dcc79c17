"""One row of every published schema, the same row with its sides exchanged, and odd cells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import strategies as st

from wimhf.data.formats.families.alpaca import AlpacaEval
from wimhf.data.formats.families.arena import Arena
from wimhf.data.formats.families.auto_j import AutoJ
from wimhf.data.formats.families.helpsteer import HelpSteer2, HelpSteer3
from wimhf.data.formats.families.hh import HhTranscripts
from wimhf.data.formats.families.kaggle import ArenaKaggle
from wimhf.data.formats.families.native import Native
from wimhf.data.formats.families.pandalm import PandaLM
from wimhf.data.formats.families.shp import Shp
from wimhf.data.formats.families.trl import TrlPreference
from wimhf.data.formats.family import Family
from wimhf.data.pairs import Pair, RowReject

Row = dict[str, Any]


def turns(*contents: str, system: str | None = None) -> list[dict[str, str]]:
    """Build a conversation in which user and assistant take turns."""
    start = [] if system is None else [{"role": "system", "content": system}]
    roles = ("user", "assistant")
    return start + [{"role": roles[n % 2], "content": text} for n, text in enumerate(contents)]


def parts(*contents: str) -> list[dict[str, Any]]:
    """Build a conversation whose turns are lists of parts, as LMArena's 140k does."""
    return [
        {
            "role": turn["role"],
            "content": [{"type": "text", "text": turn["content"], "image": None, "mimeType": None}],
        }
        for turn in turns(*contents)
    ]


def only(family: Family, row: Row) -> Pair:
    """Return the one pair of a row."""
    (pair,) = family.parse(row)
    assert isinstance(pair, Pair)
    return pair


def rejected(family: Family, row: Row) -> RowReject:
    """Return why a row is not a pair."""
    with pytest.raises(RowReject) as caught:
        family.parse(row)
    return caught.value


def as_csv(row: Row) -> Row:
    """Return the row as a CSV file would give it back: every cell is text."""
    return {
        name: json.dumps(value)
        if isinstance(value, (list, dict))
        else ""
        if value is None
        else str(value)
        for name, value in row.items()
    }


ARENA: Row = {
    "question_id": "58210e39b3fd4441a2bd4a518bb44c2d",
    "model_a": "chatglm-6b",
    "model_b": "koala-13b",
    "winner": "model_b",
    "judge": "arena_user_973",
    "conversation_a": turns("What is OpenCL?", "A maker of hearing aids."),
    "conversation_b": turns("What is OpenCL?", "An open standard for parallel computing."),
    "turn": 1,
    "anony": True,
    "language": "English",
    "tstamp": 1682351591.1322,
    "toxic_chat_tag": {"roberta-large": {"flagged": False, "probability": 0.01}},
}
ARENA_100K: Row = {
    **{name: ARENA[name] for name in ("question_id", "model_a", "model_b", "turn", "language")},
    "winner": "tie (bothbad)",
    "conversation_a": turns("Sort [2, 1].", "[1, 2]", "Now backwards.", "[2, 1]"),
    "conversation_b": turns("Sort [2, 1].", "[1, 2]", "Now backwards.", "[1, 2]"),
    "turn": 2,
    "is_code": True,
    "judge_hash": "3b7a0bd2a7e0a5ef",
    "category_tag": {"math_v0.1": {"math": False}},
}
ARENA_140K: Row = {
    "id": "c4b9710c-8d64-4bee-a0b0-94637ae4cc65",
    "model_a": "gemini-2.5-pro",
    "model_b": "claude-3-7-sonnet",
    "winner": "both_bad",
    "evaluation_session_id": "a333a685-37f9-474d-b703-f079d8329552",
    "evaluation_order": 1,
    "conversation_a": parts("Name a bird.", "The great tit."),
    "conversation_b": parts("Name a bird.", "The great auk."),
    "full_conversation": [{"user": parts("Name a bird.")[0]}],
    "category_tag": {"if_v0.1": {"if": False, "score": 3}},
    "language": "en",
    "is_code": False,
    "timestamp": "2025-05-29T14:48:41.602925",
}
MT_BENCH: Row = {
    "question_id": 81,
    "model_a": "alpaca-13b",
    "model_b": "gpt-3.5-turbo",
    "winner": "model_b",
    "judge": "author_2",
    "conversation_a": turns("Write a post.", "Aloha.", "Start with A.", "A trip."),
    "conversation_b": turns("Write a post.", "My trip to Hawaii.", "Start with A.", "Aloha, all."),
    "turn": 1,
}
KAGGLE: Row = {
    "id": 30192,
    "model_a": "gpt-4-1106-preview",
    "model_b": "gpt-4-0613",
    "prompt": '["Is it right?", "And wrong?"]',
    "response_a": '["It depends.", "It depends too."]',
    "response_b": '["Yes.", "No."]',
    "winner_model_a": 1,
    "winner_model_b": 0,
    "winner_tie": 0,
}
ALPACA: Row = {
    "instruction": "Name some actors who began on Broadway.",
    "output_1": "Several actors did.",
    "generator_1": "gpt4_1106_preview",
    "dataset": "helpful_base",
    "output_2": " There are many.",
    "generator_2": "phi-2-sft",
    "annotator": "weighted_alpaca_eval_gpt4_turbo",
    "preference": 1.25,
    "price_per_example": 0.00938,
    "raw_completion": {"finish_reason": "length", "index": 0},
}
AUTO_J: Row = {
    "scenario": "post_summarization",
    "label": 1,
    "prompt": "Summarize the post.",
    "response 1": " A friend told me.",
    "response 2": " I told a friend.",
}
PANDALM: Row = {
    "idx": 0,
    "motivation_app": "Grammarly",
    "cmp_key": "bloom-7b_llama-7b",
    "instruction": "Make the sentence concise.",
    "input": "If you have any questions about my rate, ask.",
    "response1": "Ask about my rate.",
    "response2": "Ask.",
    "annotator1": 2,
    "annotator2": 1,
    "annotator3": 0,
}
SHP: Row = {
    "post_id": "himc90",
    "domain": "askacademia_train",
    "upvote_ratio": 0.99,
    "history": "In an interview right before receiving the Nobel prize ...",
    "c_root_id_A": "fwhp5mb",
    "created_at_utc_A": 1593460227,
    "score_A": 12,
    "human_ref_A": "Yes, and it is the same elsewhere.",
    "labels": 1,
    "score_B": 5,
    "human_ref_B": "Ask him.",
    "score_ratio": 2.4,
}
HELPSTEER3: Row = {
    "domain": "code",
    "language": "python",
    "context": turns("Sort a list.", "sorted(xs)", "In place."),
    "response1": "xs.sort()",
    "response2": "xs = sorted(xs)",
    "overall_preference": -2,
    "individual_preference": [
        {"score": -2, "reasoning": "In place.", "feedback1": "Right.", "feedback2": "A copy."},
        {"score": 1, "reasoning": "Clear.", "feedback1": "Terse.", "feedback2": "Clear."},
    ],
}
HELPSTEER2: Row = {
    "split": "train",
    "prompt": "c#",
    "response_1": "A language.",
    "response_2": "C# is a language by Microsoft.",
    "preference_strength": 1,
    "preference_statement": "Response 2 says more.",
    "all_preferences_unprocessed": [{"strength": 1, "justification": "It says more."}],
}
NATIVE: Row = {"prompt": "p", "response_a": "x", "response_b": "y", "label": 1}
TRL: Row = {"prompt": "q", "chosen": "good", "rejected": "bad"}
HH: Row = {
    "chosen": "\n\nHuman: q\n\nAssistant: good",
    "rejected": "\n\nHuman: q\n\nAssistant: bad",
}

FAMILIES: tuple[Family, ...] = (
    Native(), TrlPreference(), HhTranscripts(), Arena(), ArenaKaggle(), AlpacaEval(), AutoJ(),
    PandaLM(), Shp(), HelpSteer3(), HelpSteer2(),
)  # fmt: skip
BY_NAME = {family.name: family for family in FAMILIES}

ROWS: dict[str, tuple[str, Row]] = {
    "native": ("native", NATIVE),
    "trl": ("trl", TRL),
    "trl conversations": (
        "trl", {"chosen": turns("q", "good"), "rejected": turns("q", "bad")}
    ),
    "hh": ("hh", HH),
    "33k": ("arena", ARENA),
    "100k": ("arena", ARENA_100K),
    "140k": ("arena", ARENA_140K),
    "mt-bench": ("arena", MT_BENCH),
    "55k": ("arena-55k", KAGGLE),
    "55k plain": (
        "arena-55k", KAGGLE | {"prompt": "Right?", "response_a": "No.", "response_b": "Yes."}
    ),
    "alpaca-eval": ("alpaca-eval", ALPACA),
    "auto-j": ("auto-j", AUTO_J),
    "pandalm": ("pandalm", PANDALM),
    "shp": ("shp", SHP),
    "helpsteer3": ("helpsteer3", HELPSTEER3),
    "helpsteer3 individual": (
        "helpsteer3", {n: v for n, v in HELPSTEER3.items() if n != "overall_preference"}
    ),
    "helpsteer2": ("helpsteer2", HELPSTEER2),
}  # fmt: skip
"""A name for the row, the family's name, the row."""
LABELS = frozenset({
    "label", "winner", "winner_model_a", "winner_model_b", "winner_tie", "preference", "labels",
    "annotator1", "annotator2", "annotator3", "overall_preference", "individual_preference",
    "preference_strength",
})  # fmt: skip
"""Columns that hold labels."""


def exchanged(row: Row, *columns: tuple[str, str], **changes: Any) -> Row:
    """Return a row in which pairs of columns have changed places."""
    places = {one: other for pair in columns for one, other in (pair, pair[::-1])}
    return {name: row[places.get(name, name)] for name in row} | changes


MODELS = ("model_a", "model_b")
CONVERSATIONS = ("conversation_a", "conversation_b")
MIRRORED: dict[str, Row] = {
    "33k": exchanged(ARENA, MODELS, CONVERSATIONS, winner="model_a"),
    "100k": exchanged(ARENA_100K, MODELS, CONVERSATIONS),
    "140k": exchanged(ARENA_140K, MODELS, CONVERSATIONS),
    "mt-bench": exchanged(MT_BENCH, MODELS, CONVERSATIONS, winner="model_a"),
    "55k": exchanged(
        KAGGLE, MODELS, ("response_a", "response_b"), ("winner_model_a", "winner_model_b")
    ),
    "alpaca-eval": exchanged(
        ALPACA, ("output_1", "output_2"), ("generator_1", "generator_2"), preference=1.75
    ),
    "auto-j": exchanged(AUTO_J, ("response 1", "response 2"), label=0),
    "pandalm": exchanged(
        PANDALM, ("response1", "response2"), cmp_key="llama-7b_bloom-7b", annotator1=1, annotator2=2
    ),
    "shp": exchanged(SHP, ("human_ref_A", "human_ref_B"), ("score_A", "score_B"), labels=0),
    "helpsteer3": exchanged(HELPSTEER3, ("response1", "response2"), overall_preference=2),
    "helpsteer3 individual": exchanged(
        ROWS["helpsteer3 individual"][1],
        ("response1", "response2"),
        individual_preference=[{"score": 2}, {"score": -1}],
    ),
    "helpsteer2": exchanged(HELPSTEER2, ("response_1", "response_2"), preference_strength=-1),
}
"""The same judgements told from the other side."""

KEYS = st.sampled_from(["role", "content", "from", "value", "type", "text", "image", "score"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["user", "assistant", "model_a", "tie", "1", "-3", "[", '["x", null]'])
)
CELLS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=3)
        | inner.map(json.dumps)
    ),
    max_leaves=8,
)
"""Whatever a JSON file may hold in a cell, and the text of it."""
