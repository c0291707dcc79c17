"""Rows of a file as they are read, before any format looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wimhf.data.pairs import RowReject

Row = dict[str, Any]
"""A JSON object, or a row of a table: cells as the source has them, of whatever type."""


@dataclass(frozen=True)
class Opened:
    """An open container: its kind, its rows as they are read, and how far that is."""

    kind: str
    rows: Iterator[Row | RowReject]
    position: Callable[[], int]
    """Bytes of the file, or rows of a dataset, that have been read."""
    close: Callable[[], None] = lambda: None
    notes: list[str] = field(default_factory=list)
    """What was found to read it that its ending does not say; complete when the rows are read."""


def listed(names: Iterable[object], most: int = 20) -> str:
    """Name columns in one short line, whatever their names hold."""
    ordered = sorted(map(str, names))
    shown = [" ".join(name.split())[:40] for name in ordered[:most]]
    more = [f"and {len(ordered) - most} more"] if len(ordered) > most else []
    return ", ".join(shown + more) or "none"
