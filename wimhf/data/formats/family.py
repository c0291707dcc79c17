"""What a family of source formats must offer, and the values they share."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self

from wimhf.data.containers.rows import Row
from wimhf.data.formats.columns import Sample, Schema
from wimhf.data.formats.conversations import prompt_text, user_turn
from wimhf.data.formats.prompts import SYSTEM, with_system
from wimhf.data.formats.reading import Reading
from wimhf.data.pairs import Fields, Pair, RowReject
from wimhf.errors import WimhfError

Columns = Mapping[str, str]
"""What a family calls a column, and what the source does, as ``--map`` says it."""
OWN_NAMES: Columns = MappingProxyType({})


Numbered = tuple[int, Row | RowReject]
"""A row's number in the source and the row, or why it is not one."""


@dataclass(frozen=True)
class Unfolded:
    """The rows of a source as a family counts them.

    Attributes
    ----------
    rows
        Numbered from 0; each gives pairs or rejects.
    header
        What the source says once for all of them, where it does.
    layout
        What ``Family.fold`` needs beside the rows to give the container's own again, as JSON can
        hold it; None where they are the container's own.
    """

    rows: list[Numbered]
    header: Row | None = None
    layout: Row | None = field(default=None, compare=False)


class CannotHold(WimhfError):
    """The source's schema has no way to say a label; ``why`` tells the reason in one line."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; write --to native, which holds any label")
        self.why = why


@dataclass(frozen=True)
class Relabel:
    """The label that a pair of a source row shall have.

    Attributes
    ----------
    place
        The pair's position in what ``Family.parse`` returns of the row, rejects counted.
    first
        Probability that the response which the source lists first is better; None is no label.
        Where sides are drawn (``Family.sides_drawn``), the source lists the chosen response
        first: 1 leaves the row as it is, 0 is a flip.
    annotator
        Whose label it is, for a check; None checks nothing.
    """

    place: int
    first: float | None
    annotator: str | None = None


def first_label(pair: Pair) -> float | None:
    """Return the label as the probability that the source's first listed response is better."""
    return turned(pair.label, swapped=pair.swapped)


def turned(label: float | None, *, swapped: bool) -> float | None:
    """Return a label told of the other side where the sides are swapped."""
    return 1.0 - label if swapped and label is not None else label


def same_label(one: float | None, other: float | None) -> bool:
    """Say whether two labels are the same, or differ by rounding only."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, abs_tol=1e-9)


def label_words(first: float | None) -> str:
    """Name a label in messages."""
    return "no label" if first is None else "a tie" if first == 0.5 else f"a label of {first:g}"


class Family:
    """One family of source formats, one module each; subclasses say how it is read."""

    name: str
    expects: str
    """Columns and value shapes, in words, for messages."""
    schema: Schema
    """The columns that mean something here."""
    polarity: str
    """Which side the label favours, in one sentence without a full stop."""
    sides_drawn: bool = False
    """True where the source's order of responses is the label, so that sides are drawn."""
    narrows: tuple[str, ...] = ()
    """Names of families of which this one is a special case: where both fit, this one is meant."""
    reading: Reading = Reading()
    """What the user says that labels, roles and lists mean."""

    def under(self, reading: Reading) -> Self:
        """Return the family as it reads what the user says."""
        known = copy.copy(self)
        known.reading = reading
        return known

    def surveyed(self, rows: Iterable[Row]) -> Self:
        """Return the family as it reads a source of which these are all rows.

        For what no row says by itself, such as whether 2 is a tie or the second response.
        """
        return self

    @property
    def surveys(self) -> bool:
        """Whether ``surveyed`` has to see the rows."""
        return type(self).surveyed is not Family.surveyed

    @property
    def columns(self) -> frozenset[str]:
        """Columns that mean something here, which --map may name."""
        return self.schema.names

    def only_verdicts(self, head: Sequence[Row | RowReject]) -> bool:
        """Say whether rows are one answer each with a verdict, so that they compare nothing."""
        return False

    def used(self, columns: Iterable[str]) -> frozenset[str]:
        """Return which of a source's columns are read."""
        return (self.columns | {*SYSTEM}) & frozenset(columns)

    def matches(self, sample: Sample) -> bool:
        """Say whether columns and value shapes are this family's."""
        return self.schema.fits(sample)

    def unfold(self, rows: list[Numbered], columns: Columns = OWN_NAMES) -> Unfolded:
        """Return the rows that ``parse`` takes, where they are not the container's own.

        Rows are given and returned under the source's own names; ``columns`` tells the family's.
        """
        return Unfolded(rows)

    def fold(self, rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
        """Return the container's own rows again: what ``unfold`` was given.

        Parameters
        ----------
        rows
            What ``unfold`` returned, labels changed or not. A reject stands for a row that could
            not be read; its ``raw`` is what stood there.
        layout
            What ``unfold`` returned with them.
        """
        return list(rows)

    def renamed(self, row: Row, columns: Columns) -> Row:
        """Return a row that also has its cells under the names that the family knows."""
        return {**row, **{to: row[name] for to, name in columns.items() if name in row}}

    def with_own_names(self, row: Row, changed: Row, columns: Columns) -> Row:
        """Return a source row with the changes that were made to what ``renamed`` returns of it."""
        before, after = self.renamed(row, columns), dict(row)
        for name, value in changed.items():
            own = columns.get(name, name)
            if value is not before[name]:
                after[own if own in row else name] = value
        return after

    def fields(self, row: Row) -> Fields:
        """Return what a row says of its pair, or of all its pairs, beside the label.

        Raises
        ------
        RowReject
            If nothing of the row is a pair.
        """
        return self.schema.read(row)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Turn one row into pairs, each of which may be a reject.

        Raises
        ------
        RowReject
            If nothing of the row is a pair of this family.
        """
        raise NotImplementedError

    def parsed(self, row: Row | RowReject) -> list[Pair | RowReject]:
        """Return what ``parse`` does, or the reject that a row is or that it raises."""
        if isinstance(row, RowReject):
            return [row]
        try:
            return [self._told(one, row) for one in self.parse(row)]
        except RowReject as reject:
            return [reject]

    def _told(self, one: Pair | RowReject, row: Row) -> Pair | RowReject:
        """Put a system column before the conversation, where the family does not know of one."""
        if isinstance(one, RowReject) or not self.columns.isdisjoint(SYSTEM):
            return one
        own = one.turns or user_turn(one.prompt)
        turns = with_system(own, row)
        return one if turns is own else replace(one, prompt=prompt_text(turns), turns=turns)

    def relabelled(self, row: Row, changes: Sequence[Relabel]) -> Row:
        """Return the row with other labels: ``parse`` of it gives the same pairs with these.

        Only columns that hold labels change, and cells keep their types; where the source lists
        the chosen response first, a flip exchanges all that belongs to the two sides. A change
        to the label that a pair has already leaves its cells alone. Whoever writes rows goes
        through ``relabel.rewritten``, which reads every row back.

        Raises
        ------
        CannotHold
            If the schema has no way to say a label, or the row has no such pair.
        """
        pairs = {at: one for at, one in enumerate(self.parsed(row)) if isinstance(one, Pair)}
        for change in changes:
            pair = pairs.get(change.place)
            if pair is None or change.annotator not in (None, pair.annotator):
                raise CannotHold(f"the row has no such pair as number {change.place + 1}")
        labels = {at: first_label(pair) for at, pair in pairs.items()}
        changed = {
            change.place: change.first
            for change in changes
            if not same_label(labels[change.place], change.first)
        }
        return self.write_labels(row, labels, changed) if changed else row

    def write_labels(
        self, row: Row, labels: Mapping[int, float | None], changed: Mapping[int, float | None]
    ) -> Row:
        """Write changed labels by place, one after another; ``labels`` are all pairs' of before.

        Families whose labels depend on each other write them together.
        """
        for place, first in changed.items():
            row = self.write_label(row, place, first)
        return row

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write one label, which differs from the one that the pair has."""
        raise CannotHold(f"format {self.name} has no place for {label_words(first)}")
