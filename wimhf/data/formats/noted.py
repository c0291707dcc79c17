"""What is noted while rows are read: columns nobody reads, labels nobody understands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import missing
from wimhf.data.formats.family import Columns, Family
from wimhf.data.pairs import Remark, RowReject

MOST = 1000
"""Columns, or codes, that are told apart."""


class Noted:
    """Columns that hold anything, and codes that were not understood."""

    def __init__(self) -> None:
        self.columns: set[str] = set()
        self._filled: set[str] = set()
        self.codes: Counter[str] = Counter()
        self.roles: Counter[str] = Counter()
        self.containers: list[str] = []
        self.n_rows = 0

    def row(self, row: Row | RowReject) -> None:
        """Count a row of the container, and note its columns."""
        self.n_rows += 1
        if isinstance(row, RowReject):
            return
        if len(self.columns) < MOST:
            self.columns |= row.keys()
        for name in row.keys() - self._filled:
            if len(self._filled) < MOST and not _holds_nothing(row[name]):
                self._filled.add(name)

    def reject(self, reject: RowReject) -> None:
        """Note the label or role for which a row was rejected."""
        if reject.code is not None and (len(self.codes) < MOST or reject.code in self.codes):
            (self.roles if "role" in reject.reason else self.codes)[reject.code] += 1
        for role in {what for kind, what in reject.remarks if kind == "unknown role"}:
            if role != reject.code and len(self.roles) < MOST:
                self.roles[role] += 1

    def unread(self, families: Iterable[Family], columns: Columns) -> tuple[str, ...]:
        """Return the columns that hold something and that no family reads.

        Parameters
        ----------
        columns
            ``ReadConfig.columns``: what is read under another name is read.
        """
        read = set(columns.values())
        there = self.columns | columns.keys()
        for family in families:
            read |= {columns.get(name, name) for name in family.used(there)} | family.used(there)
        return tuple(sorted(self._filled - read))


def _holds_nothing(value: object) -> bool:
    return missing(value) or value in ([], {}, "[]", "{}")


def told_by_kind(remarks: Mapping[Remark, int]) -> dict[str, dict[str, int]]:
    """Return the numbers of remarks by kind, and by what they are about."""
    kinds: dict[str, dict[str, int]] = {}
    for (kind, what), count in sorted(remarks.items()):
        kinds.setdefault(kind, {})[what] = count
    return kinds
