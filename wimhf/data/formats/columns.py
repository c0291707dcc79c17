"""Columns as families declare them: their names, how a cell is read, what it looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import missing, optional_number, optional_text, text_of
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
        values = [value for value in self.values(column) if not missing(value)]
        if not values:
            return if_empty and column in self.columns
        return sum(map(test, values)) > len(values) / 2

    def mostly_text(self, *columns: str) -> bool:
        """Say whether most filled cells of each column are text."""
        return all(self.mostly(name, lambda value: isinstance(value, str)) for name in columns)


def plain_name(name: str) -> str:
    """Return a column's name as families know it: in lower case, with underscores."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def plain_names(row: Row) -> Row:
    """Return a row that also has its cells under the plain names of its columns."""
    if all(name.islower() and " " not in name and "-" not in name for name in row):
        return row
    return {plain_name(name): value for name, value in row.items()} | row


@dataclass(frozen=True)
class Column:
    """Where a family finds one thing that it says of a pair.

    Attributes
    ----------
    names
        What sources call it.
    read
        Returns what a row says, or raises RowReject where the row cannot be a pair.
    is_text
        Whether most rows of the family have text here.
    """

    names: tuple[str, ...]
    read: Callable[[Row], object]
    is_text: bool = False


def text(name: str, default: str | None = None) -> Column:
    """Declare a column of text that every row has; with a default for null it may be absent."""

    def read(row: Row) -> str:
        if default is not None and row.get(name) is None:
            return default
        return text_of(row, name)

    return Column((name,), read, is_text=default is None)


def optional(*names: str) -> Column:
    """Declare a column that may say something, as text: the first of its names that does."""
    return Column(names, lambda row: optional_text(row, *names))


def optional_figure(name: str, default: float | None = None) -> Column:
    """Declare a column that may hold a number; what is there and is none is a reject."""

    def read(row: Row) -> float | None:
        figure = optional_number(row, name)
        return default if figure is None else figure

    return Column((name,), read)


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
        """Say whether most rows have text in all columns of text."""
        columns = (column for column in self.columns.values() if column.is_text)
        return all(sample.mostly_text(*column.names) for column in columns)

    def read(self, row: Row) -> Fields:
        """Return what a row says of its pair.

        Raises
        ------
        RowReject
            If a column cannot be read.
        """
        return {field: column.read(row) for field, column in self.columns.items()}
