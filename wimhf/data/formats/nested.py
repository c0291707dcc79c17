"""Rows that sources keep in a list inside one object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.family import OWN_NAMES, Columns, Numbered, Unfolded, decoded
from wimhf.data.pairs import RowReject


def holds(value: Any, *names: str) -> bool:
    """Say whether a value is a list that for the most part holds objects with these keys."""
    items = decoded(value)
    if not isinstance(items, list):
        return False
    found = sum(isinstance(item, dict) and item.keys() >= set(names) for item in items)
    return found > len(items) / 2


def unfolded_list(
    rows: list[Numbered], name: str, *carried: str, columns: Columns = OWN_NAMES
) -> Unfolded:
    """Return the items of the list that rows keep under a name, numbered anew.

    Rows without such a list stay as they are. What the first object says beside its list is the
    header; keys to be carried also go into each item that has none of its own. The layout keeps
    every object as it is, with null in place of its list.
    """
    objects: list[Row] = []
    found: list[Row | RowReject] = []
    for at, (_, row) in enumerate(rows):
        own = name if isinstance(row, RowReject) else _own_name(row, name, columns)
        items = None if isinstance(row, RowReject) else decoded(row.get(own))
        if isinstance(row, RowReject) or not isinstance(items, list):
            found.append(row)
            continue
        shared = {key: row[key] for key in (_own_name(row, key, columns) for key in carried)
                  if key in row}  # fmt: skip
        found += [_item(item, shared) for item in items]
        objects.append({
            "at": at, "items": len(items), "list": own, "text": isinstance(row[own], str),
            "carried": list(shared), "object": {**row, own: None},
        })  # fmt: skip
    layout = {"objects": objects} if objects else None
    return Unfolded(list(enumerate(found)), _header(objects), layout)


def folded_list(rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
    """Return the objects whose lists ``unfolded_list`` made rows of, and the rows that stayed."""
    left: Iterator[Row | RowReject] = iter(rows)
    found: list[Row | RowReject] = []
    for kept in [] if layout is None else layout["objects"]:
        while len(found) < kept["at"]:
            found.append(next(left))
        shared = {key: kept["object"][key] for key in kept["carried"]}
        items: Any = [_own_item(next(left), shared) for _ in range(kept["items"])]
        if kept["text"]:
            items = json.dumps(items)
        found.append({**kept["object"], kept["list"]: items})
    return [*found, *left]


def _own_name(row: Row, name: str, columns: Columns) -> str:
    return columns[name] if columns.get(name) in row else name


def _header(objects: list[Row]) -> Row | None:
    if not objects:
        return None
    first = objects[0]
    return {name: value for name, value in first["object"].items() if name != first["list"]}


def _item(item: Any, shared: Row) -> Row | RowReject:
    if isinstance(item, dict):
        return item | {key: value for key, value in shared.items() if key not in item}
    said = f"it holds a {type(item).__name__}"
    return RowReject("item is not a JSON object", said, json.dumps(item, default=str))


def _own_item(row: Row | RowReject, shared: Row) -> Any:
    """Return an item of the list without what was carried into it."""
    if isinstance(row, RowReject):
        return json.loads(row.raw or "null")
    return {k: v for k, v in row.items() if k not in shared or v != shared[k]}
