"""Dates and timestamps as months, so that a column of them names groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

ISO = re.compile(r"\s*(\d{4})[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])(?!\d)")
NAMED = frozenset("at created date datetime day time timestamp ts tstamp updated when".split())
"""Words of which the name of a column of numbers has one where they are timestamps."""
FIRST, LAST = 946_684_800.0, 4_102_444_800.0
"""Seconds since 1970 of the beginnings of 2000 and 2100."""
UNITS = (1.0, 1e3, 1e6, 1e9)
"""Of timestamps, per second."""


def months(name: str, values: Sequence[object]) -> list[str | None] | None:
    """Return the month of every value, such as 2024-05; None where the column holds no dates.

    It does if every value that is there is one: a text that begins with a date as ISO 8601 writes
    it, 2024-05-17 or 2024/05/17, taken as it is written; or, where a word of the column's name says
    so (date, time, timestamp, created, ...), a number of seconds, milli-, micro- or nanoseconds
    since 1970 that falls between 2000 and 2100, taken in UTC.

    Parameters
    ----------
    values
        (n,) None and empty texts are no values.
    """
    numbers = bool(NAMED & set(re.findall(r"[a-z]+", _apart(name).lower())))
    found: list[str | None] = []
    for value in values:
        month = None if value is None or value == "" else _month(value, numbers=numbers)
        if month is None and value is not None and value != "":
            return None
        found.append(month)
    return found if any(found) else None


def _apart(name: str) -> str:
    return re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ")


def _month(value: object, *, numbers: bool) -> str | None:
    written = ISO.match(value) if isinstance(value, str) else None
    if written:
        return f"{written[1]}-{written[2]}"
    if not numbers or isinstance(value, bool):
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    for unit in UNITS:
        if FIRST <= number / unit < LAST:
            return datetime.fromtimestamp(number / unit, UTC).strftime("%Y-%m")
    return None
