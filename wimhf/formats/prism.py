"""PRISM: people score several responses a turn; its utterances, or its conversations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from wimhf.formats.base import (
    Family,
    Numbered,
    Row,
    Sample,
    Unfolded,
    decoded,
    messages,
    optional_number,
    optional_text,
    text_of,
)
from wimhf.formats.choices import Exchange, Option, conversation_pairs
from wimhf.formats.nested import holds
from wimhf.formats.trl import Turns
from wimhf.formats.values import mostly, mostly_text, number
from wimhf.schema import Pair, RowReject

HISTORY = "conversation_history"
ANSWERING = ("model", "assistant")
TRUE = ("true", "1", "1.0")


class Prism(Family):
    """A row per response (gathered by turn), or per conversation; every pair of a turn."""

    name = "prism"
    expects = (
        "utterances: conversation_id, user_id, turn, within_turn_id, user_prompt, model_response, "
        "model_name, score, if_chosen; or conversations: conversation_history, a list of "
        "{turn, role, content, score, if_chosen, model_name}"
    )
    columns = frozenset({
        "conversation_id", "user_id", "turn", "within_turn_id", "user_prompt", "model_response",
        "model_name", "score", "if_chosen", "conversation_type", HISTORY,
    })  # fmt: skip
    polarity = (
        "the label favours the response of a turn that has the higher score, the earlier of the "
        "two being A; equal scores are a tie; without scores it favours the chosen response"
    )

    def matches(self, sample: Sample) -> bool:
        """Look for responses by turn with scores or choices, or histories of them."""
        judged = mostly(sample, "score", _is_number, if_empty=True) or mostly(
            sample, "if_chosen", _is_flag, if_empty=True
        )
        named = {"conversation_id", "turn"} <= sample.columns
        utterances = named and judged and mostly_text(sample, "user_prompt", "model_response")
        return utterances or mostly(sample, HISTORY, _is_history)

    def unfold(self, rows: list[Numbered]) -> Unfolded:
        """Gather the utterances of each turn of a conversation; other rows stay as they are."""
        found: list[Row | RowReject] = []
        turns: dict[tuple[str, str], list[Row]] = {}
        for _, row in rows:
            key = None if isinstance(row, RowReject) else _turn_of(row)
            if isinstance(row, RowReject) or key is None:
                found.append(row)
            elif key in turns:
                turns[key].append(row)
            else:
                turns[key] = [row]
                told = {name: row[name] for name in ("conversation_id", "turn")}
                found.append({**told, "utterances": turns[key]})
        return Unfolded(list(enumerate(found)))

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return every pair of a turn's responses, or of each turn of a conversation."""
        if row.get(HISTORY) is not None:
            about, exchanges = row, _by_turn(_entries(row, HISTORY))
        elif row.get("utterances") is not None:
            utterances = _entries(row, "utterances")
            about = utterances[0]
            asked = [{"role": "user", "content": text_of(about, "user_prompt")}]
            exchanges = _exchange(asked, utterances, "model_response")
        else:
            raise RowReject("missing conversation_id or turn", "utterances are gathered by both")
        return conversation_pairs(
            exchanges,
            annotator=optional_text(about, "user_id"),
            conversation_id=optional_text(about, "conversation_id"),
            subset=optional_text(about, "conversation_type"),
        )


def _is_number(value: Any) -> bool:
    return number(value) is not None


def _is_flag(value: Any) -> bool:
    return _word(value) in (*TRUE, "false", "0", "0.0")


def _is_history(value: Any) -> bool:
    return holds(value, "turn", "role", "content")


def _word(value: Any) -> str:
    return str(value).strip().lower()


def _turn_of(row: Row) -> tuple[str, str] | None:
    """Return what an utterance is gathered by; None for other rows."""
    conversation, turn = optional_text(row, "conversation_id"), optional_text(row, "turn")
    if row.keys() & {HISTORY, "utterances"} or conversation is None or turn is None:
        return None
    return conversation, turn


def _entries(row: Row, name: str) -> list[Row]:
    entries = decoded(row[name])
    if not isinstance(entries, list) or not entries:
        raise RowReject(f"{name} is not a list", f"{name} holds a {type(entries).__name__}")
    if not all(isinstance(entry, dict) for entry in entries):
        raise RowReject(f"{name} holds what is not an object")
    return entries


def _by_turn(entries: list[Row]) -> Iterator[Exchange | RowReject]:
    turns: dict[str, list[Row]] = {}
    for entry in entries:
        turns.setdefault(str(entry.get("turn")), []).append(entry)
    for turn, said in turns.items():
        answers = [entry for entry in said if entry.get("role") in ANSWERING]
        asked = [entry for entry in said if entry.get("role") not in ANSWERING]
        if not asked:
            yield RowReject("turn without a prompt", f"turn {turn:.60}")
            continue
        try:
            prompt = messages(asked, HISTORY)
        except RowReject as reject:
            yield reject
        else:
            yield from _exchange(prompt, answers, "content")


def _exchange(asked: Turns, answers: list[Row], text: str) -> Iterator[Exchange | RowReject]:
    """Yield the exchange behind a reject of each answer that cannot be used."""
    options = []
    for answer in sorted(answers, key=_place):
        try:
            option = Option(
                text=text_of(answer, text),
                score=optional_number(answer, "score"),
                chosen=_word(answer.get("if_chosen")) in TRUE,
                model=optional_text(answer, "model_name"),
            )
        except RowReject as reject:
            yield reject
        else:
            options.append(option)
    yield Exchange(asked, options)


def _place(answer: Row) -> float:
    place = number(answer.get("within_turn_id"))
    return math.inf if place is None else place
