"""Rows of JSON: a line each, a list, objects one after another, or inside one object."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from wimhf.data.containers.json_stream import BLOCK, Rows, one_after_another, streamed
from wimhf.data.containers.limits import check_dense, held
from wimhf.data.containers.recode import not_utf8
from wimhf.data.containers.rows import Row
from wimhf.data.containers.shapes import rows_in
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError


def _lines(path: Path, stream: Iterable[bytes]) -> Iterator[str]:
    # not splitlines(): it also breaks at U+2028, which JSON strings may hold
    at = 0
    for number, line in enumerate(stream):
        if number == 0 and line.startswith(codecs.BOM_UTF8):
            line, at = line[3:], 3
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise not_utf8(path, at + error.start) from None
        at += len(line)


def _blocks(path: Path, stream: IO[bytes]) -> Iterator[str]:
    """Yield a text in parts, whatever the length of its lines."""
    decoder, at = codecs.getincrementaldecoder("utf-8-sig")(), 0
    while True:
        block = stream.read(BLOCK)
        before = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise not_utf8(path, at - before + error.start) from None
        at += len(block)
        if text:
            yield text
        if not block:
            return


def json_lines(path: Path, stream: Iterable[bytes], notes: list[str], most: int) -> Rows:
    """Yield the rows of a file of lines; one that is no such file is read as what it is.

    Objects are also written over several lines each, a list as the only thing in the file.
    """
    lines = (line for line in _lines(path, stream) if line.strip())
    first, second = next(lines, ""), next(lines, None)
    check_dense(path, first)
    value = _parsed(first)
    if isinstance(value, dict) and (second is not None or rows_in(value) is None):
        yield from _rows(path, chain([first, second or ""], lines))
    elif value is None or isinstance(value, list):
        rest = chain([first, second or ""], lines)
        text, whole = held(rest, most)
        if whole:
            check_dense(path, text)
            yield from _one_after_another(path, text, notes)
        elif text.lstrip().startswith("["):
            yield from streamed(path, chain([text], rest), notes, most)
        elif _begins_with_object(text):
            yield from one_after_another(path, chain([text], rest), notes, most)
        else:
            yield from _rows(path, chain(io.StringIO(text, newline="\n"), rest))
    else:
        yield from _unwrapped(path, value, notes)


def _rows(path: Path, lines: Iterable[str]) -> Iterator[Row | RowReject]:
    for line in lines:
        if line.strip():
            check_dense(path, line)
            yield _row(line.rstrip("\n"))


def _begins_with_object(text: str) -> bool:
    try:
        return isinstance(json.JSONDecoder().raw_decode(text, _past_space(text, 0))[0], dict)
    except (ValueError, RecursionError):
        return False


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _one_after_another(path: Path, text: str, notes: list[str]) -> Rows:
    """Yield objects that take several lines each, or a list's; else a row or reject a line."""
    start = text.lstrip()
    if start.startswith("[") and isinstance(_parsed(text), list):
        yield from streamed(path, [text], notes, len(text))
        return
    values = _objects(text)
    if values is None:
        yield from (_row(line) for line in text.split("\n") if line.strip())
        return
    notes.append(f"objects of {path.name} take several lines each")
    if len(values) == 1:
        yield from _unwrapped(path, values[0], notes)
    else:
        yield from values


def _objects(text: str) -> list[Row] | None:
    """Return the objects that a text is, one after another; None where it is anything else."""
    decoder, at, values = json.JSONDecoder(), _past_space(text, 0), list[Row]()
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        values.append(value)
        at = _past_space(text, at)
        at = _past_space(text, at + 1) if text[at : at + 1] == "," else at
    return values or None


def _unwrapped(path: Path, value: object, notes: list[str]) -> Rows:
    """Yield the rows that an object holds, or the object as a row."""
    found = rows_in(value) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        yield RowReject("line is not a JSON object", f"it holds a {type(value).__name__}",
                        json.dumps(value))  # fmt: skip
    elif found is None:
        yield value
    else:
        notes.append(f"rows of {path.name} are in {found[1]}")
        yield from found[0]


def _row(line: str) -> Row | RowReject:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RowReject("line is not JSON", f"{error}"[:200], line)
    if not isinstance(value, dict):
        return RowReject("line is not a JSON object", f"it holds a {type(value).__name__}", line)
    return value


def json_whole(path: Path, stream: IO[bytes], notes: list[str], most: int) -> Rows:
    """Yield the rows of a file that is one list or one object, or objects after each other.

    Of an object ``most`` characters are held; of a larger one the lists in it are read row by row.
    """
    blocks = _blocks(path, stream)
    first = next(blocks, "")
    if first.lstrip().startswith("["):
        yield from streamed(path, chain([first], blocks), [], most)
        return
    text, whole = held(chain([first], blocks), most)
    if not whole:
        several = _begins_with_object(text)
        parts = chain([text], blocks)
        yield from (one_after_another if several else streamed)(path, parts, notes, most)
        return
    check_dense(path, text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{") and "\n" in text.strip():
            yield from _one_after_another(path, text, notes)
            return
        raise _not_json(path, error) from None
    if not isinstance(value, dict):
        raise InputError(f"{path} holds a {type(value).__name__}; expected a list of objects")
    yield from _unwrapped(path, value, notes)


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _not_json(path: Path, why: object) -> InputError:
    return InputError(f"{path} is not JSON, or is cut off: {why}")
