"""Cells that say another label, in the type and the spelling that they had."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import cell_at, decoded
from wimhf.data.formats.family import CannotHold


def put(row: Row, name: str, value: object) -> Row:
    """Return the row with another value in a column.

    Raises
    ------
    CannotHold
        If the row has no such column: none is added to the source's own.
    """
    if name not in row:
        raise CannotHold(f"the row has no column {name}")
    return {**row, name: value}


def like(old: object, value: float | None) -> object:
    """Return a number as a cell of the old one's type: text stays text, whole numbers whole.

    A fraction makes a float of a whole number; None leaves the cell empty.

    Raises
    ------
    CannotHold
        If the cell holds true or false and the number is neither 1 nor 0.
    """
    if value is None:
        return "" if isinstance(old, str) else None
    value += 0.0  # no minus before a zero
    is_whole = float(value).is_integer()
    if isinstance(old, bool):
        if value not in (0, 1):
            raise CannotHold(f"true or false cannot say {value:g}")
        return bool(value)
    if isinstance(old, str):
        return str(int(value)) if is_whole and "." not in old else str(float(value))
    if isinstance(old, float) or not is_whole:
        return float(value)
    return int(value)


def cased(word: str, old: str) -> str:
    """Return a word in the old one's case."""
    return word.upper() if old.isupper() else word.title() if old.istitle() else word


def lettered(old: str, letter: str) -> str:
    """Return text that ends in a letter with another one there, in the same case."""
    end = len(old.rstrip())
    return old[: end - 1] + cased(letter, old[end - 1]) + old[end:]


def put_at(cell: object, path: Sequence[str | int], value: object) -> object:
    """Return a cell with another value at a path of keys and places; JSON text stays text."""
    if not path:
        return value
    key, *rest = path

    def change(inside: Any) -> object:
        changed = inside.copy()
        changed[key] = put_at(cell_at(inside, (key,)), rest, value)
        return changed

    return within(cell, change)


def within(cell: object, change: Callable[[Any], object]) -> object:
    """Return a cell in which a list or object is changed; JSON text stays text."""
    inside = decoded(cell)
    changed = change(inside)
    return changed if inside is cell else _as_text(cell, inside, changed)


def _as_text(cell: object, inside: object, changed: object) -> str:
    """Spell JSON as the cell does, where that is one of the usual ways."""
    for plain, separators in product((False, True), ((", ", ": "), (",", ":"))):
        if json.dumps(inside, ensure_ascii=plain, separators=separators) == cell:
            return json.dumps(changed, ensure_ascii=plain, separators=separators)
    return json.dumps(changed, ensure_ascii=False)
