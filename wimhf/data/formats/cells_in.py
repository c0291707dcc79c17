"""Numbers and labels as sources spell them, and what a column holds for the most part."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.family import Sample, optional_text
from wimhf.data.pairs import Pair, RowReject


def empty(value: Any) -> bool:
    """Say whether a cell holds nothing: null or blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def number(value: Any) -> float | None:
    """Return a finite number, or text that spells one; None for all else, booleans included."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(value: Any) -> int | None:
    """Return a whole number, or text that spells one; None for all else, booleans included."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() else None


def shown(value: Any) -> str:
    """Return a value for a message, in at most 60 characters whatever it holds."""
    try:
        text = repr(value[:60] if isinstance(value, str) else value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a deep list
        text = f"a {type(value).__name__}"
    return text[:60]


def not_understood(value: Any, name: str) -> RowReject:
    """Return the reject of a label that means nothing here."""
    return RowReject("label is not understood", f"{name} is {shown(value)}")


def label_of(value: Any, name: str, meanings: Mapping[int, float]) -> float | None:
    """Return what a coded label means; None where the cell is empty.

    Raises
    ------
    RowReject
        If it is none of the codes.
    """
    if empty(value):
        return None
    code = whole(value)
    if code is None or code not in meanings:
        raise not_understood(value, name)
    return meanings[code]


def first_text(row: Row, *names: str) -> str | None:
    """Return the first of some columns that holds anything, as text."""
    return next((text for name in names if (text := optional_text(row, name)) is not None), None)


def by_annotator(
    pair: Pair, values: Mapping[str, Any], judged: Callable[[Any, str], Pair]
) -> list[Pair | RowReject]:
    """Return a pair per annotator; a missing or odd annotation is a reject of its own.

    Where nobody annotated, the unlabelled pair is all there is.
    """
    if all(map(empty, values.values())):
        return [pair]
    found: list[Pair | RowReject] = []
    for name, value in values.items():
        try:
            if empty(value):
                raise RowReject("missing annotation", f"{name} is empty")
            found.append(judged(value, name))
        except RowReject as reject:
            found.append(reject)
    return found


def mostly(
    sample: Sample, column: str, test: Callable[[Any], bool], *, if_empty: bool = False
) -> bool:
    """Say whether more than half of a column's filled cells pass a test."""
    values = [value for value in sample.values(column) if not empty(value)]
    if not values:
        return if_empty and column in sample.columns
    return sum(map(test, values)) > len(values) / 2


def mostly_text(sample: Sample, *columns: str) -> bool:
    """Say whether most filled cells of each column are text."""
    return all(mostly(sample, name, lambda value: isinstance(value, str)) for name in columns)


def mostly_coded(sample: Sample, column: str, meanings: Mapping[int, float]) -> bool:
    """Say whether most filled cells of a column are among a label's codes; none need be filled."""
    return mostly(sample, column, lambda value: whole(value) in meanings, if_empty=True)
