"""Argilla's exports: fields in columns, and a question in which annotators rank some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, not_understood, number, shown
from wimhf.data.formats.cells_out import like, put, within
from wimhf.data.formats.choices import Exchange, Option, compared
from wimhf.data.formats.conversations import messages
from wimhf.data.formats.family import (
    CannotHold,
    Family,
    Sample,
    Turns,
    decoded,
    optional_text,
    text_of,
)
from wimhf.data.formats.ranks import judgements, levels
from wimhf.data.pairs import Pair, RowReject

RESPONSES = ".responses"
PROMPTS = ("prompt", "instruction", "question")


class Argilla(Family):
    """Fields, and a ranking of them per annotator: one pair per annotator and two options."""

    name = "argilla"
    expects = (
        "prompt, instruction or question; columns of responses; QUESTION.responses, per annotator "
        "the names of those columns, best first, or a list of {value, rank}; "
        "QUESTION.responses.users, QUESTION.responses.status"
    )
    columns = frozenset(PROMPTS)
    narrows = ("native", "trl")
    polarity = (
        "the label favours the response that an annotator ranked higher, of which A is the one "
        "with the earlier column; equal ranks are a tie"
    )

    def matches(self, sample: Sample) -> bool:
        """Say whether a question's answers name columns, in most that have any."""
        fields = _fields(sample.columns)
        for question in _questions(sample.columns):
            answered = [value for value in sample.values(question) if _listed(value)]
            named = sum(_names_fields(value, fields) for value in answered)
            if named > len(answered) / 2:
                return True
        return False

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pairs of every submitted ranking; several questions become subsets."""
        fields = _fields(row)
        turns = _asked(row)
        questions = [name for name in _questions(row) if _names_fields(row[name], fields)]
        found: list[Pair | RowReject] = []
        for question in questions:
            subset = question.removesuffix(RESPONSES) if len(questions) > 1 else None
            for _, user, ranking in _submitted(row, question):
                try:
                    options = _options(row, _scores(ranking, fields))
                    found += compared(options, turns, annotator=user, subset=subset)
                except RowReject as reject:
                    found.append(reject)
        if not found:
            raise RowReject("no submitted ranking", "no annotator ranked two of the columns")
        return found

    def write_labels(
        self, row: Row, labels: Mapping[int, float | None], changed: Mapping[int, float | None]
    ) -> Row:
        """Write rankings whose order is the labels'.

        Ranks change places, or are counted from 1 where another number of them is needed; names
        without ranks, best first, change their order.
        """
        fields = _fields(row)
        questions = [name for name in _questions(row) if _names_fields(row[name], fields)]
        rankings = [
            (question, place, ranking)
            for question in questions
            for place, _, ranking in _submitted(row, question)
        ]
        exchanges = (_ranked(row, ranking, fields) for _, _, ranking in rankings)
        for at, options, wanted in judgements(exchanges, labels, changed):
            question, place, _ = rankings[at]
            order = dict(
                zip(
                    (option.origin for option in options),
                    levels(len(options), wanted),
                    strict=True,
                )
            )
            row = put(row, question, _with_ranking(row[question], place, order, fields))
        return row


def _ranked(row: Row, ranking: Any, fields: dict[str, str]) -> Exchange | RowReject:
    try:
        return Exchange([], _options(row, _scores(ranking, fields)))
    except RowReject as reject:
        return reject


def _with_ranking(cell: Any, place: int, order: dict[str, int], fields: dict[str, str]) -> Any:
    """Return a question's answers with another order in one place."""

    def reordered(entries: Any) -> Any:
        return _reordered(entries, [order[fields[_plain(_named(one))]] for one in entries])

    def change(answers: Any) -> Any:
        return [*answers[:place], within(answers[place], reordered), *answers[place + 1 :]]

    return within(cell, change)


def _reordered(entries: list[Any], order: list[int]) -> list[Any]:
    """Return ranked entries with the levels that they shall have, 0 the best."""
    ranks = [number(one.get("rank")) if isinstance(one, dict) else None for one in entries]
    known = sorted({rank for rank in ranks if rank is not None})
    if None not in ranks:
        values = known if len(known) > max(order) else list(range(1, max(order) + 2))
        return [
            {**one, "rank": like(one["rank"], values[level])}
            for one, level in zip(entries, order, strict=True)
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


def _listed(value: Any) -> list[Any]:
    found = decoded(value)
    return found if isinstance(found, list) else []


def _named(entry: Any) -> Any:
    return entry.get("value") if isinstance(entry, dict) else entry


def _names_fields(value: Any, fields: dict[str, str]) -> bool:
    """Say whether the answers to a question are lists that name columns."""
    names = [_named(entry) for ranking in _listed(value) for entry in _listed(ranking)]
    return any(isinstance(name, str) and _plain(name) in fields for name in names)


def _submitted(row: Row, question: str) -> Iterator[tuple[int, str | None, Any]]:
    """Yield place, annotator and ranking."""
    users, states = _listed(row.get(f"{question}.users")), row.get(f"{question}.status")
    for place, ranking in enumerate(_listed(row[question])):
        state = _listed(states)[place : place + 1]
        if empty(ranking) or not (states is None or state == ["submitted"]):
            continue
        user = users[place] if place < len(users) else None
        yield place, optional_text({"user": user}, "user"), ranking


def _options(row: Row, scores: dict[str, float | None]) -> list[Option]:
    """Return the ranked options in the order of their columns."""
    return [Option(text_of(row, name), scores[name], origin=name) for name in row if name in scores]


def _scores(ranking: Any, fields: dict[str, str]) -> dict[str, float | None]:
    """Return by its column minus the rank of every option, None where it has none."""
    scores: dict[str, float | None] = {}
    for entry in _listed(ranking):
        name = _named(entry)
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
    if isinstance(row[name], str):
        return [{"role": "user", "content": row[name]}]
    return messages(row[name], name)
