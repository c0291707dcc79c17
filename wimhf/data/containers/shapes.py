"""Rows inside one JSON object: pandas' orientations, splits, and what dataset servers send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from wimhf.data.containers.rows import Row
from wimhf.data.pairs import RowReject

LISTS = (
    "data", "rows", "train", "validation", "valid", "val", "dev", "test", "records", "items",
    "results", "instances", "samples", "dataset",
)  # fmt: skip
"""Keys under which a file's rows are kept."""


def rows_in(value: Row) -> tuple[Iterable[Row | RowReject], str] | None:
    """Return the rows that an object holds, and how; None where it is a row itself."""
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and _are_names(columns):
        return _split(columns, data), "pandas' split orientation"
    if (
        len(value) == 1
        and value.keys() <= {*LISTS}
        and isinstance(next(iter(value.values())), dict)
    ):
        name, inner = next(iter(value.items()))
        found = rows_in(inner)
        return None if found is None else (found[0], f"{found[1]}, under {name}")
    lists = {name: value[name] for name in LISTS if _are_rows(value.get(name))}
    others = [name for name, cell in value.items() if name not in lists and _is_large(cell)]
    if lists and not others:
        rows = chain.from_iterable(map(_unwrapped, items) for items in lists.values())
        return rows, f"the list{'s' if len(lists) > 1 else ''} under {', '.join(lists)}"
    if value and all(isinstance(cell, dict) for cell in value.values()):
        return _indexed(value)
    if len(value) > 1 and _are_columns(list(value.values())):
        return _turned(value), "an object of columns"
    return None


def _are_names(columns: list[object]) -> bool:
    return bool(columns) and all(isinstance(name, str) for name in columns)


def _are_rows(cell: object) -> bool:
    return isinstance(cell, list) and bool(cell) and all(isinstance(item, dict) for item in cell)


def _is_large(cell: object) -> bool:
    """Say whether a cell beside the lists may be data, and not a number or a description."""
    return (
        isinstance(cell, list)
        and len(cell) > 0
        and isinstance(cell[0], (dict, list))
        and (
            not all(
                isinstance(item, dict) and item.keys() & {"name", "feature_idx"} for item in cell
            )
        )
    )


def _split(columns: list[str], data: list[object]) -> Iterator[Row | RowReject]:
    for cells in data:
        if isinstance(cells, list) and len(cells) == len(columns):
            yield dict(zip(columns, cells, strict=True))
        else:
            yield RowReject("wrong number of cells", f"for {len(columns)} columns", str(cells))


def _unwrapped(item: Row) -> Row | RowReject:
    """Return a row of a dataset server's answer without its number; a cut-off one is a reject."""
    row = item.get("row")
    if not isinstance(row, dict) or not item.keys() <= {"row", "row_idx", "truncated_cells"}:
        return item
    if item.get("truncated_cells"):
        return RowReject("cells were cut off", f"{item['truncated_cells']}"[:100], str(row))
    return row


def _indexed(value: Row) -> tuple[Iterable[Row], str] | None:
    """Return the rows of pandas' orientations ``columns`` and ``index``."""
    if all(name.isdigit() for name in value):
        return list(value.values()), "pandas' index orientation"
    keys = [tuple(cell) for cell in value.values()]
    if len(value) > 1 and keys[0] and all(set(own) == set(keys[0]) for own in keys):
        if all(str(key).lstrip("-").isdigit() for key in keys[0]):
            rows = ({name: cell[key] for name, cell in value.items()} for key in keys[0])
            return rows, "pandas' columns orientation"
    return None


def _are_columns(cells: list[object]) -> bool:
    """Say whether cells are equally long lists, of which two or more hold texts or numbers."""
    if not all(isinstance(cell, list) and cell for cell in cells):
        return False
    lists = [cell for cell in cells if isinstance(cell, list)]
    plain = [cell for cell in lists if all(isinstance(one, (str, int, float)) for one in cell)]
    return len({len(cell) for cell in lists}) == 1 and len(plain) > 1 and len(lists[0]) > 1


def _turned(value: Row) -> Iterator[Row]:
    for cells in zip(*value.values(), strict=True):
        yield dict(zip(value, cells, strict=True))
