"""Cells as sources spell them: texts, numbers, flags, and JSON in the text of a CSV file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.encoded import decoded
from wimhf.data.pairs import RowReject

__all__ = [
    "as_text", "cell_at", "decoded", "empty", "holds", "missing", "not_understood", "number",
    "object_of", "optional_number", "optional_text", "shown", "text_of", "whole", "word",
]  # fmt: skip


MISSING = frozenset({"nan", "none", "null", "na", "n/a", "<na>", "#n/a", "nat", "nil"})
"""How writers spell that a cell holds nothing, in lower case."""
LONGEST = max(map(len, MISSING))


def empty(value: object) -> bool:
    """Say whether a cell of text holds nothing: null, NaN or blank text."""
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or (isinstance(value, str) and not value.strip())
    )


def missing(value: object) -> bool:
    """Say whether a number, label or name holds nothing, or a word for nothing.

    Of a prompt or a response such a word may be the text.
    """
    if isinstance(value, str):
        plain = value.strip()
        return not plain or (len(plain) <= LONGEST and plain.lower() in MISSING)
    return empty(value)


def number(value: Any) -> float | None:
    """Return a finite number, or text that spells one; None for all else, booleans included."""
    if isinstance(value, bool):
        return None
    try:
        figure = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) else None


def whole(value: object) -> int | None:
    """Return a whole number, or text that spells one; None for all else, booleans included."""
    figure = number(value)
    return int(figure) if figure is not None and figure.is_integer() else None


def word(value: object) -> str:
    """Return text as a word to look up: in lower case, without blanks around; else nothing."""
    return value.strip().lower() if isinstance(value, str) else ""


def shown(value: object) -> str:
    """Return a value for a message, in at most 60 characters whatever it holds."""
    try:
        text = repr(value[:60] if isinstance(value, str) else value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a deep list
        text = f"a {type(value).__name__}"
    return text[:60]


def not_understood(value: object, name: str) -> RowReject:
    """Return the reject of a label that means nothing here."""
    code = shown(value) if not isinstance(value, str) else " ".join(value.split())[:60]
    return RowReject("label is not understood", f"{name} is {shown(value)}", code=code)


def cell_at(cell: object, path: Sequence[str | int]) -> object:
    """Return what is in a cell at a path of keys and places; a missing key is null."""
    for key in path:
        inside = decoded(cell)
        cell = inside.get(key) if isinstance(inside, dict) else inside[key]
    return cell


def holds(value: object, *names: str) -> bool:
    """Say whether a value is a list that for the most part holds objects with these keys."""
    items = decoded(value)
    if not isinstance(items, list):
        return False
    fitting = sum(isinstance(item, dict) and item.keys() >= set(names) for item in items)
    return fitting > len(items) / 2


def text_of(row: Row, *names: str) -> str:
    """Return the first present column as text; a missing or null one is a reject."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str):
            return value
        if not empty(value):
            raise RowReject(f"{names[0]} is not text", f"{name} holds a {type(value).__name__}")
    raise RowReject(f"missing {names[0]}", f"{names[0]} is absent or null")


def object_of(row: Row, name: str) -> Row:
    """Return a column as an object; anything else is a reject."""
    value = decoded(row.get(name))
    if not isinstance(value, dict):
        raise RowReject(f"{name} is not an object", f"{name} holds a {type(value).__name__}")
    return value


def as_text(value: object) -> str | None:
    """Return a cell as text, numbers included; None where missing, for lists and objects."""
    if missing(value) or isinstance(decoded(value), (dict, list)):
        return None
    return str(value)


def optional_text(row: Row, *names: str) -> str | None:
    """Return the first of some columns that holds anything, as text, numbers included."""
    return next((text for name in names if (text := as_text(row.get(name))) is not None), None)


def optional_number(row: Row, name: str) -> float | None:
    """Return a column as a finite number; None where absent or missing.

    Raises
    ------
    RowReject
        If the value is there and is not a finite number.
    """
    value = row.get(name)
    if missing(value):
        return None
    figure = number(float(value) if isinstance(value, bool) else value)
    if figure is None:
        raise RowReject(f"{name} is not a number", f"{name} is {value!r:.60}")
    return figure
