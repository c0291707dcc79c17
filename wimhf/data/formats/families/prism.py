"""PRISM: people score several responses a turn; its utterances, or its conversations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import mostly, mostly_text, number
from wimhf.data.formats.cells_out import like, put, within
from wimhf.data.formats.choices import Exchange, Option, conversation_pairs
from wimhf.data.formats.conversations import messages
from wimhf.data.formats.family import (
    OWN_NAMES,
    CannotHold,
    Columns,
    Family,
    Numbered,
    Sample,
    Turns,
    Unfolded,
    decoded,
    optional_number,
    optional_text,
    text_of,
)
from wimhf.data.formats.nested import holds
from wimhf.data.formats.ranks import Wanted, judgements, levelled, levels, winner
from wimhf.data.pairs import Pair, RowReject

HISTORY = "conversation_history"
ANSWERING = ("model", "assistant")
SCALE = 1.0, 100.0
"""The least and the greatest score."""
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

    def unfold(self, rows: list[Numbered], columns: Columns = OWN_NAMES) -> Unfolded:
        """Gather the utterances of each turn of a conversation; other rows stay as they are.

        The layout says of every row that was gathered or stayed where it stood.
        """
        found: list[Row | RowReject] = []
        stood: list[list[int] | int] = []
        turns: dict[tuple[str, str], tuple[list[Row], list[int]]] = {}
        for at, (_, row) in enumerate(rows):
            known = row if isinstance(row, RowReject) else self.renamed(row, columns)
            key = None if isinstance(known, RowReject) else _turn_of(known)
            if isinstance(row, RowReject) or isinstance(known, RowReject) or key is None:
                found.append(row)
                stood.append(at)
                continue
            if key not in turns:
                turns[key] = [], []
                told = {name: known[name] for name in ("conversation_id", "turn")}
                found.append({**told, "utterances": turns[key][0]})
                stood.append(turns[key][1])
            turns[key][0].append(row)
            turns[key][1].append(at)
        return Unfolded(list(enumerate(found)), layout={"stood": stood} if turns else None)

    def fold(self, rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
        """Return the utterances again, each where it stood."""
        if layout is None:
            return list(rows)
        found: list[tuple[int, Row | RowReject]] = []
        for row, stood in zip(rows, layout["stood"], strict=True):
            if isinstance(stood, int) or isinstance(row, RowReject):
                found.append((stood, row))
            else:
                found += zip(stood, row["utterances"], strict=True)
        return [row for _, row in sorted(found, key=lambda one: one[0])]

    def renamed(self, row: Row, columns: Columns) -> Row:
        """Rename the columns of gathered utterances too."""
        found = super().renamed(row, columns)
        if not columns or not _is_gathered(row):
            return found
        inner = [super(Prism, self).renamed(one, columns) for one in row["utterances"]]
        return {**found, "utterances": inner}

    def with_own_names(self, row: Row, changed: Row, columns: Columns) -> Row:
        """Give the columns of gathered utterances their own names too."""
        if not columns or not _is_gathered(row):
            return super().with_own_names(row, changed, columns)
        ones = zip(row["utterances"], changed["utterances"], strict=True)
        inner = [super(Prism, self).with_own_names(*both, columns) for both in ones]
        return {**row, "utterances": inner}

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return every pair of a turn's responses, or of each turn of a conversation."""
        name = _cell(row)
        entries = _entries(row[name], name)
        about = row if name == HISTORY else entries[0]
        return conversation_pairs(
            _exchanges(entries, name),
            annotator=optional_text(about, "user_id"),
            conversation_id=optional_text(about, "conversation_id"),
            subset=optional_text(about, "conversation_type"),
        )

    def write_labels(
        self, row: Row, labels: Mapping[int, float | None], changed: Mapping[int, float | None]
    ) -> Row:
        """Write scores whose order is the labels' of a turn; without scores, which is chosen.

        A turn's scores change places; only where more of them must differ than did are there new
        ones between them. With scores, if_chosen stays: it says what the next turn replied to.
        """
        name = _cell(row)

        def change(cell: Any) -> Any:
            entries = _entries(cell, name)
            new: dict[int, Row] = {}
            for _, options, wanted in judgements(_exchanges(entries, name), labels, changed):
                new |= _scored(options, wanted)
            return [new.get(id(entry), entry) for entry in entries]

        return put(row, name, within(row[name], change))


def _scored(options: Sequence[Option], wanted: Wanted) -> dict[int, Row]:
    """Return by its id what becomes of each answer of a turn."""
    scores = [option.score for option in options if option.score is not None]
    origins = [option.origin for option in options]
    if len(scores) == len(options):
        values = levelled(scores, levels(len(options), wanted), *SCALE)
        column, cells = "score", [like(o["score"], v) for o, v in zip(origins, values, strict=True)]
    elif scores or sum(option.chosen for option in options) != 1:
        raise CannotHold("neither scores nor if_chosen can say the labels of a turn")
    else:
        won = winner(len(options), wanted)
        was = next(at for at, option in enumerate(options) if option.chosen)
        column, cells = "if_chosen", [origin.get("if_chosen") for origin in origins]
        cells[won], cells[was] = cells[was], cells[won]
    return {
        id(origin): put(origin, column, cell) for origin, cell in zip(origins, cells, strict=True)
    }


def _is_gathered(row: Row) -> bool:
    """Say whether ``unfold`` made the row, or one like it."""
    inside = row.get("utterances")
    return isinstance(inside, list) and all(isinstance(one, dict) for one in inside)


def _cell(row: Row) -> str:
    """Return which column holds the answers."""
    for name in (HISTORY, "utterances"):
        if row.get(name) is not None:
            return name
    raise RowReject("missing conversation_id or turn", "utterances are gathered by both")


def _exchanges(entries: list[Row], name: str) -> Iterator[Exchange | RowReject]:
    if name == HISTORY:
        return _by_turn(entries)
    asked = [{"role": "user", "content": text_of(entries[0], "user_prompt")}]
    return _exchange(asked, entries, "model_response")


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


def _entries(cell: Any, name: str) -> list[Row]:
    entries = decoded(cell)
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
                origin=answer,
            )
        except RowReject as reject:
            yield reject
        else:
            options.append(option)
    yield Exchange(asked, options)


def _place(answer: Row) -> float:
    place = number(answer.get("within_turn_id"))
    return math.inf if place is None else place
