"""One answer a row, of which those to the same prompt are compared by their ratings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import missing, optional_text
from wimhf.data.formats.cells_out import like, put, put_at
from wimhf.data.formats.choices import Exchange, Option
from wimhf.data.formats.columns import Sample, Schema, optional, optional_figure
from wimhf.data.formats.conversations import Told, prompt_text
from wimhf.data.formats.encoded import SPEAKERS, talk_in
from wimhf.data.formats.gathered import GATHERED, Gathered, gathered_rows
from wimhf.data.formats.listed import (
    MODELS,
    RANKS,
    SCORES,
    Listed,
    answer_text,
    figure_of,
    filled,
    list_in,
    new_figures,
)
from wimhf.data.formats.names import better_sides, two_sides
from wimhf.data.formats.prompts import COLUMNS, before_response, used_columns
from wimhf.data.formats.ranks import Wanted
from wimhf.data.formats.roles import role_of
from wimhf.data.pairs import Fields, RowReject, Turns

ANSWERS = (
    "response", "answer", "completion", "output", "generation", "reply", "text", "assistant",
)  # fmt: skip
VERDICTS = ("label", "kto_tag", "is_chosen", "desirable", "thumbs_up", "chosen")
"""Columns of verdicts that are true or false."""
TRUTHS = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "desirable": 1.0, "undesirable": 0.0}
TALKS = ("messages", "conversations", "conversation")


class OneARow(Gathered, Listed):
    """prompt, response and a rating: the responses to a prompt, every two of them."""

    name = "one-a-row"
    expects = (
        "one answer a row: prompt, response (or messages), and a rating (helpfulness, score, rank) "
        "or a verdict that is true or false; prompts repeat"
    )
    polarity = (
        "the label favours the response to a prompt that has the higher rating, or the lower "
        "rank; equal ones are a tie; sides A and B were drawn by a hash of each pair"
    )
    schema = Schema(
        "prompt", "response", "rating", *COLUMNS, *ANSWERS, *RANKS, *SCORES, *VERDICTS,
        weight=optional_figure("weight", default=1.0),
        annotator=optional("annotator"),
        subset=optional("subset", "source", "domain", "category"),
    )  # fmt: skip

    def matches(self, sample: Sample) -> bool:
        """Look for one response and one rating of it, in most rows."""
        if two_sides(sample.columns) is not None or better_sides(sample.columns) is not None:
            return False
        fitting = sum(_rated(row) for row in sample.rows)
        return fitting > len(sample.rows) / 2

    def only_verdicts(self, head: Sequence[Row | RowReject]) -> bool:
        """Say whether most rows have no other rating than true or false."""
        rows = [row for row in head if not isinstance(row, RowReject)]
        return sum(map(is_verdict, rows)) > len(rows) / 2

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the columns that are read of these."""
        there = frozenset(columns)
        answers = [name for name in ANSWERS if name in there][:1]
        ratings = [name for name in ("rating", *RANKS, *SCORES, *VERDICTS) if name in there][:1]
        own = {name for column in self.schema.columns.values() for name in column.names}
        return there & (used_columns(there) | {*answers, *ratings, *MODELS, *own})

    def gathered_by(self, row: Row) -> Row | None:
        """Gather the answers to the same conversation."""
        if GATHERED in row:
            return None
        try:
            turns, _ = self._read(row, [])
        except RowReject:
            return None
        return {"prompt": prompt_text(turns)} if turns else None

    def fields(self, row: Row) -> Fields:
        """Return what the first answer to the prompt says."""
        return self.schema.read(_rows(row)[0])

    def exchanges(self, row: Row) -> Iterator[Exchange | RowReject]:
        """Return the prompt and its answers, and a reject for each that cannot be used."""
        asked: Turns = []
        options: list[Option] = []
        for place, one in enumerate(_rows(row)):
            try:
                asked, text = self._read(one, [])
                name = rating_name(one)
                if name is None:
                    raise RowReject("answer without a rank or score")
                model = optional_text(one, *MODELS)
                options.append(Option(text, score=_rating(one, name), model=model, place=place))
            except RowReject as reject:
                yield reject
        if len(options) == 1:
            yield RowReject("the only answer to its prompt", "there is none to compare it with")
        elif options:
            yield Exchange(asked, options)

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write ratings whose order is the labels'."""
        rows = [_rows(row)[option.place] for option in options]
        names = [str(rating_name(one)) for one in rows]
        cells = [one[name] for one, name in zip(rows, names, strict=True)]
        figures = [TRUTHS.get(str(cell).lower(), cell) for cell in cells]
        values = new_figures(options, wanted, figures, names[0])
        for option, one, name, value in zip(options, rows, names, values, strict=True):
            changed = put(one, name, like(one[name], value))
            row = put(row, GATHERED, put_at(row[GATHERED], (option.place,), changed))
        return row

    def _read(self, row: Row, told: Told) -> tuple[Turns, str]:
        """Return the conversation before the answer, and the answer."""
        roles = self.reading.roles
        name = next((name for name in ANSWERS if not missing(row.get(name))), None)
        if name is not None:
            asked = {key: value for key, value in row.items() if key != name}
            return before_response(asked, roles, told), answer_text(row[name], name, roles, told)
        turns = before_response(row, roles, told)
        if not turns or turns[-1]["role"] != "assistant":
            raise RowReject("missing response", "no column holds one answer")
        return turns[:-1], turns[-1]["content"]


def rating_name(row: Row) -> str | None:
    """Return the column of the rating, or of the verdict."""
    names = [name for name in ("rating", *RANKS, *SCORES, *VERDICTS) if not missing(row.get(name))]
    return next((name for name in names if _is_rating(row[name], name)), None)


def is_verdict(row: Row) -> bool:
    """Say whether a row is rated by a verdict alone, which is true or false."""
    name = rating_name(row)
    return name in VERDICTS or isinstance(row.get(name or ""), bool)


def _is_rating(value: object, name: str) -> bool:
    if name in VERDICTS:
        return str(value).strip().lower() in TRUTHS
    return filled(value)


def _rating(row: Row, name: str) -> float | None:
    if name in VERDICTS:
        return TRUTHS[str(row[name]).strip().lower()]
    figure = figure_of(row[name], name)
    if figure is None:
        raise RowReject("answer without a rank or score")
    return figure


def _rated(row: Row) -> bool:
    """Say whether a row has one answer and a rating of it."""
    if GATHERED in row or rating_name(row) is None:
        return False
    if any(_is_text(row.get(name)) for name in ANSWERS):
        asked = {key: value for key, value in row.items() if key not in ANSWERS}
        return any(not missing(asked.get(name)) for name in COLUMNS)
    talks = [talk_in(row.get(name)) for name in TALKS]
    return any(talk and _is_assistant(talk[-1]) for talk in talks)


def _is_text(value: object) -> bool:
    return (isinstance(value, str) and list_in(value) is None) or talk_in(value) is not None


def _is_assistant(turn: Any) -> bool:
    role = next((turn[name] for name in SPEAKERS if name in turn), "")
    return role_of(str(role)) == "assistant"


def _rows(row: Row) -> list[Row]:
    return gathered_rows(row) or [row]
