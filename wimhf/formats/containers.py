"""Containers: .jsonl .json .csv .tsv .parquet, each also gzipped -> source rows as dictionaries."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from wimhf.errors import InputError
from wimhf.formats.base import Row, listed
from wimhf.schema import RowReject

CONTAINERS = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
MAX_BYTES = 8 * 2**30
"""A file that unpacks to more than this is refused: most likely a mistake or a trap."""
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Container:
    """The rows of a file: (row number, row or why it is not one), its kind and sha256."""

    path: Path
    kind: str
    sha256: str
    rows: list[tuple[int, Row | RowReject]]


def read_container(source: str, limit: int | None = None) -> Container:
    """Read a file's rows.

    Raises
    ------
    InputError
        If the file is missing, empty, unreadable, truncated, in another encoding than UTF-8 or
        of an unknown kind.
    """
    path = _path(source)
    raw = _bytes(path)
    sha256 = hashlib.sha256(raw).hexdigest()
    kind = _kind(path)
    data = _unpacked(path, raw)
    if not data.strip():
        raise InputError(f"{path} is empty; expected rows with a prompt and two responses")
    readers = {
        ".jsonl": _json_lines, ".json": _json, ".csv": _csv, ".tsv": _tsv, ".parquet": _parquet,
    }  # fmt: skip
    rows = list(islice(enumerate(readers[kind](path, data)), limit))
    if not rows:
        raise InputError(f"{path} holds no rows; expected a prompt and two responses per row")
    return Container(path, kind.lstrip("."), sha256, rows)


def _path(source: str) -> Path:
    try:
        return Path(source).expanduser()
    except RuntimeError:
        raise InputError(f"{source} does not exist: no such user; check the path") from None


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; give one file: {', '.join(CONTAINERS)}")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the path") from None
    except PermissionError:
        raise InputError(f"{path} cannot be read: permission denied") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise InputError(f"{str(path)!r} cannot be read: {error}") from None


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    kind = {".ndjson": ".jsonl", ".pq": ".parquet"}.get(kind, kind)
    if kind not in CONTAINERS:
        raise InputError(
            f"{path.name} has an unknown ending; expected one of {', '.join(CONTAINERS)}, "
            "each also .gz"
        )
    return kind


def _unpacked(path: Path, raw: bytes) -> bytes:
    if not raw.startswith(GZIP_MAGIC):
        if path.suffix.lower() == ".gz" and raw:
            raise InputError(f"{path} ends in .gz and is not gzip data; rename it or pack it")
        return raw
    try:
        with gzip.open(io.BytesIO(raw)) as stream:
            data = stream.read(MAX_BYTES + 1)
    except EOFError:
        raise InputError(
            f"{path} is truncated: its gzip stream ends early; copy it again"
        ) from None
    except (OSError, zlib.error) as error:
        raise InputError(f"{path} is damaged: {error}; copy it again") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} unpacks to more than {MAX_BYTES >> 30} GiB; split it")
    return data


def _text(path: Path, data: bytes) -> str:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:2]
    try:
        if not wide:
            return data.decode("utf-8-sig")
        at = 0
    except UnicodeDecodeError as error:
        at = error.start
    guess = "UTF-16" if wide else "another encoding"
    raise InputError(
        f"{path} is not UTF-8 at byte {at} (it looks like {guess}); save it as UTF-8 and try again"
    )


def _json_lines(path: Path, data: bytes) -> Iterator[Row | RowReject]:
    # not splitlines(): it also breaks at U+2028, which JSON strings may hold
    for line in _text(path, data).split("\n"):
        if line.strip():
            yield _row(line)


def _row(line: str) -> Row | RowReject:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RowReject("line is not JSON", f"{error}"[:200], line)
    if not isinstance(value, dict):
        return RowReject("line is not a JSON object", f"it holds a {type(value).__name__}", line)
    return value


def _json(path: Path, data: bytes) -> Iterator[Row | RowReject]:
    text = _text(path, data)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{") and "\n" in text.strip():
            yield from _json_lines(path, data)
            return
        raise InputError(f"{path} is not JSON, or is cut off: {error}") from None
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise InputError(f"{path} holds a {type(value).__name__}; expected a list of objects")
    for item in value:
        if isinstance(item, dict):
            yield item
        else:
            raw = json.dumps(item)
            yield RowReject("item is not a JSON object", f"it holds a {type(item).__name__}", raw)


def _csv(path: Path, data: bytes, delimiter: str = ",") -> Iterator[Row | RowReject]:
    csv.field_size_limit(2**31 - 1)
    text = io.StringIO(_text(path, data), newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next((cells for cells in reader if cells), [])]
        twice = {name for name in header if header.count(name) > 1}
        if twice:
            raise InputError(f"{path} has the column {listed(twice)} more than once; rename it")
        for cells in reader:
            if len(cells) == len(header):
                yield dict(zip(header, cells, strict=True))
            elif cells:
                said = f"{len(cells)} for {len(header)} columns"
                yield RowReject("wrong number of cells", said, json.dumps(cells))
    except csv.Error as error:
        raise InputError(
            f"{path} is not well-formed CSV in line {reader.line_num}: {error}"
        ) from None


def _tsv(path: Path, data: bytes) -> Iterator[Row | RowReject]:
    return _csv(path, data, delimiter="\t")


def _parquet(path: Path, data: bytes) -> Iterator[Row | RowReject]:
    try:
        table = pl.read_parquet(io.BytesIO(data))
    except (Exception, pl.exceptions.PanicException) as error:  # a panic is no Exception
        first = (str(error) or repr(error)).splitlines()[0][:200]
        raise InputError(f"{path} is not a readable Parquet file: {first}") from None
    yield from table.iter_rows(named=True)


def as_json(row: Row | RowReject) -> str:
    """Return a source row as JSON text, so that it can travel with the run untouched.

    A row that could not be read travels as a JSON string of what stood there.
    """
    if isinstance(row, RowReject):
        return json.dumps(row.raw)
    return json.dumps(row, ensure_ascii=True, default=_plain)


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
