"""Columns as families declare them: their names, how a cell is read, what it looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import empty, optional_number, optional_text, text_of
from wimhf.data.pairs import Fields


@dataclass(frozen=True)
class Sample:
    """The first rows of a source: what detection looks at."""

    columns: frozenset[str]
    rows: Sequence[Row]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Sample:
        """Collect the columns of some rows."""
        rows = list(rows)
        return cls(frozenset(name for row in rows for name in row), rows)

    def values(self, column: str) -> list[object]:
        """Return the column's values that are not null."""
        return [row[column] for row in self.rows if row.get(column) is not None]

    def mostly(
        self, column: str, test: Callable[[object], bool], *, if_empty: bool = False
    ) -> bool:
        """Say whether more than half of a column's filled cells pass a test."""
        values = [value for value in self.values(column) if not empty(value)]
        if not values:
            return if_empty and column in self.columns
        return sum(map(test, values)) > len(values) / 2

    def mostly_text(self, *columns: str) -> bool:
        """Say whether most filled cells of each column are text."""
        return all(self.mostly(name, lambda value: isinstance(value, str)) for name in columns)


class Column(Protocol):
    """Where a family finds one thing that it says of a pair."""

    @property
    def names(self) -> tuple[str, ...]:
        """What sources call the column."""

    def fits(self, sample: Sample) -> bool:
        """Say whether most rows hold what is expected here."""

    def read(self, row: Row) -> object:
        """Return what a row says.

        Raises
        ------
        RowReject
            If the row cannot be a pair with this cell.
        """


class Text:
    """A column of text that every row has; with a default for null it may be absent."""

    def __init__(self, name: str, default: str | None = None) -> None:
        self.names, self.default = (name,), default

    def fits(self, sample: Sample) -> bool:
        """Expect text, unless there is a default."""
        return self.default is not None or sample.mostly_text(*self.names)

    def read(self, row: Row) -> str:
        """Return the text; null without a default is a reject."""
        if self.default is not None and row.get(self.names[0]) is None:
            return self.default
        return text_of(row, *self.names)


class OptionalText:
    """A column that may say something, such as an annotator: the first of its names that does."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def fits(self, sample: Sample) -> bool:
        """Expect nothing."""
        return True

    def read(self, row: Row) -> str | None:
        """Return what there is, numbers as text."""
        return optional_text(row, *self.names)


class OptionalNumber:
    """A column that may hold a finite number."""

    def __init__(self, name: str, default: float | None = None) -> None:
        self.names, self.default = (name,), default

    def fits(self, sample: Sample) -> bool:
        """Expect nothing."""
        return True

    def read(self, row: Row) -> float | None:
        """Return the number; what is there and is none is a reject."""
        figure = optional_number(row, *self.names)
        return self.default if figure is None else figure


class Schema:
    """The columns of a family, by the field of a pair that each fills.

    Parameters
    ----------
    also
        Columns that the family reads by itself.
    columns
        The others, in the order in which they are read.
    """

    def __init__(self, *also: str, **columns: Column) -> None:
        self.columns = columns
        self.names = frozenset(also).union(*(column.names for column in columns.values()))

    def extended(self, *also: str, **columns: Column) -> Schema:
        """Return the schema with further columns."""
        return Schema(*self.names, *also, **self.columns, **columns)

    def fits(self, sample: Sample) -> bool:
        """Say whether every column holds what is expected of it."""
        return all(column.fits(sample) for column in self.columns.values())

    def read(self, row: Row) -> Fields:
        """Return what a row says of its pair.

        Raises
        ------
        RowReject
            If a column cannot be read.
        """
        return {field: column.read(row) for field, column in self.columns.items()}
