"""Rows of which several make one: the answers to a prompt, the messages of a tree."""

from __future__ import annotations

from collections.abc import Sequence

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded
from wimhf.data.formats.family import OWN_NAMES, Columns, Family, Numbered, Unfolded
from wimhf.data.pairs import RowReject

GATHERED = "utterances"
"""What the list of the rows that were gathered is called."""


class Gathered(Family):
    """A family that gathers the rows which belong together, in the order of the source."""

    def gathered_by(self, row: Row) -> Row | None:
        """Return what the rows that belong together have in common; None where a row stays.

        The values are texts or numbers.
        """
        raise NotImplementedError

    def unfold(self, rows: list[Numbered], columns: Columns = OWN_NAMES) -> Unfolded:
        """Gather rows; other rows stay as they are.

        The layout says of every row that was gathered or stayed where it stood.
        """
        unfolded: list[Row | RowReject] = []
        stood: list[list[int] | int] = []
        together: dict[tuple[str, ...], tuple[list[Row], list[int]]] = {}
        for at, (_, row) in enumerate(rows):
            about = None
            if not isinstance(row, RowReject):
                about = self.gathered_by(super().renamed(row, columns))
            if isinstance(row, RowReject) or about is None:
                unfolded.append(row)
                stood.append(at)
                continue
            key = tuple(map(str, about.values()))
            if key not in together:
                together[key] = [], []
                unfolded.append({**about, GATHERED: together[key][0]})
                stood.append(together[key][1])
            together[key][0].append(row)
            together[key][1].append(at)
        return Unfolded(list(enumerate(unfolded)), layout={"stood": stood} if together else None)

    def fold(self, rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
        """Return the rows again, each where it stood."""
        if layout is None:
            return list(rows)
        folded: list[tuple[int, Row | RowReject]] = []
        for row, stood in zip(rows, layout["stood"], strict=True):
            if isinstance(stood, int) or isinstance(row, RowReject):
                folded.append((stood, row))
            else:
                folded += zip(stood, row[GATHERED], strict=True)
        return [row for _, row in sorted(folded, key=lambda one: one[0])]

    def renamed(self, row: Row, columns: Columns) -> Row:
        """Rename the columns of gathered rows too."""
        renamed = super().renamed(row, columns)
        if not columns or not is_gathered(row):
            return renamed
        inner = [super(Gathered, self).renamed(one, columns) for one in row[GATHERED]]
        return {**renamed, GATHERED: inner}

    def with_own_names(self, row: Row, changed: Row, columns: Columns) -> Row:
        """Give the columns of gathered rows their own names too."""
        if not columns or not is_gathered(row):
            return super().with_own_names(row, changed, columns)
        ones = zip(row[GATHERED], changed[GATHERED], strict=True)
        inner = [super(Gathered, self).with_own_names(*both, columns) for both in ones]
        return {**row, GATHERED: inner}


def is_gathered(row: Row) -> bool:
    """Say whether a row holds rows that were gathered."""
    return isinstance(row.get(GATHERED), list) and gathered_rows(row) is not None


def gathered_rows(row: Row) -> list[Row] | None:
    """Return the rows that a row holds, also as text; None where it holds none."""
    inner = decoded(row.get(GATHERED))
    if not isinstance(inner, list) or not inner:
        return None
    return inner if all(isinstance(one, dict) for one in inner) else None
