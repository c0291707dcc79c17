"""Argilla's exports: fields in columns, and a question in which annotators rank some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from wimhf.formats.base import Family, Row, Sample, decoded, messages, optional_text, text_of
from wimhf.formats.choices import Option, compared
from wimhf.formats.trl import Turns
from wimhf.formats.values import empty, not_understood, number, shown
from wimhf.schema import Pair, RowReject

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
            for user, ranking in _submitted(row, question):
                try:
                    options = _options(row, _scores(ranking, fields))
                    found += compared(options, turns, annotator=user, subset=subset)
                except RowReject as reject:
                    found.append(reject)
        if not found:
            raise RowReject("no submitted ranking", "no annotator ranked two of the columns")
        return found


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


def _submitted(row: Row, question: str) -> Iterator[tuple[str | None, Any]]:
    users, states = _listed(row.get(f"{question}.users")), row.get(f"{question}.status")
    for place, ranking in enumerate(_listed(row[question])):
        state = _listed(states)[place : place + 1]
        if empty(ranking) or not (states is None or state == ["submitted"]):
            continue
        user = users[place] if place < len(users) else None
        yield optional_text({"user": user}, "user"), ranking


def _options(row: Row, scores: dict[str, float | None]) -> list[Option]:
    """Return the ranked options in the order of their columns."""
    return [Option(text_of(row, name), scores[name]) for name in row if name in scores]


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
