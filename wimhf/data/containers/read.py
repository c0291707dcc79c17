"""Containers: .jsonl .json .csv .tsv .parquet .arrow, each also packed -> rows, one at a time."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO

import polars as pl

from wimhf.data.containers.rows import Opened, Row, listed
from wimhf.data.containers.unpack import PACKED, open_unpacked
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

Rows = Generator[Row | RowReject, None, None]
CONTAINERS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow")
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


def open_container(path: Path) -> Opened:
    """Open a file's rows; they are read as they are asked for.

    Raises
    ------
    InputError
        If the file is missing, empty or of an unknown kind; its rows raise it where the file is
        damaged, truncated or in another encoding than UTF-8.
    """
    kind = kind_of(path)
    stream, position = open_unpacked(path)
    if kind is None:
        stream.close()
        raise InputError(
            f"{path.name} has an unknown ending; expected one of {', '.join(CONTAINERS)}, "
            "each also .gz or .zst"
        )
    with stream:
        _check_head(path, stream.read(HEAD), binary=kind in (".parquet", ".arrow"))
    readers: dict[str, Callable[[Path, IO[bytes]], Rows]] = {
        ".jsonl": _json_lines, ".json": _json, ".csv": _csv, ".tsv": _tsv, ".parquet": _parquet,
        ".arrow": _arrow,
    }  # fmt: skip
    stream, position = open_unpacked(path)
    rows = readers[kind](path, stream)

    def close() -> None:
        rows.close()
        stream.close()

    return Opened(kind.lstrip("."), rows, position, close)


def _check_head(path: Path, head: bytes, *, binary: bool) -> None:
    if not head.strip() and len(head) < HEAD:
        raise InputError(f"{path} is empty; expected rows with a prompt and two responses")
    if not binary and (head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:2]):
        raise InputError(
            f"{path} is not UTF-8 at byte 0 (it looks like UTF-16); save it as UTF-8 and try again"
        )


def _lines(path: Path, stream: IO[bytes]) -> Iterator[str]:
    # not splitlines(): it also breaks at U+2028, which JSON strings may hold
    at = 0
    for number, line in enumerate(stream):
        if number == 0 and line.startswith(codecs.BOM_UTF8):
            line, at = line[3:], 3
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise _not_utf8(path, at + error.start) from None
        at += len(line)


def _not_utf8(path: Path, at: int) -> InputError:
    return InputError(
        f"{path} is not UTF-8 at byte {at} (it looks like another encoding); "
        "save it as UTF-8 and try again"
    )


def _json_lines(path: Path, stream: IO[bytes]) -> Rows:
    for line in _lines(path, stream):
        if line.strip():
            yield _row(line.rstrip("\n"))


def _row(line: str) -> Row | RowReject:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RowReject("line is not JSON", f"{error}"[:200], line)
    if not isinstance(value, dict):
        return RowReject("line is not a JSON object", f"it holds a {type(value).__name__}", line)
    return value


def _json(path: Path, stream: IO[bytes]) -> Rows:
    text = "".join(_lines(path, stream))
    if text.lstrip().startswith("["):
        yield from _json_items(path, text)
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{") and "\n" in text.strip():
            yield from (_row(line) for line in text.split("\n") if line.strip())
            return
        raise _not_json(path, error) from None
    if not isinstance(value, dict):
        raise InputError(f"{path} holds a {type(value).__name__}; expected a list of objects")
    yield value


def _json_items(path: Path, text: str) -> Rows:
    """Yield a list's items as they are read, so that they are not all held beside the text."""
    decoder, at, more = json.JSONDecoder(), text.index("[") + 1, False
    while True:
        at = _past_space(text, at)
        if text[at : at + 1] == "]" and not more:
            if text[at + 1 :].strip():
                raise _not_json(path, f"something follows the list at character {at + 1}")
            return
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise _not_json(path, error) from None
        if isinstance(item, dict):
            yield item
        else:
            raw = json.dumps(item)
            yield RowReject("item is not a JSON object", f"it holds a {type(item).__name__}", raw)
        at = _past_space(text, at)
        more = text[at : at + 1] == ","
        at += more
        if not more and text[at : at + 1] != "]":
            raise _not_json(path, f"expected , or ] at character {at}")


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _not_json(path: Path, why: object) -> InputError:
    return InputError(f"{path} is not JSON, or is cut off: {why}")


def _csv(path: Path, stream: IO[bytes], delimiter: str = ",") -> Rows:
    csv.field_size_limit(2**31 - 1)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
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
                counts = f"{len(cells)} for {len(header)} columns"
                yield RowReject("wrong number of cells", counts, json.dumps(cells))
    except csv.Error as error:
        raise InputError(
            f"{path} is not well-formed CSV in line {reader.line_num}: {error}"
        ) from None
    except UnicodeDecodeError:
        raise _not_utf8(path, _first_odd_byte(path)) from None
    finally:
        text.detach()


def _first_odd_byte(path: Path) -> int:
    stream, _ = open_unpacked(path)
    with stream:
        try:
            for _ in _lines(path, stream):
                pass
        except InputError as error:
            return int(str(error).split(" at byte ")[1].split()[0])
    return 0


def _tsv(path: Path, stream: IO[bytes]) -> Rows:
    return _csv(path, stream, delimiter="\t")


def _parquet(path: Path, stream: IO[bytes]) -> Rows:
    plain = isinstance(getattr(stream, "raw", None), io.FileIO)
    source: Path | io.BytesIO = path if plain else io.BytesIO(stream.read())
    stream.close()
    return _table_rows(path, lambda: pl.scan_parquet(source, glob=False), "Parquet")


def _arrow(path: Path, stream: IO[bytes]) -> Rows:
    data = stream.read()
    stream.close()
    whole = pl.read_ipc if data.startswith(b"ARROW1") else pl.read_ipc_stream
    return _table_rows(path, lambda: whole(io.BytesIO(data)).lazy(), "Arrow")


def _table_rows(path: Path, opened: Callable[[], pl.LazyFrame], kind: str) -> Rows:
    try:
        table = opened()
        count = table.select(pl.len()).collect().item()
        for start in range(0, count, TABLE_ROWS):
            yield from table.slice(start, TABLE_ROWS).collect().iter_rows(named=True)
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
