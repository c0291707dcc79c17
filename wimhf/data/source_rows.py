"""The untouched source rows, read by the column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property

import polars as pl

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON text can hold."""
DECODER = json.JSONDecoder()


class SourceRows:
    """Columns of the untouched source rows; a column is read once, and no row is kept.

    Parameters
    ----------
    table
        source_row and row: JSON text as ``as_json`` writes it. Rows that are no objects could not
        be read and have no columns.
    """

    def __init__(self, table: pl.DataFrame) -> None:
        self._table = table.select("source_row", "row")
        self._columns: dict[str, dict[int, Json]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The columns that any row has."""
        names: set[str] = set()
        for text in self._table["row"].to_list():
            row = json.loads(text)
            if isinstance(row, dict):
                names |= row.keys()
        return frozenset(names)

    def values(self, name: str) -> dict[int, Json]:
        """Return a column's values by source_row, null included; empty if no row has it."""
        if name not in self._columns:
            self._columns[name] = dict(self._read(name))
        return self._columns[name]

    def column(self, name: str, source_row: pl.Series) -> list[Json]:
        """Return a column's value (n,) for every pair; None where its row does not have it.

        Parameters
        ----------
        source_row
            (n,) the pairs' rows.
        """
        values = self.values(name)
        return [values.get(row) for row in source_row.to_list()]

    def _read(self, name: str) -> Iterator[tuple[int, Json]]:
        key = f"{json.dumps(name)}: "
        # other names could be what stands between two texts, such as ", " in ["a", ": b"]
        telling = name[:1].isalnum() or name[:1] == "_"
        for number, text in self._table.iter_rows():
            place = _outer(text, key) if telling else None
            if place is not None:
                yield number, DECODER.raw_decode(text, place)[0]
                continue
            row = json.loads(text)
            if isinstance(row, dict) and name in row:
                yield number, row[name]


def _outer(text: str, key: str) -> int | None:
    """Return where the value of a row's own key begins; None where only parsing can tell.

    Four times as fast as parsing the whole row. A quote that stands behind { or a space is not
    escaped, so it begins a name; and the name is the row's own, not a nested object's, if no other
    object has begun before it, or none but the row ends behind it. Braces in texts count too:
    they only make it less sure.
    """
    start = text.rfind(key)
    own = (
        start > 0
        and text[0] == "{"
        and text[start - 1] in "{ "
        and (text.count("{", 0, start) == 1 or text.count("}", start) == 1)
    )
    return start + len(key) if own else None
