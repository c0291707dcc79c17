"""JSON documents that are too large to be held: their rows are read one by one."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from wimhf.data.containers.limits import check_dense, too_large
from wimhf.data.containers.rows import Row
from wimhf.data.containers.shapes import LISTS
from wimhf.data.pairs import RowReject
from wimhf.errors import InputError

Rows = Generator[Row | RowReject, None, None]
BLOCK = 2**20
SPACE = " \t\r\n"


class Window:
    """The part of a text that is looked at; it grows and moves on as the text is read.

    Parameters
    ----------
    most
        Characters of one value at most.
    """

    def __init__(self, path: Path, parts: Iterable[str], most: int) -> None:
        self._path, self._parts, self._most = path, iter(parts), most
        self._text, self._at, self._before = "", 0, 0
        self._decoder = json.JSONDecoder()

    @property
    def position(self) -> int:
        """How many characters of the text lie behind."""
        return self._before + self._at

    def peek(self) -> str:
        """Return the next character that is no space; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Pass a character if it is the next one."""
        found = self.peek() == character
        self._at += found
        return found

    def value(self) -> object:
        """Read a value.

        Raises
        ------
        InputError
            If there is none, or it is larger than what is held at once.
        """
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self.fault(error) from None
            except ValueError as error:
                if not self._more():
                    raise self.fault(error) from None
                continue
            if end < len(self._text) or not self._more():  # a number may go on
                self._at = end if end <= len(self._text) else self._at
                return value

    def fault(self, why: object) -> InputError:
        """Return the error of a text that is no JSON."""
        return InputError(
            f"{self._path} is not JSON, or is cut off, behind character {self.position:,}: {why}"
        )

    def _more(self) -> bool:
        """Read at least as much again as lies ahead; say whether there was anything."""
        ahead = self._text[self._at :]
        if len(ahead) > self._most:
            raise too_large(self._path, self._most)
        check_dense(self._path, ahead)
        parts, size = [ahead], 0
        while size < max(len(ahead), BLOCK) and (part := next(self._parts, "")):
            parts.append(part)
            size += len(part)
        if size:
            self._before += self._at
            self._text, self._at = "".join(parts), 0
        return size > 0


def streamed(path: Path, parts: Iterable[str], notes: list[str], most: int) -> Rows:
    """Yield the rows of a list, of the lists in an object, or objects one after another.

    Raises
    ------
    InputError
        If the text is no JSON, or one that cannot be read row by row.
    """
    window = Window(path, parts, most)
    if window.peek() == "[":
        notes.append(f"{path.name} is one JSON list")
        yield from _items(window)
    elif window.take("{"):
        yield from _listed(path, window, notes, most)
    else:
        raise too_large(path, most)
    if window.peek():
        raise window.fault("something follows the end")


def one_after_another(path: Path, parts: Iterable[str], notes: list[str], most: int) -> Rows:
    """Yield objects that follow one another, each over several lines."""
    window = Window(path, parts, most)
    notes.append(f"objects of {path.name} take several lines each")
    while window.peek():
        yield row_of(window.value())
        window.take(",")


def row_of(value: object) -> Row | RowReject:
    """Return an item of a list as a row, or why it is none."""
    if isinstance(value, dict):
        return value
    why = f"it holds a {type(value).__name__}"
    return RowReject("item is not a JSON object", why, json.dumps(value))


def _items(window: Window) -> Iterator[Row | RowReject]:
    window.take("[")
    if window.take("]"):
        return
    while True:
        yield row_of(window.value())
        if window.take("]"):
            return
        if not window.take(","):
            raise window.fault("expected , or ]")


def _listed(path: Path, window: Window, notes: list[str], most: int) -> Rows:
    """Yield the rows of the lists that an object has under the usual names."""
    found = []
    while True:
        name = window.value()
        if not isinstance(name, str) or not window.take(":"):
            raise window.fault("expected a name and :")
        if name in LISTS and window.peek() == "[":
            found.append(name)
            yield from _items(window)
        else:
            window.value()
        if window.take("}"):
            break
        if not window.take(","):
            raise window.fault("expected , or }")
    if not found:
        raise too_large(path, most)
    notes.append(f"rows of {path.name} are in the lists under {', '.join(found)}")
