"""Rows that sources keep in a list inside one object."""

from __future__ import annotations

import json
from typing import Any

from wimhf.formats.base import Numbered, Row, Unfolded, decoded
from wimhf.schema import RowReject


def holds(value: Any, *names: str) -> bool:
    """Say whether a value is a list that for the most part holds objects with these keys."""
    items = decoded(value)
    if not isinstance(items, list):
        return False
    found = sum(isinstance(item, dict) and item.keys() >= set(names) for item in items)
    return found > len(items) / 2


def unfolded_list(rows: list[Numbered], name: str, *carried: str) -> Unfolded:
    """Return the items of the list that rows keep under a name, numbered anew.

    Rows without such a list stay as they are. What the first object says beside its list is the
    header; keys to be carried also go into each item that has none of its own.
    """
    header: Row | None = None
    found: list[Row | RowReject] = []
    for _, row in rows:
        items = None if isinstance(row, RowReject) else decoded(row.get(name))
        if isinstance(row, RowReject) or not isinstance(items, list):
            found.append(row)
            continue
        rest = {other: value for other, value in row.items() if other != name}
        header = rest if header is None else header
        shared = {key: rest[key] for key in carried if key in rest}
        found += [_item(item, shared) for item in items]
    return Unfolded(list(enumerate(found)), header)


def _item(item: Any, shared: Row) -> Row | RowReject:
    if isinstance(item, dict):
        return {**shared, **item}
    said = f"it holds a {type(item).__name__}"
    return RowReject("item is not a JSON object", said, json.dumps(item, default=str))
