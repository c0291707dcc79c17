"""Several answers in a list or an object, of which the row names the best one."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded, missing, not_understood, whole
from wimhf.data.formats.cells_out import like, put
from wimhf.data.formats.choices import Exchange, Option
from wimhf.data.formats.columns import Sample, Schema, optional, optional_figure
from wimhf.data.formats.conversations import Told
from wimhf.data.formats.encoded import talk_in
from wimhf.data.formats.families.answers import LISTS, SUBSETS, found_in
from wimhf.data.formats.listed import Listed, answer_text
from wimhf.data.formats.names import better_sides
from wimhf.data.formats.prompts import COLUMNS, before_response, used_columns
from wimhf.data.formats.ranks import Wanted, winner
from wimhf.data.pairs import Fields, RowReject

PICKS = (
    "chosen", "chosen_index", "preferred", "preferred_index", "best", "best_index", "winner",
    "choice", "better", "label", "preference",
)  # fmt: skip


class Picks(NamedTuple):
    """The answers of a row by their names, or numbers, and the column that names the best one."""

    answers: dict[str, object]
    column: str
    counted: bool


class Picked(Listed):
    """prompt, several responses, and which of them is the best: it beats each of the others."""

    name = "picked"
    expects = (
        "prompt; responses, a list of texts or an object of them; chosen (or best, winner, label), "
        "the number or the name of one of them"
    )
    narrows = ("one-a-row",)
    polarity = (
        "the label favours the response that the row picks from among all; sides A and B were "
        "drawn by a hash of each pair"
    )
    schema = Schema(
        *COLUMNS, *LISTS, *PICKS, *SUBSETS,
        weight=optional_figure("weight", default=1.0),
        annotator=optional("annotator"),
        subset=optional(*SUBSETS),
    )  # fmt: skip
    first = 0
    """The number of the first response."""
    numbers_known = True

    def matches(self, sample: Sample) -> bool:
        """Look for answers of which one is picked, in most rows."""
        if better_sides(sample.columns) is not None:
            return False
        fitting = sum(picks_in(row) is not None and not found_in(row) for row in sample.rows)
        return fitting > len(sample.rows) / 2

    def surveyed(self, rows: Iterable[Row]) -> Self:
        """Return the family that knows whether responses are counted from 0 or from 1."""
        known = copy.copy(self)
        low, high, longest = 1, 0, 2
        for row in rows:
            found = picks_in(row)
            number = whole(row.get(found.column)) if found is not None else None
            if found is not None and found.counted and number is not None:
                low, high = min(low, number), max(high, number)
                longest = max(longest, len(found.answers))
        known.first = 0 if low == 0 else 1
        known.numbers_known = low == 0 or high == longest
        return known

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the columns that are read of these."""
        there = frozenset(columns)
        lists = [name for name in LISTS if name in there][:1]
        picks = [name for name in PICKS if name in there][:1]
        return there & (used_columns(there) | {*lists, *picks, *SUBSETS, "weight", "annotator"})

    def fields(self, row: Row) -> Fields:
        """Return what the row says of all its pairs."""
        return self.schema.read(row)

    def exchanges(self, row: Row) -> list[Exchange | RowReject]:
        """Return the prompt and its answers, of which one is chosen."""
        told: Told = []
        found = picks_in(row)
        if found is None:
            raise RowReject("no answers to compare", "no list of answers of which one is picked")
        asked = before_response(row, self.reading.roles, told)
        picked = self._name(row[found.column], found)
        return [Exchange(asked, [
            Option(
                answer_text(text, "answer", self.reading.roles, told), chosen=name == picked,
                model=None if found.counted else name, place=place,
            )
            for place, (name, text) in enumerate(found.answers.items())
        ])]  # fmt: skip

    def _name(self, value: object, found: Picks) -> str | None:
        if missing(value):
            return None
        number = whole(value)
        name = str(value) if not found.counted else str((number or 0) - self.first)
        if name not in found.answers or (found.counted and not self.numbers_known):
            raise not_understood(value, found.column)
        return name

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write the number or the name of the response that beats the others."""
        found = picks_in(row)
        if found is None:
            return row
        best = options[winner(len(options), wanted)].place
        old = row[found.column]
        new = like(old, best + self.first) if found.counted else list(found.answers)[best]
        return put(row, found.column, new)


def picks_in(row: Row) -> Picks | None:
    """Return the answers of a row of which a column names one; None where there are none."""
    column = next((name for name in PICKS if name in row), None)
    for name in LISTS if column is not None else ():
        cell = decoded(row.get(name))
        if talk_in(cell) is not None or not isinstance(cell, (list, dict)) or len(cell) < 2:
            continue
        counted = isinstance(cell, list)
        answers: dict[str, object] = (
            dict(zip(map(str, range(len(cell))), cell, strict=True))
            if isinstance(cell, list) else cell
        )  # fmt: skip
        if all(isinstance(text, str) or talk_in(text) for text in answers.values()):
            value = row.get(str(column))
            is_one = whole(value) is not None if counted else str(value) in answers
            return Picks(answers, str(column), counted) if is_one or missing(value) else None
    return None
