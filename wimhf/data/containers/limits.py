"""What a source may be at most, so that no file takes the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

FEW_PARTS = 4 * 10**6
"""Up to this number values inside one value are no harm."""
ROWS_PER_BYTE = 8
"""A table of more rows for each byte of its file is a trap."""
FEW_ROWS = 10**6
"""Up to this number rows are no harm."""
T = TypeVar("T", bound=dict[str, object] | RowReject)


@dataclass(frozen=True)
class Limits:
    """Bytes of a line and of a file once unpacked, and columns of a row, at most."""

    line: int = 64 * 2**20
    unpacked: int = 64 * 2**30
    columns: int = 10_000


class Lines:
    """The lines of a stream, none of which is longer than allowed."""

    def __init__(self, stream: IO[bytes], path: Path, most: int) -> None:
        self._stream, self._path, self._most = stream, path, most

    def __iter__(self) -> Iterator[bytes]:
        number = 0
        while line := self._stream.readline(self._most + 1):
            number += 1
            if len(line) > self._most:
                raise too_long(self._path, number, self._most)
            yield line


def too_long(path: Path, number: int, most: int) -> InputError:
    """Return the error of a line that is longer than allowed."""
    return InputError(
        f"line {number:,} of {path} is longer than {most:,} bytes, as no row is; if it is right, "
        "raise max_line under [read] of the settings"
    )


def too_large(path: Path, most: int) -> InputError:
    """Return the error of a JSON value that is larger than what is held at once."""
    return InputError(
        f"{path} holds one JSON value of more than {most:,} bytes, as no row is; write it as "
        ".jsonl, a row a line, or raise max_line under [read] of the settings"
    )


def check_dense(path: Path, text: str) -> None:
    """Refuse JSON that takes a hundred times its size once it is read: nothing but commas."""
    parts = text.count(",") + text.count("[") + text.count("{") if len(text) > FEW_PARTS else 0
    if parts > max(FEW_PARTS, len(text) // 16):
        raise InputError(
            f"{path} holds one JSON value of more than {FEW_PARTS:,} parts, as no row does; write "
            "it as .jsonl, a row a line"
        )


def held(parts: Iterator[str], most: int) -> tuple[str, bool]:
    """Read a text up to a size; return what was read, and whether that is all."""
    known, size = [], 0
    for part in parts:
        known.append(part)
        size += len(part)
        if size > most:
            return "".join(known), False
    return "".join(known), True


def check_columns(path: Path, count: int, most: int) -> None:
    """Refuse a row, or a table, of more columns than allowed."""
    if count > most:
        raise InputError(
            f"{path} has {count:,} columns, more than {most:,}; if that is right, raise "
            "max_columns under [read] of the settings"
        )


def narrow(path: Path, rows: Iterator[T], most: int) -> Iterator[T]:
    """Pass rows on, none of which has more columns than allowed."""
    for row in rows:
        if isinstance(row, dict):
            check_columns(path, len(row), most)
        yield row


def check_rows(path: Path, count: int) -> None:
    """Refuse a table whose file cannot hold so many rows that differ."""
    if count > FEW_ROWS and count > ROWS_PER_BYTE * path.stat().st_size:
        raise InputError(
            f"{path} says that it holds {count:,} rows in {path.stat().st_size:,} bytes, as no "
            "data do; write it anew if you trust it"
        )


def twice(names: Iterable[str]) -> set[str]:
    """Return the names that are there more than once."""
    return {name for name, count in Counter(names).items() if count > 1}
