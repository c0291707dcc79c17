"""Texts in sentences: as they are counted, and as they are cut out of a text."""

from __future__ import annotations

import re
from functools import lru_cache

SENTENCE_END = re.compile(r"[.!?…。！？\n](?:(?<!\n)[.!?…。！？]*+[\"'”’)\]*_]*+(\s)?)?")
"""A line's end, or a whole run of marks, which ends a sentence where space follows.

One class stands first, which the search skips to; a page of dots is passed once.
"""
PIECE_END = re.compile(r"(?<=[.!?…])[\"'”’)*_]*\s+|(?<=[。！？])|\n+\s*")


@lru_cache(maxsize=1)
def sentence_parts(text: str) -> tuple[tuple[str, bool], ...]:
    """Return sentences and pieces of lines, stripped, and whether each ends like a sentence."""
    parts, start = [], 0
    for end in SENTENCE_END.finditer(text + "\n"):
        line = end[0] == "\n"
        if not line and end[1] is None:
            continue
        part = text[start : end.start()].strip()
        if part:
            parts.append((part, not line))
        start = end.end()
    return tuple(parts)


def sentences(text: str) -> list[str]:
    """Return sentences and pieces of lines, stripped."""
    return [part for part, _ in sentence_parts(text)]


def sentence_pieces(text: str, characters: int) -> list[str]:
    """Return the sentences and lines of a text that end within a number of characters.

    Spaces are kept: joined, the pieces are the beginning of the text.
    """
    pieces: list[str] = []
    start = 0
    for end in [*(match.end() for match in PIECE_END.finditer(text)), len(text)]:
        if end > characters:
            break
        if text[start:end].strip():
            pieces.append(text[start:end])
            start = end
    return pieces
