"""Argilla's exports: fields in columns, and a question in which annotators rank some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import (
    as_text,
    decoded,
    empty,
    not_understood,
    number,
    shown,
    text_of,
)
from wimhf.data.formats.cells_out import like, put, put_at, within
from wimhf.data.formats.choices import Exchange, Option, conversation_pairs
from wimhf.data.formats.columns import Sample, Schema
from wimhf.data.formats.conversations import messages, user_turn
from wimhf.data.formats.family import CannotHold
from wimhf.data.formats.ranks import Ranked, Wanted, levels
from wimhf.data.pairs import Pair, RowReject, Turns

RESPONSES = ".responses"
PROMPTS = ("prompt", "instruction", "question")


class Ranking(NamedTuple):
    """What one annotator answered to a question: the ``place``th of its answers."""

    question: str
    place: int
    annotator: str | None
    subset: str | None
    entries: object


class Argilla(Ranked):
    """Fields, and a ranking of them per annotator: one pair per annotator and two options."""

    name = "argilla"
    expects = (
        "prompt, instruction or question; columns of responses; QUESTION.responses, per annotator "
        "the names of those columns, best first, or a list of {value, rank}; "
        "QUESTION.responses.users, QUESTION.responses.status"
    )
    narrows = ("native", "trl")
    polarity = (
        "the label favours the response that an annotator ranked higher, of which A is the one "
        "with the earlier column; equal ranks are a tie"
    )
    schema = Schema(*PROMPTS)

    def matches(self, sample: Sample) -> bool:
        """Say whether a question's answers name columns, in most that have any."""
        fields = _fields(sample.columns)
        for question in _questions(sample.columns):
            answered = [value for value in sample.values(question) if _listed(value)]
            named = sum(_names_fields(value, fields) for value in answered)
            if named > len(answered) / 2:
                return True
        return False

    def exchanges(self, row: Row) -> list[Exchange | RowReject]:
        """Return every submitted ranking of the responses to the prompt."""
        turns = _asked(row)
        return [_exchange(row, turns, ranking) for ranking in _rankings(row)]

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pairs of every submitted ranking; several questions become subsets."""
        pairs: list[Pair | RowReject] = []
        for ranking, exchange in zip(_rankings(row), self.exchanges(row), strict=True):
            about = {"annotator": ranking.annotator, "subset": ranking.subset}
            pairs += conversation_pairs([exchange], self.reading.pairs, **about)
        if not pairs:
            raise RowReject("no submitted ranking", "no annotator ranked two of the columns")
        return pairs

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write a ranking whose order is the labels'.

        Ranks change places, or are counted from 1 where another number of them is needed; names
        without ranks, best first, change their order.
        """
        ranking, fields, names = _rankings(row)[turn], _fields(row), list(row)
        order = levels(len(options), wanted)
        level = {names[one.place]: at for one, at in zip(options, order, strict=True)}

        def reordered(entries: list[object]) -> list[object]:
            return _reordered(entries, [level[fields[_plain(_named(one))]] for one in entries])

        answer = within(ranking.entries, reordered)
        return put(row, ranking.question, put_at(row[ranking.question], (ranking.place,), answer))


def _rankings(row: Row) -> list[Ranking]:
    """Return the submitted answers to all questions that name columns."""
    fields = _fields(row)
    questions = [name for name in _questions(row) if _names_fields(row[name], fields)]
    rankings = []
    for question in questions:
        subset = question.removesuffix(RESPONSES) if len(questions) > 1 else None
        users, states = _listed(row.get(f"{question}.users")), row.get(f"{question}.status")
        for place, entries in enumerate(_listed(row[question])):
            state = _listed(states)[place : place + 1]
            if empty(entries) or not (states is None or state == ["submitted"]):
                continue
            user = as_text(users[place]) if place < len(users) else None
            rankings.append(Ranking(question, place, user, subset, entries))
    return rankings


def _exchange(row: Row, turns: Turns, ranking: Ranking) -> Exchange | RowReject:
    """Return the ranked options in the order of their columns."""
    try:
        scores = _scores(ranking.entries, _fields(row))
        return Exchange(turns, [
            Option(text_of(row, name), scores[name], place=place)
            for place, name in enumerate(row)
            if name in scores
        ])  # fmt: skip
    except RowReject as reject:
        return reject


def _reordered(entries: list[object], order: list[int]) -> list[object]:
    """Return ranked entries with the levels that they shall have, 0 the best."""
    ranks = [number(one.get("rank")) if isinstance(one, dict) else None for one in entries]
    known = sorted({rank for rank in ranks if rank is not None})
    if None not in ranks:
        values = known if len(known) > max(order) else list(range(1, max(order) + 2))
        return [
            {**one, "rank": like(one["rank"], values[level])}
            for one, level in zip(entries, order, strict=True)
            if isinstance(one, dict)
        ]
    if known or len(set(order)) < len(order):
        raise CannotHold("names without ranks, best first, cannot say a tie")
    return [one for _, one in sorted(zip(order, entries, strict=True), key=lambda both: both[0])]


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]+", "_", name.lower())


def _fields(columns: Iterable[str]) -> dict[str, str]:
    return {_plain(name): name for name in columns}


def _questions(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if name.endswith(RESPONSES)]


def _listed(value: object) -> list[object]:
    items = decoded(value)
    return items if isinstance(items, list) else []


def _named(entry: object) -> str:
    """Return what a ranked entry names, nothing where that is no text."""
    name = entry.get("value") if isinstance(entry, dict) else entry
    return name if isinstance(name, str) else ""


def _names_fields(value: object, fields: dict[str, str]) -> bool:
    """Say whether the answers to a question are lists that name columns."""
    entries = (entry for ranking in _listed(value) for entry in _listed(ranking))
    return any(_plain(_named(entry)) in fields for entry in entries)


def _scores(ranking: object, fields: dict[str, str]) -> dict[str, float | None]:
    """Return by its column minus the rank of every option, None where it has none."""
    scores: dict[str, float | None] = {}
    for entry in _listed(ranking):
        name = entry.get("value") if isinstance(entry, dict) else entry
        column = fields.get(_plain(name)) if isinstance(name, str) else None
        if column is None:
            raise RowReject("ranked option is not a column", f"it is {shown(name)}")
        if column in scores:
            raise not_understood(ranking, "ranking")
        rank = number(entry.get("rank")) if isinstance(entry, dict) else None
        scores[column] = None if rank is None else -rank
    if all(score is None for score in scores.values()):  # the order is the ranking
        return {column: -float(place) for place, column in enumerate(scores, start=1)}
    return scores


def _asked(row: Row) -> Turns:
    name = next((name for name in PROMPTS if not empty(row.get(name))), None)
    if name is None:
        return []
    return user_turn(row[name]) if isinstance(row[name], str) else messages(row[name], name)
