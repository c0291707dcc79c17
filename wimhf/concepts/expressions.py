"""The regular expression of a concept, and the parts of a text it is sought in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from wimhf.base import Mask

REACH = 200
"""Characters of an opening or an ending, at most."""
APOSTROPHES = "[’‘ʼ＇´]"
OPENING = r"^((?:\d{1,3}[.)]\s+)?[^\n]*?[.!?…。！？]+[\"'”’)\]*_]*)(?:\s|$)"
ENDING = r"(?s).*(?:[.!?…。！？]+[\"'”’)\]*_]*\s|\n)\s*(\S.*)$"
AFTER_END = r"[^\p{L}\p{N}.!?…。！？:;,\"'”)\]}]+$"
LONG_S = "ſ"
BOUNDARY = re.compile(r"\\b(?!\{)|\\.", re.DOTALL)


def expression(patterns: Iterable[str], words: Iterable[str] = ()) -> str:
    r"""Return one case-insensitive regular expression that matches any of them.

    Unless letters beyond ASCII are sought, a boundary (``\b``) is one between ASCII letters and
    anything else: the engine is many times faster so on texts with curly quotes or emoji.
    """
    alternatives = [f"(?:{pattern})" for pattern in patterns]
    phrases = sorted((_phrase(word) for word in words), key=len, reverse=True)
    return _written("|".join(alternatives + phrases))


@lru_cache(maxsize=4096)
def _written(joined: str) -> str:
    joined = re.sub(APOSTROPHES, "'", _without_accents(joined))
    if not any(char.isalpha() and not char.isascii() for char in joined):
        joined = BOUNDARY.sub(lambda m: r"(?-u:\b)" if m[0] == r"\b" else m[0], joined)
    return f"(?i)(?:{joined})"


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def _phrase(word: str) -> str:
    parts = word.split()
    body = r"\s+".join(re.escape(part) for part in parts)
    before = r"\b" if parts[0][0].isalnum() else ""
    after = r"\b" if parts[-1][-1].isalnum() else ""
    return f"{before}{body}{after}"


def parts_of(texts: Sequence[str], wanted: Collection[str] = ()) -> pl.DataFrame:
    r"""Return the whole texts, and of ``first_line``, ``opening`` and ``ending`` those wanted.

    As concepts are sought in them: accents are dropped, a long s is an s, apostrophes are straight
    and line ends ``\n``.
    """
    odd = np.array([not text.isascii() or "\r" in text for text in texts], dtype=bool)
    whole = pl.col("whole")
    line = whole.str.strip_chars().str.splitn("\n", 2).struct.field("field_0").fill_null("")
    last = whole.str.tail(2 * REACH).str.replace(AFTER_END, "")
    parts = {
        "first_line": line,
        "opening": pl.coalesce(line.str.extract(OPENING), line).str.head(REACH),
        "ending": pl.coalesce(last.str.extract(ENDING), last).str.tail(REACH),
    }
    frame = pl.DataFrame({"whole": _plain(texts, odd)})
    return frame.lazy().with_columns(**{p: parts[p] for p in parts if p in wanted}).collect()


def _plain(texts: Sequence[str], odd: Mask) -> pl.Series:
    """Return texts without accents and such; ``odd`` says which may have any."""
    whole = pl.Series(texts, dtype=pl.String)
    if not odd.any():
        return whole
    rows = np.flatnonzero(odd)
    own = whole.gather(rows).str.normalize("NFD").str.replace_all(r"\p{Mn}+", "")
    own = own.str.replace_all(APOSTROPHES, "'").str.replace_all(LONG_S, "s", literal=True)
    own = own.str.replace_all("\r\n?", "\n")
    return whole.scatter(rows, own)
