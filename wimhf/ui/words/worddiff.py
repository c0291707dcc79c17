"""Which words of a text are missing from another: the marks in example pairs."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import pairwise

MAX_MATCHES = 50_000
"""Pairs of equal words (about 4,000 words of prose in all) up to which texts are aligned.

Beyond, aligning could take minutes where words repeat; texts are compared as bags of words.
"""
ALIKE = 0.5
"""Share of words that two texts have in common from which those they do not have are marked."""

_BREAKS = (
    r"\s!-/:-@\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u0964\u0965\u2010-\u205e"
    r"\u3001-\u303f\uff01-\uff0f"
)
_SINGLE = r"\u0e01-\u0eff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Scripts without spaces give one word per character; all else is a run between breaks, so that
# vowel signs, joiners and emoji stay in one piece.
_WORD = re.compile(rf"[{_SINGLE}]|[^{_BREAKS}{_SINGLE}]+(?:['’-][^{_BREAKS}{_SINGLE}]+)*")


Segments = list[tuple[str, bool]]


def word_marks(text: str, other: str) -> Segments:
    """Cut a text into segments and mark those whose words ``other`` does not have there.

    Words are compared without regard to case; blanks and punctuation are never a difference.
    The words left unmarked are the same, in the same order, whichever text comes first (for
    texts beyond MAX_MATCHES: the same number of times, in any order).

    Parameters
    ----------
    text
        The text to cut.
    other
        The text to compare with.

    Returns
    -------
    list of (str, bool)
        Segments that joined give ``text``; True where the words are only in ``text``.

    >>> word_marks("I am sorry, no.", "I am happy.")
    [('I am ', False), ('sorry, no', True), ('.', False)]
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    words = [text[start:end].casefold() for start, end in spans]
    others = [match.group().casefold() for match in _WORD.finditer(other)]
    count = Counter(others)
    if sum(count[word] for word in words) > MAX_MATCHES:
        shared = _shared_bag(words, count)
    elif words <= others:
        shared = {block for block, _ in _aligned(words, others)}
    else:
        shared = {block for _, block in _aligned(others, words)}
    return _segments(text, [span for n, span in enumerate(spans) if n not in shared], spans)


def telling_marks(text: str, other: str) -> Segments:
    """Mark words as ``word_marks`` does, and none where that would mark nearly everything.

    Of two texts that share less than ``ALIKE`` of their words, in the same order, marks say only
    that they are two texts.
    """
    marked = word_marks(text, other)
    unique = sum(len(_WORD.findall(part)) for part, only in marked if only)
    words, others = len(_WORD.findall(text)), len(_WORD.findall(other))
    shared = words - unique
    if 2 * shared < ALIKE * (words + others):
        return [(text, False)] if text else []
    return marked


def plain_text(segments: Segments) -> str:
    """Return a text without its marks."""
    return "".join(text for text, _ in segments)


def _aligned(first: list[str], second: list[str]) -> list[tuple[int, int]]:
    """Return the positions of the words that both have in the same order."""
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return [(b.a + i, b.b + i) for b in blocks for i in range(b.size)]


def _shared_bag(words: list[str], others: Counter[str]) -> set[int]:
    """Return the positions of words that the other text has as often."""
    left = others.copy()
    shared = set()
    for number, word in enumerate(words):
        if left[word] > 0:
            left[word] -= 1
            shared.add(number)
    return shared


def _segments(text: str, unique: list[tuple[int, int]], spans: list[tuple[int, int]]) -> Segments:
    """Lay marked spans over the text; neighbouring marked words become one segment."""
    following = {before[1]: after[0] for before, after in pairwise(spans)}
    merged: list[tuple[int, int]] = []
    for start, end in unique:
        last = merged[-1][1] if merged else None
        if last is not None and following[last] == start and "\n" not in text[last:start]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    segments: Segments = []
    at = 0
    for start, end in merged:
        segments += [(text[at:start], False), (text[start:end], True)]
        at = end
    segments.append((text[at:], False))
    return [segment for segment in segments if segment[0]]


def cut(segments: Segments, length: int) -> tuple[Segments, Segments]:
    """Cut segments behind ``length`` characters; a short remainder is not worth a cut."""
    before: Segments = []
    left = length
    if sum(len(text) for text, _ in segments) <= length * 1.1:
        return segments, []
    for number, (text, unique) in enumerate(segments):
        if len(text) > left:
            after = [(text[left:], unique), *segments[number + 1 :]]
            return [*before, (text[:left], unique)] if left else before, after
        before.append((text, unique))
        left -= len(text)
    return before, []
