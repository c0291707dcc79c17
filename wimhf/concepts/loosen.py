r"""Rust regular expressions, loosened to ones over bytes that match wherever they do.

A text is seen as bytes, one for each character: ASCII as it is, and every other character as
``\x80``. A loosened expression finds every text that the expression finds, and a few more; where
nothing had to be loosened, none more in texts that are ASCII.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

OTHER = 0x80
"""The byte of every character beyond ASCII."""
ASCII = pl.Series([chr(code) for code in range(OTHER)])
TOKEN = re.compile(
    r"\\(?:x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|[pP](?:\{[^}]*\}|\w)|b\{|.)"
    r"|\(\?[ims-]*[:)]|\(\?|\{[\d,]*\}|.",
    re.DOTALL,
)
UNKNOWN = frozenset({r"\b{", r"\<", r"\>", "(?"})
CLASSES, ANCHORS = frozenset("wWdDsSpP"), frozenset({"^", r"\A"})
SIGNS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
FLAGS = re.compile(r"\(\?[ims-]+")
LONG_S, KELVIN = "\u017f", "\u212a"
"""The two characters beyond ASCII that are an ASCII letter in another case: texts have neither."""


class Unseen(Exception):
    """An expression that cannot be loosened."""


def seen(text: str) -> bytes:
    """Return a text as loosened expressions see it."""
    if text.isascii():
        return text.encode("ascii")
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    view: bytes = np.minimum(codes, OTHER).astype(np.uint8).tobytes()
    return view


@dataclass(frozen=True)
class Loose:
    """A loosened expression, and whether in texts of ASCII it matches exactly the same."""

    pattern: bytes
    exact: bool


def loosened(expression: str) -> Loose:
    """Return what matches every seen text in which a Rust regular expression matches.

    Raises
    ------
    Unseen
        If the expression uses what is not known to mean the same.
    """
    own = expression.replace(r"(?-u:\b)", r"\b")
    if LONG_S in own or KELVIN in own:
        raise Unseen(expression)
    # a boundary between letters of any script cannot be seen
    bounded = not any(char.isalpha() and not char.isascii() for char in own)
    flags = FLAGS.findall(own)
    by_lines = any("m" in flag for flag in flags)
    parts: list[str] = []
    place, inside = 0, _Inside()
    exact = bounded and not ("$" in own and any("m" in inner for inner in flags[1:]))
    while place < len(own):
        token = TOKEN.match(own, place)
        if token is None or token[0] in UNKNOWN:
            raise Unseen(expression)
        text, place = token[0], token.end()
        if text == "[":
            place = _class_end(own, token.start())
            text = own[token.start() : place]
        begun = inside.after(text)
        if text == r"\B" or (text == r"\b" and not bounded) or (text in ANCHORS and begun):
            exact = False
            continue
        if text == "$" and not by_lines:
            text = r"\z"  # elsewhere it is also the place before a last line break
        parts.append(_loosened(text))
    return Loose("".join(parts).encode("ascii"), exact)


class _Inside:
    """Whether anything may have been matched before a token: an anchor there is left out."""

    def __init__(self) -> None:
        self._begun = False
        self._groups: list[tuple[bool, bool]] = []

    def after(self, text: str) -> bool:
        """Take the next token; return whether something may have been matched before it."""
        begun = self._begun
        if text.startswith("(") and not text.endswith(")"):
            self._groups.append((begun, False))
        elif text == ")" and self._groups:
            self._begun |= self._groups.pop()[1]
        elif text == "|" and self._groups:
            start, other = self._groups[-1]
            self._groups[-1] = (start, other or begun)
            self._begun = start
        elif text == "|":
            self._begun = False
        elif text not in ANCHORS and text not in (r"\B", "$", r"\z", ")"):
            self._begun |= not text.startswith("(")
        return begun


def _loosened(text: str) -> str:
    if text.startswith("["):
        return _members(text)
    if text.startswith("{") and not re.fullmatch(r"\{\d+(?:,\d*)?\}", text):
        raise Unseen(text)
    if not text.startswith("\\"):
        return text if text.isascii() else _byte(OTHER)
    kind = text[1]
    if kind in CLASSES:
        return _members(text)
    if kind == "x":
        return _byte(int(text[2:].strip("{}"), 16))
    if kind in SIGNS:
        return _byte(SIGNS[kind])
    if kind.isalnum() and text not in (r"\A", r"\z", r"\b"):
        raise Unseen(text)
    return text if kind.isascii() else _byte(OTHER)


def _byte(code: int) -> str:
    return rf"\x{min(code, OTHER):02x}"


def _class_end(own: str, start: int) -> int:
    """Return where a class in brackets ends; classes may hold classes."""
    depth, place = 0, start
    while place < len(own):
        char = own[place]
        place += 2 if char == "\\" else 1
        if char == "[":
            depth += 1
            place += own.startswith("^", place)
            place += own.startswith("]", place)
        elif char == "]":
            depth -= 1
            if depth == 0:
                return place
    raise Unseen(own[start:])


@cache
def _members(chars: str) -> str:
    """Return a class of the ASCII characters in one, and of all others where it may hold any."""
    codes = np.flatnonzero(ASCII.str.contains(chars).to_numpy()).tolist()
    if not chars.isascii() or re.search(r"\\[a-zA-Z]|\[\^|\[:|&&", chars):
        codes.append(OTHER)
    if not codes:
        raise Unseen(chars)
    return "[" + "".join(map(_byte, codes)) + "]"
