"""Rows that list the better response apart from the other one, and what belongs to each side."""

from __future__ import annotations

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty
from wimhf.data.formats.family import CannotHold, Family, label_words
from wimhf.data.formats.names import counterpart
from wimhf.data.pairs import Pair, RowReject, drawn_sides

COPIES = ("messages",)
"""Columns in which releases repeat the chosen conversation, for fine-tuning."""


class Apart(Family):
    """A row is one pair, of which ``fields`` gives the better response as A; sides are drawn."""

    sides_drawn = True
    better: str
    """What messages call the better response."""
    words: tuple[str, str] = ("chosen", "rejected")
    """What columns of the better and of the worse response have in their names."""

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Draw the sides."""
        return [drawn_sides(Pair(**{"label": 1.0, **self.fields(row)}))]

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the sides; there is no other label than that one is better."""
        if first != 0.0:
            raise CannotHold(f"{self.better} cannot say {label_words(first)}")
        return exchanged_sides(row, self.words)


def exchanged_sides(row: Row, words: tuple[str, str]) -> Row:
    """Return the row with better and worse exchanged, and all that belongs to them.

    A column whose name says one side changes places with the one that says the other
    (``score_chosen`` with ``score_rejected``); a copy of the chosen conversation follows.

    Raises
    ------
    CannotHold
        If a column says something about one side and nothing about the other.
    """
    exchanged = dict(row)
    for name, value in row.items():
        other = counterpart(name, words)
        if other in row:
            exchanged[name] = row[other]
        elif other is not None and not empty(value):
            raise CannotHold(f"column {name} is about one side, and there is no {other} for a flip")
        elif name in COPIES and value == row.get("chosen"):
            exchanged[name] = row["rejected"]
    return exchanged
