"""What a family of source formats must offer, and the values they share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wimhf.schema import Pair, RowReject

Row = dict[str, Any]


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

    def values(self, column: str) -> list[Any]:
        """Return the column's values that are not null."""
        return [row[column] for row in self.rows if row.get(column) is not None]


class Format(Protocol):
    """One family of source formats, one module each."""

    name: str
    expects: str
    """Columns and value shapes, in words, for messages."""
    polarity: str
    """Which side the label favours, in one sentence."""
    sides_drawn: bool
    """True where the source's order of responses is the label, so that sides are drawn."""

    def matches(self, sample: Sample) -> bool:
        """Say whether columns and value shapes are this family's."""

    def parse(self, row: Row) -> list[Pair]:
        """Turn one source row into pairs.

        Raises
        ------
        RowReject
            If the row is not a pair of this family.
        """


def listed(names: Iterable[Any], most: int = 20) -> str:
    """Name columns in one short line, whatever their names hold."""
    names = sorted(map(str, names))
    shown = [" ".join(name.split())[:40] for name in names[:most]]
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join(shown + more) or "none"


def text_of(row: Row, *names: str) -> str:
    """Return the first present column as text; a missing or null one is a reject."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            raise RowReject(f"{names[0]} is not text", f"{name} holds a {type(value).__name__}")
    raise RowReject(f"missing {names[0]}", f"{names[0]} is absent or null")


def optional_text(row: Row, name: str) -> str | None:
    """Return a column as text, numbers included; None where absent, null or empty."""
    value = row.get(name)
    if value is None or value == "" or isinstance(value, (dict, list)):
        return None
    return str(value)


def optional_number(row: Row, name: str) -> float | None:
    """Return a column as a finite number; None where absent, null or empty.

    Raises
    ------
    RowReject
        If the value is there and is not a finite number.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RowReject(f"{name} is not a number", f"{name} is {value!r:.60}") from None
    if not math.isfinite(number):
        raise RowReject(f"{name} is not a number", f"{name} is {value!r:.60}")
    return number


def messages(value: Any, name: str) -> list[dict[str, str]]:
    """Return a conversation as a list of {role, content}, or reject the row."""
    if not isinstance(value, list) or not value:
        raise RowReject(f"{name} is not a conversation", f"{name} holds a {type(value).__name__}")
    turns = []
    for turn in value:
        if not isinstance(turn, dict) or not isinstance(turn.get("role"), str):
            raise RowReject(f"{name} has a turn without a role")
        if not isinstance(turn.get("content"), str):
            raise RowReject(f"{name} has a turn whose content is not text")
        turns.append({"role": turn["role"], "content": turn["content"]})
    return turns


def prompt_text(turns: list[dict[str, str]]) -> str:
    """Render the conversation before the response: a lone user turn as it is, else with roles."""
    if len(turns) == 1 and turns[0]["role"] == "user":
        return turns[0]["content"]
    return "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)
