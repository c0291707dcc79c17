"""Containers: .jsonl .json .csv .tsv .parquet .arrow .xlsx, packed or not -> rows, one by one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import polars as pl

from wimhf.data.containers.json_rows import json_lines, json_whole
from wimhf.data.containers.json_stream import Rows
from wimhf.data.containers.limits import (
    Limits,
    Lines,
    check_columns,
    check_rows,
    narrow,
    too_long,
    twice,
)
from wimhf.data.containers.recode import encoding_of, recoded
from wimhf.data.containers.rows import Opened, Row, listed
from wimhf.data.containers.separators import NAMES as MARKS
from wimhf.data.containers.separators import separator_of
from wimhf.data.containers.unpack import PACKED, open_unpacked
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

CONTAINERS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".xlsx")
BINARY = (".parquet", ".arrow", ".xlsx")
NAMES = {
    "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252",
}  # fmt: skip
ALIASES = {".ndjson": ".jsonl", ".pq": ".parquet", ".feather": ".arrow", ".ipc": ".arrow"}
TABLE_ROWS = 4096
"""Rows of a table that are held as Python objects at once."""
HEAD = 2**16


def kind_of(path: Path) -> str | None:
    """Return the container that a file's ending names, if any."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    kind = ALIASES.get(kind, kind)
    return kind if kind in CONTAINERS else None


def open_container(path: Path, limits: Limits = Limits()) -> Opened:
    """Open a file's rows; they are read as they are asked for.

    Raises
    ------
    InputError
        If the file is missing, empty, of an unknown kind or encoding; its rows raise it where the
        file is damaged or truncated.
    """
    kind = kind_of(path)
    stream, position = open_unpacked(path, limits.unpacked)
    if kind is None:
        stream.close()
        raise InputError(
            f"{path.name} has an unknown ending; expected one of {', '.join(CONTAINERS)}, "
            "each also .gz or .zst"
        )
    with stream:
        head = stream.read(HEAD)
    _check_head(path, head)
    encoding = None if kind in BINARY else encoding_of(path, head)
    told = _Told()
    if encoding is not None:
        told.notes.append(f"{path.name} is {NAMES[encoding]} and was read as such")
    readers: dict[str, Callable[[Path, IO[bytes], _Told, Limits], Rows]] = {
        ".jsonl": _json_lines, ".json": _json_whole, ".csv": _csv, ".tsv": _csv,
        ".parquet": _parquet, ".arrow": _arrow, ".xlsx": _sheet,
    }  # fmt: skip
    stream, position = open_unpacked(path, limits.unpacked)
    text = stream if encoding is None else recoded(stream, encoding, path)
    rows = readers[kind](path, text, told, limits)
    size = path.stat().st_size

    def read() -> int:
        return position() if told.share is None else int(told.share * size)

    def close() -> None:
        rows.close()
        text.close()

    narrowed = narrow(path, rows, limits.columns)
    return Opened(kind.lstrip("."), narrowed, read, close, told.notes)


@dataclass
class _Told:
    """What a reader tells: notes, and of a table what share of it has been read."""

    notes: list[str] = field(default_factory=list)
    share: float | None = None


def _check_head(path: Path, head: bytes) -> None:
    if not head.strip() and len(head) < HEAD:
        raise InputError(f"{path} is empty; expected rows with a prompt and two responses")


def _json_lines(path: Path, stream: IO[bytes], told: _Told, limits: Limits) -> Rows:
    return json_lines(path, Lines(stream, path, limits.line), told.notes, limits.line)


def _json_whole(path: Path, stream: IO[bytes], told: _Told, limits: Limits) -> Rows:
    return json_whole(path, stream, told.notes, limits.line)


def _lines(path: Path, text: io.TextIOWrapper, most: int) -> Iterator[str]:
    number = 0
    while line := text.readline(most + 1):
        number += 1
        if len(line) > most:
            raise too_long(path, number, most)
        yield line


def _csv(path: Path, stream: IO[bytes], told: _Told, limits: Limits) -> Rows:
    csv.field_size_limit(limits.line)
    named = "\t" if kind_of(path) == ".tsv" else ","
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    mark = _separator(path, text, named)
    if mark != named:
        told.notes.append(f"cells of {path.name} are separated by {MARKS[mark]}")
    reader = csv.reader(_lines(path, text, limits.line), delimiter=mark, strict=True)
    try:
        rows = (cells for cells in reader if cells and not _names_separator(cells))
        header = [name.strip() for name in next(rows, [])]
        check_columns(path, len(header), limits.columns)
        if repeated := twice(header):
            raise InputError(f"{path} has the column {listed(repeated)} more than once; rename it")
        for cells in reader:
            if len(cells) == len(header):
                yield dict(zip(header, cells, strict=True))
            elif cells:
                counts = f"{len(cells)} for {len(header)} columns"
                yield RowReject("wrong number of cells", counts, json.dumps(cells))
    except csv.Error as error:
        raise InputError(
            f"{path} is not well-formed CSV in line {reader.line_num}: {error}"
        ) from None
    finally:
        text.detach()


def _names_separator(cells: list[str]) -> bool:
    """Say whether a row is a spreadsheet's ``sep=;`` before the header."""
    return cells[0].lower() == "sep=" and not any(cells[1:])


def _separator(path: Path, text: io.TextIOWrapper, named: str) -> str:
    """Look at the first characters of a table, which stays where it was."""
    again, _ = open_unpacked(path)
    with again:
        head = again.read(HEAD)
    encoding = text.encoding if not head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-16"
    return separator_of(head.decode(encoding, errors="replace"), named)


def _parquet(path: Path, stream: IO[bytes], told: _Told, limits: Limits) -> Rows:
    plain = isinstance(getattr(stream, "raw", None), io.FileIO)
    source: Path | io.BytesIO = path if plain else io.BytesIO(stream.read())
    stream.close()
    return _table_rows(path, lambda: pl.scan_parquet(source, glob=False), "Parquet", told, limits)


def _arrow(path: Path, stream: IO[bytes], told: _Told, limits: Limits) -> Rows:
    data = stream.read()
    stream.close()
    whole = pl.read_ipc if data.startswith(b"ARROW1") else pl.read_ipc_stream
    return _table_rows(path, lambda: whole(io.BytesIO(data)).lazy(), "Arrow", told, limits)


def _sheet(path: Path, stream: IO[bytes], told: _Told, limits: Limits) -> Rows:
    """Read the first sheet of a workbook, where the reader that polars takes is installed."""
    data = stream.read()
    stream.close()
    if find_spec("fastexcel") is None:
        raise InputError(
            f"{path} is a workbook, which needs the fastexcel package; pip install fastexcel, or "
            "save the sheet as CSV"
        )
    told.notes.append(f"the first sheet of {path.name} was read")
    return _table_rows(path, lambda: pl.read_excel(io.BytesIO(data)).lazy(), "Excel", told, limits)


def _table_rows(
    path: Path, opened: Callable[[], pl.LazyFrame], kind: str, told: _Told, limits: Limits
) -> Rows:
    try:
        table = opened()
        check_columns(path, len(table.collect_schema()), limits.columns)
        count = table.select(pl.len()).collect().item()
        check_rows(path, count)
        for start in range(0, count, TABLE_ROWS):
            told.share = min(1.0, (start + TABLE_ROWS) / count)
            yield from table.slice(start, TABLE_ROWS).collect().iter_rows(named=True)
    except InputError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # a panic is no Exception
        first = (str(error) or repr(error)).splitlines()[0][:200]
        raise InputError(f"{path} is not a readable {kind} file: {first}") from None


def as_json(row: Row | RowReject) -> str:
    """Return a source row as JSON text, so that it can travel with the run untouched.

    A row that could not be read travels as a JSON string of what stood there.
    """
    if isinstance(row, RowReject):
        return json.dumps(row.raw)
    return json.dumps(row, ensure_ascii=True, default=_plain)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
