"""Rows of JSON: a line each, a list, objects one after another, or inside one object."""

from __future__ import annotations

import codecs
import json
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from pathlib import Path

from wimhf.data.containers.limits import joined
from wimhf.data.containers.recode import not_utf8
from wimhf.data.containers.rows import Row
from wimhf.data.containers.shapes import rows_in
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

Rows = Generator[Row | RowReject, None, None]


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


def json_lines(path: Path, stream: Iterable[bytes], notes: list[str]) -> Rows:
    """Yield the rows of a file of lines; one that is no such file is read as what it is.

    Objects are also written over several lines each, a list as the only thing in the file.
    """
    lines = (line for line in _lines(path, stream) if line.strip())
    first, second = next(lines, ""), next(lines, None)
    value = _parsed(first)
    if isinstance(value, dict) and (second is not None or rows_in(value) is None):
        yield from (_row(line.rstrip("\n")) for line in chain([first, second or ""], lines)
                    if line.strip())  # fmt: skip
    elif value is None or isinstance(value, list):
        text = joined(path, chain([first, second or ""], lines))
        yield from _one_after_another(path, text, notes)
    else:
        yield from _unwrapped(path, value, notes)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _one_after_another(path: Path, text: str, notes: list[str]) -> Rows:
    """Yield objects that take several lines each, or a list's; else a row or reject a line."""
    start = text.lstrip()
    if start.startswith("[") and isinstance(_parsed(text), list):
        notes.append(f"{path.name} is one JSON list")
        yield from _json_items(path, text)
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


def json_whole(path: Path, stream: Iterable[bytes], notes: list[str]) -> Rows:
    """Yield the rows of a file that is one list or one object, or objects after each other."""
    text = joined(path, _lines(path, stream))
    if text.lstrip().startswith("["):
        yield from _json_items(path, text)
        return
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
