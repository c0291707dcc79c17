"""Which mark separates the cells of a table of text, whatever the file's ending says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

SEPARATORS = (",", ";", "\t", "|")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
RECORDS = 50
ENOUGH = 0.9
"""Share of the records that must have as many cells as the header."""


def separator_of(head: str, named: str) -> str:
    """Return the separator of a table whose first characters are given.

    Parameters
    ----------
    named
        The separator that the file's ending names, which is kept where it fits as well.
    """
    first, _, _ = head.lstrip("\ufeff").partition("\n")
    if first.lower().startswith("sep=") and first.strip()[4:] in SEPARATORS:
        return first.strip()[4:]
    if _fit(head, named) >= ENOUGH:
        return named
    fits = {mark: _fit(head, mark) for mark in SEPARATORS if mark != named}
    best = max(fits, key=lambda mark: fits[mark])
    return best if fits[best] >= ENOUGH else named


def _fit(head: str, mark: str) -> float:
    """Return which share of the records has as many cells as the header, if that is several."""
    counts = list(_counts(head, mark))
    if len(counts) < 2 or counts[0] < 2:
        return 0.0
    return sum(count == counts[0] for count in counts) / len(counts)


def _counts(head: str, mark: str) -> Iterator[int]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=mark, strict=True)
    counts: list[int] = []
    try:
        for cells in reader:
            if cells:
                counts.append(len(cells))
            if len(counts) > RECORDS:
                break
        else:
            counts = counts if len(counts) < 3 else counts[:-1]  # the last may be cut off
    except csv.Error:  # so may a quoted cell
        pass
    return iter(counts)
