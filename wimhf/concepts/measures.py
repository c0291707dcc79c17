"""Texts in words, and differences that are odd."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, side_by_side

Texts = Sequence[str] | pl.Series
"""One response of every pair."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

UNSPACED = re.compile("[\u0e01-\u0eff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
LETTERS = re.compile(r"[^\W_]+")
ASCII = [chr(code) for code in range(128)]
LOWERED = bytes(ord(char.lower()) if char.isalnum() else 32 for char in ASCII) + bytes(128)
"""ASCII letters and digits in lower case, and spaces for everything else."""
QUOTED = LOWERED[:39] + b"'" + LOWERED[40:]
"""The same, apostrophes kept."""
SPACED = bytes(32 if char.isspace() else 120 for char in ASCII) + bytes(128)
"""Spaces, and one letter for everything else."""
TOGETHER = 20_000
"""Texts whose words are counted at once."""
MARKS = bytes(code for code, char in enumerate(ASCII) if not char.isalnum())


@lru_cache(maxsize=1)
def count_words(text: str) -> float:
    """Return words between spaces; in scripts without spaces every character counts as one."""
    if text.isascii():
        spaced = text.encode("ascii").translate(SPACED)
        return float(spaced.count(b" x") + spaced.startswith(b"x"))
    return float(len(text.split()) + len(UNSPACED.findall(text)))


def words_of(texts: Texts) -> Floats:
    """Return ``count_words`` of every text (n,); many are counted far faster than one by one."""
    whole = pl.Series(texts, dtype=pl.String)
    parts = [whole.slice(start, TOGETHER) for start in range(0, len(whole), TOGETHER)]
    each = side_by_side if len(parts) > 1 else map
    return np.concatenate([np.zeros(0), *each(_words_together, parts)])


def _words_together(texts: pl.Series) -> Floats:
    plain = (texts.str.len_bytes() == texts.str.len_chars()).to_numpy()
    counts = np.zeros(len(texts))
    counts[plain] = _ascii_words(texts.filter(plain))
    for place in np.flatnonzero(~plain).tolist():
        counts[place] = count_words(texts[place])
    return counts


def _ascii_words(texts: pl.Series) -> Floats:
    """Count the words of texts in ASCII, all in one go."""
    ends = np.cumsum(texts.str.len_bytes().to_numpy().astype(np.int64) + 1)
    code = np.frombuffer(b" " + (texts.str.join(" ").item() or "").encode(), dtype=np.uint8)
    space = (code == 32) | (code - np.uint8(9) < 5) | (code - np.uint8(28) < 4)
    starts = np.flatnonzero(space[:-1] & ~space[1:])
    return np.diff(np.searchsorted(starts, ends), prepend=0).astype(np.float64)


def count_letters(text: str) -> int:
    """Return how many letters and digits there are."""
    if text.isascii():
        return len(text.encode("ascii").translate(None, MARKS))
    return sum(map(str.isalnum, text))


@lru_cache(maxsize=1)
def plain_words(text: str) -> list[str]:
    """Return runs of letters and digits in lower case, apostrophes taken out."""
    if text.isascii():
        return text.encode("ascii").translate(LOWERED, b"'").decode("ascii").split()
    return LETTERS.findall(text.lower().replace("'", "").replace("’", ""))


@lru_cache(maxsize=1)
def distinct_words(text: str) -> frozenset[str]:
    """Return the different plain words."""
    return frozenset(plain_words(text))


def different_words(text: str) -> set[str]:
    """Return the different words as ``WORD`` finds them, in lower case, apostrophes straight."""
    if not text.isascii():
        return set(WORD.findall(text.lower().replace("’", "'")))
    found = set(text.encode("ascii").translate(QUOTED).decode("ascii").split())
    quoted = [word for word in found if "'" in word]
    return found.difference(quoted).union(*map(WORD.findall, quoted))


def odd_log(difference: Floats32) -> Floats32:
    """Return sign(x) log(1 + |x|), which swapping negates exactly."""
    logged: Floats32 = np.sign(difference) * np.log1p(np.abs(difference))
    return logged
