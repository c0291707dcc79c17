"""Families whose rows compare two responses: with one label, or with one per annotator."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace

from wimhf.data.containers.rows import Row
from wimhf.data.formats.columns import Sample
from wimhf.data.formats.family import CannotHold, Family
from wimhf.data.formats.labels import Anything, Label, Mapped
from wimhf.data.pairs import Pair, RowReject

Vote = tuple[str | None, Label]
"""An annotator and where the row says what they prefer."""


class Judged(Family):
    """A row is one pair: ``schema`` says what it is about, ``label`` which response is better."""

    label: Label

    @property
    def columns(self) -> frozenset[str]:
        """The schema's columns and the label's."""
        return self.schema.names.union(self.label.names)

    def matches(self, sample: Sample) -> bool:
        """Expect what the schema does, and labels in most rows."""
        label = Mapped.over(self.label, self.reading)
        return self.schema.fits(sample) and label.fits(sample)

    def matches_but_for_labels(self, sample: Sample) -> bool:
        """Say whether it is such a source with a column of labels, whatever they say."""
        if self.label.column not in sample.columns:
            return False
        known = copy.copy(self)
        known.label = Anything(self.label.column)
        return known.matches(sample)

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pair."""
        fields = self.fields(row)
        label, strength = Mapped.over(self.label, self.reading).read(row)
        return [Pair(**{"label": label, "strength": strength, **fields})]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the label as the row spells it."""
        return Mapped.over(self.label, self.reading).write(row, first)


class Voted(Family):
    """A row is one pair per annotator, or one without a label where nobody annotated it."""

    unvoted = "no annotator has a label in this row"
    """Why nothing can be written where there are no votes."""

    def matches(self, sample: Sample) -> bool:
        """Expect what the schema does, and labels in most rows of all columns that are votes."""
        votes = self.votes_among(sample.columns)
        return (
            bool(votes)
            and self.schema.fits(sample)
            and all(Mapped.over(label, self.reading).fits(sample) for _, label in votes)
        )

    def votes(self, row: Row) -> list[Vote]:
        """Return whose labels are where in the row."""
        return self.votes_among(row)

    def votes_among(self, columns: Iterable[str]) -> list[Vote]:
        """Return the votes that have a column of their own among these."""
        return []

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pairs; an annotation that cannot be used is a reject of its own."""
        pair = Pair(label=None, **self.fields(row))
        return [self.judged(pair, row, vote) for vote in self.votes(row)] or [pair]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Write the annotator's label as the row spells it."""
        votes = self.votes(row)
        if not votes:
            raise CannotHold(self.unvoted)
        _, label = votes[place]
        return Mapped.over(label, self.reading).write(row, first)

    def judged(self, pair: Pair, row: Row, vote: Vote) -> Pair | RowReject:
        """Return the pair with what one annotator says of it."""
        annotator, cell = vote
        try:
            label, strength = Mapped.over(cell, self.reading).read(row)
            return replace(pair, label=label, strength=strength, annotator=annotator)
        except RowReject as reject:
            if annotator is None:  # the row's own label, not one of several
                raise
            return reject
