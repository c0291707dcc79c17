"""PRISM: people score several responses a turn; its utterances, or its conversations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import (
    decoded,
    holds,
    number,
    optional_number,
    optional_text,
    text_of,
)
from wimhf.data.formats.cells_out import like, put, put_at
from wimhf.data.formats.choices import Exchange, Option
from wimhf.data.formats.columns import Sample, Schema, optional
from wimhf.data.formats.conversations import messages, user_turn
from wimhf.data.formats.family import CannotHold
from wimhf.data.formats.gathered import GATHERED, Gathered
from wimhf.data.formats.ranks import Ranked, Wanted, levelled, levels, winner
from wimhf.data.pairs import Fields, RowReject, Turns

HISTORY = "conversation_history"
ANSWERING = ("model", "assistant")
SCALE = 1.0, 100.0
"""The least and the greatest score."""
TRUE = ("true", "1", "1.0")
FALSE = ("false", "0", "0.0")
Placed = list[tuple[int, Row]]
"""Entries of a turn or of a history, each with its place in the list that holds it."""


class Prism(Gathered, Ranked):
    """A row per response (gathered by turn), or per conversation; every pair of a turn."""

    name = "prism"
    expects = (
        "utterances: conversation_id, user_id, turn, within_turn_id, user_prompt, model_response, "
        "model_name, score, if_chosen; or conversations: conversation_history, a list of "
        "{turn, role, content, score, if_chosen, model_name}"
    )
    polarity = (
        "the label favours the response of a turn that has the higher score, the earlier of the "
        "two being A; equal scores are a tie; without scores it favours the chosen response"
    )

    schema = Schema(
        "turn", "within_turn_id", "user_prompt", "model_response", "model_name", "score",
        "if_chosen", HISTORY,
        annotator=optional("user_id"),
        conversation_id=optional("conversation_id"),
        subset=optional("conversation_type"),
    )  # fmt: skip

    def matches(self, sample: Sample) -> bool:
        """Look for responses by turn with scores or choices, or histories of them."""
        judged = sample.mostly(
            "score", lambda value: number(value) is not None, if_empty=True
        ) or sample.mostly("if_chosen", lambda value: _word(value) in TRUE + FALSE, if_empty=True)
        named = {"conversation_id", "turn"} <= sample.columns
        utterances = named and judged and sample.mostly_text("user_prompt", "model_response")
        return utterances or sample.mostly(
            HISTORY, lambda value: holds(value, "turn", "role", "content")
        )

    def gathered_by(self, row: Row) -> Row | None:
        """Gather the utterances of each turn of a conversation."""
        conversation, turn = optional_text(row, "conversation_id"), optional_text(row, "turn")
        if row.keys() & {HISTORY, GATHERED} or conversation is None or turn is None:
            return None
        return {"conversation_id": row["conversation_id"], "turn": row["turn"]}

    def fields(self, row: Row) -> Fields:
        """Return what a conversation says, or the first utterance of a turn."""
        name, entries = _entries(row)
        return self.schema.read(row if name == HISTORY else entries[0])

    def exchanges(self, row: Row) -> Iterator[Exchange | RowReject]:
        """Return the turn whose utterances were gathered, or each turn of a conversation."""
        name, entries = _entries(row)
        if name == HISTORY:
            return _by_turn(entries)
        asked = user_turn(text_of(entries[0], "user_prompt"))
        return _exchange(asked, list(enumerate(entries)), "model_response")

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write scores whose order is the labels' of a turn; without scores, which is chosen.

        A turn's scores change places; only where more of them must differ than did are there new
        ones between them. With scores, if_chosen stays: it says what the next turn replied to.
        """
        name, entries = _entries(row)
        answers = [entries[option.place] for option in options]
        column, cells = _ordered(answers, options, wanted)
        new = {
            option.place: put(answer, column, cell)
            for option, answer, cell in zip(options, answers, cells, strict=True)
        }
        for place, answer in new.items():
            row = put(row, name, put_at(row[name], (place,), answer))
        return row


def _ordered(
    answers: list[Row], options: Sequence[Option], wanted: Wanted
) -> tuple[str, list[object]]:
    """Return which column of the answers of a turn says the labels, and its cells."""
    scores = [option.score for option in options if option.score is not None]
    if len(scores) == len(options):
        values = levelled(scores, levels(len(options), wanted), *SCALE)
        return "score", [like(a["score"], v) for a, v in zip(answers, values, strict=True)]
    if scores or sum(option.chosen for option in options) != 1:
        raise CannotHold("neither scores nor if_chosen can say the labels of a turn")
    won = winner(len(options), wanted)
    was = next(at for at, option in enumerate(options) if option.chosen)
    cells = [answer.get("if_chosen") for answer in answers]
    cells[won], cells[was] = cells[was], cells[won]
    return "if_chosen", cells


def _entries(row: Row) -> tuple[str, list[Row]]:
    """Return which column holds the answers, and what it holds."""
    name = next((name for name in (HISTORY, GATHERED) if row.get(name) is not None), None)
    if name is None:
        raise RowReject("missing conversation_id or turn", "utterances are gathered by both")
    entries = decoded(row[name])
    if not isinstance(entries, list) or not entries:
        raise RowReject(f"{name} is not a list", f"{name} holds a {type(entries).__name__}")
    if not all(isinstance(entry, dict) for entry in entries):
        raise RowReject(f"{name} holds what is not an object")
    return name, entries


def _word(value: object) -> str:
    return str(value).strip().lower()


def _by_turn(entries: list[Row]) -> Iterator[Exchange | RowReject]:
    turns: dict[str, Placed] = {}
    for place, entry in enumerate(entries):
        turns.setdefault(str(entry.get("turn")), []).append((place, entry))
    for turn, placed in turns.items():
        answers = [one for one in placed if one[1].get("role") in ANSWERING]
        asked = [entry for _, entry in placed if entry.get("role") not in ANSWERING]
        if not asked:
            yield RowReject("turn without a prompt", f"turn {turn:.60}")
            continue
        try:
            prompt = messages(asked, HISTORY)
        except RowReject as reject:
            yield reject
        else:
            yield from _exchange(prompt, answers, "content")


def _exchange(asked: Turns, answers: Placed, text: str) -> Iterator[Exchange | RowReject]:
    """Yield the exchange behind a reject of each answer that cannot be used."""
    options = []
    for place, answer in sorted(answers, key=_within_turn):
        try:
            option = Option(
                text=text_of(answer, text),
                score=optional_number(answer, "score"),
                chosen=_word(answer.get("if_chosen")) in TRUE,
                model=optional_text(answer, "model_name"),
                place=place,
            )
        except RowReject as reject:
            yield reject
        else:
            options.append(option)
    yield Exchange(asked, options)


def _within_turn(placed: tuple[int, Row]) -> float:
    place = number(placed[1].get("within_turn_id"))
    return math.inf if place is None else place
