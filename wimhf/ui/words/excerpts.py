"""Short passages of long texts, taken where something is marked."""

from __future__ import annotations

import re

from wimhf.ui.words.worddiff import Segments

LENGTH = 200
"""Characters of an excerpt."""
LEAD = 50
"""Characters shown before the first mark."""
_BLANKS = re.compile(r"\s+")


def excerpt(segments: Segments, length: int = LENGTH) -> Segments:
    """Return a passage of a text on one line, from shortly before its first mark.

    Parameters
    ----------
    segments
        The text, with what is marked in it.
    length
        Characters of it, at most; three dots stand for what is left out at either end.

    >>> excerpt([("one two three four five ", False), ("six", True)], 12)
    [('… ', False), ('six', True)]
    """
    flat = [(_BLANKS.sub(" ", text), marked) for text, marked in segments]
    text = "".join(part for part, _ in flat)
    if len(text) <= length:
        return [part for part in flat if part[0]]
    start = _start(flat, text, length)
    end = start + length
    if end < len(text) and " " in text[start:end]:
        end = max(text.rindex(" ", start, end), start + length // 2)
    kept: Segments = [("… ", False)] if start else []
    at = 0
    for part, marked in flat:
        piece = part[max(start - at, 0) : max(end - at, 0)]
        if piece:
            kept.append((piece, marked))
        at += len(part)
    return [*_joined(kept), (" …", False)] if end < len(text) else _joined(kept)


def _start(flat: Segments, text: str, length: int) -> int:
    """Return where the passage starts: at a word, before the first mark, never needlessly late."""
    first = at = 0
    for part, marked in flat:
        if marked:
            first = at
            break
        at += len(part)
    start = min(first - min(LEAD, length // 4), len(text) - length)
    if start <= 0:
        return 0
    blank = text.find(" ", start, start + LEAD)
    return start if blank < 0 else blank + 1


def _joined(segments: Segments) -> Segments:
    """Join neighbours of the same kind."""
    joined: Segments = []
    for text, marked in segments:
        if joined and joined[-1][1] == marked:
            joined[-1] = (joined[-1][0] + text, marked)
        else:
            joined.append((text, marked))
    return joined
