"""Cells that say another label, in the type and the spelling that they had."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import number
from wimhf.data.formats.family import CannotHold, decoded, label_words


def put(row: Row, name: str, value: Any) -> Row:
    """Return the row with another value in a column.

    Raises
    ------
    CannotHold
        If the row has no such column: none is added to the source's own.
    """
    if name not in row:
        raise CannotHold(f"the row has no column {name}")
    return {**row, name: value}


def like(old: Any, value: float | None) -> Any:
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


def coded(row: Row, name: str, first: float | None, meanings: Mapping[int, float]) -> Row:
    """Return the row with the code of a label in a column.

    Raises
    ------
    CannotHold
        If no code means the label, or there is no such column.
    """
    codes = {label: code for code, label in meanings.items()}
    if first is not None and first not in codes:
        raise CannotHold(f"{name} holds no code for {label_words(first)}")
    return put(row, name, like(row.get(name), None if first is None else codes[first]))


def turned(old: Any, name: str, first: float | None, *, weakest: float, sign: int) -> Any:
    """Return a cell of which the sign says who is better and the size how clearly.

    A flip exchanges the sign; a tie is 0; a tie, or no label, that is decided gets the weakest
    size.

    Parameters
    ----------
    sign
        1 where a positive value favours the first response, -1 where it favours the second.

    Raises
    ------
    CannotHold
        If the label is a fraction other than a tie.
    """
    if first is None:
        return like(old, None)
    if first not in (0.0, 0.5, 1.0):
        raise CannotHold(f"{name} holds strengths and cannot say {label_words(first)}")
    size = abs(number(old) or 0.0) or weakest
    return like(old, 2 * (first - 0.5) * sign * size)


def within(cell: Any, change: Callable[[Any], Any]) -> Any:
    """Return a cell in which a list or object is changed; JSON text stays text."""
    inside = decoded(cell)
    changed = change(inside)
    return changed if inside is cell else _as_text(cell, inside, changed)


def _as_text(cell: str, inside: Any, changed: Any) -> str:
    """Spell JSON as the cell does, where that is one of the usual ways."""
    for plain, separators in product((False, True), ((", ", ": "), (",", ":"))):
        if json.dumps(inside, ensure_ascii=plain, separators=separators) == cell:
            return json.dumps(changed, ensure_ascii=plain, separators=separators)
    return json.dumps(changed, ensure_ascii=False)
