"""Measuring concepts: one regular expression each, run in Rust over all texts at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from wimhf.base import Floats32, Progress, silent
from wimhf.concepts.concept import Concept
from wimhf.concepts.measures import count_words
from wimhf.concepts.structure import DETECTORS

BATCH = 50_000
"""Texts measured at once; bounds the memory that scopes and counts take."""
REACH = 200
"""Characters of an opening or an ending, at most."""
APOSTROPHES = "[’‘ʼ＇´]"
OPENING = r"^((?:\d{1,3}[.)]\s+)?[^\n]*?[.!?…。！？]+[\"'”’)\]*_]*)(?:\s|$)"
ENDING = r"(?s).*(?:[.!?…。！？]+[\"'”’)\]*_]*\s|\n)\s*(\S.*)$"
AFTER_END = r"[^\p{L}\p{N}.!?…。！？:;,\"'”)\]}]+$"
BOUNDARY = re.compile(r"\\b(?!\{)|\\.", re.DOTALL)


def measure_concepts(
    concepts: Sequence[Concept], texts: Sequence[str], progress: Progress = silent
) -> Floats32:
    """Return (texts, concepts) how much of every concept each text has, from 0 up.

    Every value depends on its own text only. Upper and lower case, and straight and curly
    apostrophes, are the same.
    """
    out = np.zeros((len(texts), len(concepts)), dtype=np.float32)
    written = [column for column, c in enumerate(concepts) if c.detector is None]
    counts = [_count(concepts[column]).alias(str(column)) for column in written]
    detected = {column: c.detector for column, c in enumerate(concepts) if c.detector}
    detectors = [DETECTORS[name] for name in detected.values()]
    for start in range(0, len(texts), BATCH):
        batch = list(texts[start : start + BATCH])
        rows = slice(start, start + len(batch))
        if written:
            out[rows, written] = _scopes(batch).select(counts).to_numpy()
        if detected:
            out[rows, list(detected)] = [[detect(text) for detect in detectors] for text in batch]
    return out


def expression(patterns: Iterable[str], words: Iterable[str] = ()) -> str:
    r"""Return one case-insensitive regular expression that matches any of them.

    Unless letters beyond ASCII are sought, a boundary (``\b``) is one between ASCII letters and
    anything else: the engine is many times faster so on texts with curly quotes or emoji.
    """
    alternatives = [f"(?:{pattern})" for pattern in patterns]
    phrases = sorted((_phrase(word) for word in words), key=len, reverse=True)
    joined = re.sub(APOSTROPHES, "'", _without_accents("|".join(alternatives + phrases)))
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


def _count(concept: Concept) -> pl.Expr:
    sought = expression(concept.patterns, concept.words)
    if concept.scope == "lines":
        sought = rf"(?m)^[ \t]*{sought}"
    column = pl.col("whole" if concept.scope == "lines" else concept.scope)
    if concept.count == "presence":
        amount = column.str.contains(sought).cast(pl.Float32)
    else:
        amount = column.str.count_matches(sought).cast(pl.Float32)
    if concept.count == "density":
        amount = 100 * amount / pl.col("words")
    if concept.without:
        cancelled = pl.col("whole").str.contains(expression(concept.without))
        amount = pl.when(cancelled).then(0.0).otherwise(amount)
    return amount.cast(pl.Float32)


def _scopes(texts: list[str]) -> pl.DataFrame:
    words = np.maximum([count_words(text) for text in texts], 1)
    frame = pl.DataFrame({"whole": texts, "words": words}, schema_overrides={"whole": pl.String})
    whole = pl.col("whole").str.normalize("NFD").str.replace_all(r"\p{Mn}+", "")
    whole = whole.str.replace_all(APOSTROPHES, "'").str.replace_all("\r\n?", "\n")
    line, last = pl.col("first_line"), pl.col("last")
    return (
        frame.with_columns(whole)
        .with_columns(
            first_line=pl.col("whole").str.strip_chars().str.extract(r"^([^\n]*)").fill_null(""),
            last=pl.col("whole").str.tail(4 * REACH).str.replace(AFTER_END, ""),
        )
        .with_columns(
            opening=pl.coalesce(line.str.extract(OPENING), line).str.head(REACH),
            ending=pl.coalesce(last.str.extract(ENDING), last).str.tail(REACH),
        )
        .drop("last")
    )
