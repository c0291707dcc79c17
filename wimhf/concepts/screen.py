"""One pass over a text that tells which of hundreds of expressions it may match.

Hyperscan (Wang et al. 2019) runs all expressions at once; here it only rules texts out, by
expressions loosened so that what they miss cannot match. What is left is matched one by one.
"""

from __future__ import annotations

import hashlib
import platform
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Ints, Mask, cache_folder, write_atomically
from wimhf.concepts.loosen import Loose, Unseen, loosened, seen
from wimhf.errors import RunError

LEAST_EXPRESSIONS = 16
"""Fewer are matched one by one as fast."""
COMPILE_FROM = 8_000_000
"""Characters from which compiling, which takes seconds and is done once, pays."""
KEPT = 16
"""Compiled files that are kept in the cache folder, the newest."""


@dataclass(frozen=True)
class Candidates:
    """The rows in which an expression may match.

    Attributes
    ----------
    rows
        (r,) in order.
    matches, once
        (r,) whether it matches for sure, and whether exactly once for sure.
    """

    rows: Ints
    matches: Mask
    once: Mask


@dataclass(frozen=True)
class _Part:
    """The compiled expressions for a part of a text (a column of ``parts_of``)."""

    database: Any
    numbers: tuple[int, ...]
    exact: tuple[bool, ...]


class Screen:
    """Tells which texts may match expressions."""

    def __init__(self, parts: Mapping[str, _Part]) -> None:
        self._parts = parts

    def candidates(
        self, texts: pl.DataFrame, told: Callable[[float], None]
    ) -> dict[int, Candidates]:
        """Return per expression, by its number, where it may match.

        An expression that is not among them may match anywhere. ``told`` is called now and then
        with the share that is done.
        """
        found: dict[int, Candidates] = {}
        for name, part in self._parts.items():
            column = texts[name]
            ascii_only = (column.str.len_bytes() == column.str.len_chars()).to_numpy()
            own, rows = _scanned(part.database, column.to_list(), told if name == "whole" else None)
            order = np.argsort(own, kind="stable")
            ends = np.searchsorted(own[order], np.arange(len(part.numbers) + 1))
            for place, number in enumerate(part.numbers):
                where, times = _runs(rows[order[ends[place] : ends[place + 1]]])
                # all matches that end at one place overlap: there is one of them
                sure = ascii_only[where] & part.exact[place]
                found[number] = Candidates(where, sure, sure & (times == 1))
        return found


def _runs(ordered: Ints) -> tuple[Ints, Ints]:
    """Return the distinct values of ordered ones, and how often each is there."""
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[first], np.diff(first, append=len(ordered))


def _scanned(
    database: Any, texts: list[str], told: Callable[[float], None] | None
) -> tuple[Ints, Ints]:
    """Return which expressions may match, and in which row, for every place where a match ends."""
    import hyperscan

    # its own, so that threads may scan at once
    scratch = hyperscan.Scratch(database)
    found = array("I")
    ends = np.zeros(len(texts) + 1, dtype=np.int64)

    def note(number: int, start: int, end: int, flags: int, context: object) -> None:
        found.append(number)

    for row, text in enumerate(texts, start=1):
        if text:
            database.scan(seen(text), match_event_handler=note, scratch=scratch)
        ends[row] = len(found)
        if told is not None and row % 1024 == 0:
            told(row / len(texts))
    own = np.frombuffer(found, dtype=np.uint32).astype(np.int64)
    return own, np.repeat(np.arange(len(texts)), np.diff(ends))


def screen_for(expressions: Sequence[tuple[str, str]], characters: int) -> Screen | None:
    """Return a screen for expressions, each with its part, or None where there is none to be had.

    There is none where Hyperscan is not installed, or would have to be compiled for so few
    characters that it does not pay.
    """
    if len(expressions) < LEAST_EXPRESSIONS or find_spec("hyperscan") is None:
        return None
    parts = {}
    for part in dict.fromkeys(part for part, _ in expressions):
        own = {n: _loosened(text) for n, (there, text) in enumerate(expressions) if there == part}
        known = {number: loose for number, loose in own.items() if loose is not None}
        if known:
            patterns = tuple(loose.pattern for loose in known.values())
            database = _database(patterns, characters >= COMPILE_FROM)
            if database is None:
                return None
            exact = tuple(loose.exact for loose in known.values())
            parts[part] = _Part(database, tuple(known), exact)
    return Screen(parts)


@lru_cache(maxsize=4096)
def _loosened(expression: str) -> Loose | None:
    try:
        return loosened(expression)
    except Unseen:
        return None


def _database(patterns: tuple[bytes, ...], compile_it: bool) -> Any:
    """Return compiled patterns, from the cache folder if they are there."""
    import hyperscan

    key = repr((version("hyperscan"), platform.machine(), patterns)).encode()
    path = cache_folder() / "patterns" / f"{hashlib.sha256(key).hexdigest()[:32]}.hs"
    with suppress(OSError, hyperscan.error):  # not there, damaged, or of another processor
        return _loaded(path)
    if not compile_it:
        return None
    database = _compiled(patterns)
    with suppress(OSError, RunError):  # a folder that cannot be written is no reason to stop
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda file: file.write(hyperscan.dumpb(database)))
        newest = sorted(path.parent.glob("*.hs"), key=lambda one: -one.stat().st_mtime)
        for old in newest[KEPT:]:
            old.unlink(missing_ok=True)
    return database


@lru_cache(maxsize=8)
def _loaded(path: Path) -> Any:
    import hyperscan

    return hyperscan.loadb(path.read_bytes(), hyperscan.HS_MODE_BLOCK)


def _compiled(patterns: Sequence[bytes]) -> Any:
    """Compile patterns; one that cannot be is replaced by one that always matches."""
    import hyperscan

    def database(chosen: Sequence[bytes]) -> Any:
        made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        made.compile(expressions=list(chosen), ids=list(range(len(chosen))), flags=0)
        return made

    def compiles(pattern: bytes) -> bool:
        try:
            database([pattern])
        except hyperscan.error:
            return False
        return True

    try:
        return database(patterns)
    except hyperscan.error:
        return database([one if compiles(one) else rb"[\x00-\xff]" for one in patterns])
