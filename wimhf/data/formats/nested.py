"""Rows that sources keep in a list inside one object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import decoded
from wimhf.data.formats.family import OWN_NAMES, Columns, Family, Numbered, Unfolded
from wimhf.data.pairs import RowReject


class Nested(Family):
    """A family whose files are one object with a list of rows; the rows alone are read too."""

    list_column: str
    """The object's list."""
    carried: tuple[str, ...] = ()
    """What else the object says that every row needs."""

    def unfold(self, rows: list[Numbered], columns: Columns = OWN_NAMES) -> Unfolded:
        """Return the object's rows; what else it says is the header."""
        return unfolded_list(rows, self.list_column, *self.carried, columns=columns)

    def fold(self, rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
        """Return the object again."""
        return folded_list(rows, layout)


def unfolded_list(
    rows: list[Numbered], name: str, *carried: str, columns: Columns = OWN_NAMES
) -> Unfolded:
    """Return the items of the list that rows keep under a name, numbered anew.

    Rows without such a list stay as they are. What the first object says beside its list is the
    header; keys to be carried also go into each item that has none of its own. The layout keeps
    every object as it is, with null in place of its list.
    """
    objects: list[Row] = []
    unfolded: list[Row | RowReject] = []
    for at, (_, row) in enumerate(rows):
        own = name if isinstance(row, RowReject) else _own_name(row, name, columns)
        items = None if isinstance(row, RowReject) else decoded(row.get(own))
        if isinstance(row, RowReject) or not isinstance(items, list):
            unfolded.append(row)
            continue
        keys = [_own_name(row, key, columns) for key in carried]
        shared = {key: row[key] for key in keys if key in row}
        unfolded += [_item(item, shared) for item in items]
        objects.append({
            "at": at, "items": len(items), "list": own, "text": isinstance(row[own], str),
            "carried": list(shared), "object": {**row, own: None},
        })  # fmt: skip
    layout = {"objects": objects} if objects else None
    return Unfolded(list(enumerate(unfolded)), _header(objects), layout)


def folded_list(rows: Sequence[Row | RowReject], layout: Row | None) -> list[Row | RowReject]:
    """Return the objects whose lists ``unfolded_list`` made rows of, and the rows that stayed."""
    left: Iterator[Row | RowReject] = iter(rows)
    folded: list[Row | RowReject] = []
    for kept in [] if layout is None else layout["objects"]:
        while len(folded) < kept["at"]:
            folded.append(next(left))
        shared = {key: kept["object"][key] for key in kept["carried"]}
        items = [_own_item(next(left), shared) for _ in range(kept["items"])]
        cell = json.dumps(items) if kept["text"] else items
        folded.append({**kept["object"], kept["list"]: cell})
    return [*folded, *left]


def _own_name(row: Row, name: str, columns: Columns) -> str:
    return columns[name] if columns.get(name) in row else name


def _header(objects: list[Row]) -> Row | None:
    if not objects:
        return None
    first = objects[0]
    return {name: value for name, value in first["object"].items() if name != first["list"]}


def _item(item: object, shared: Row) -> Row | RowReject:
    if isinstance(item, dict):
        return item | {key: value for key, value in shared.items() if key not in item}
    kind = f"it holds a {type(item).__name__}"
    return RowReject("item is not a JSON object", kind, json.dumps(item, default=str))


def _own_item(row: Row | RowReject, shared: Row) -> object:
    """Return an item of the list without what was carried into it."""
    if isinstance(row, RowReject):
        return json.loads(row.raw or "null")
    return {k: v for k, v in row.items() if k not in shared or v != shared[k]}
