"""Measuring concepts: one regular expression each, run in Rust over many texts at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Event, Floats32, Ints, Progress, silent
from wimhf.concepts.concept import Concept
from wimhf.concepts.expressions import expression, parts_of
from wimhf.concepts.measures import words_of
from wimhf.concepts.sieve import Sieve
from wimhf.concepts.structure import DETECTORS

BATCH = 32_000_000
"""Characters measured at once, which bounds memory; an expression is made ready once for them."""
GROUP = 16
"""Concepts counted between two reports of progress."""
SIFTED = 30
"""Concepts from which it pays to index the texts by their words: for 33 of prompts, fivefold."""
TOLD_EVERY = 2.0
"""Seconds between reports of progress, at least."""
LINE = r"(?m)^[ \t]*"
TOGETHER = 8_000
"""Characters of patterns sought by one expression, where it only matters whether any matches."""
Entries = tuple[Ints, Floats32]
"""The rows in which a concept is found, and how much of it."""
NOWHERE: Entries = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
Told = Callable[[float], None]
"""Told what share of a batch is done."""


def measure_concepts(
    concepts: Sequence[Concept], texts: Sequence[str], progress: Progress = silent
) -> sparse.csc_array:
    """Return (texts, concepts) how much of every concept each text has, from 0 up; float32.

    Every value depends on its own text only. Upper and lower case, and straight and curly
    apostrophes, are the same.
    """
    shape = (len(texts), len(concepts))
    if not concepts:
        return sparse.csc_array(shape, dtype=np.float32)
    written = [column for column, concept in enumerate(concepts) if concept.detector is None]
    detected = [column for column, concept in enumerate(concepts) if concept.detector is not None]
    own = [concepts[column] for column in written]
    report = _Report(progress, len(texts))
    found: list[tuple[Ints, Ints, Floats32]] = []
    for start, batch in _batches(texts):
        with ThreadPoolExecutor(1) as beside, closing(_Detecting()) as detecting:
            # Python finds while Rust matches
            finding = beside.submit(detecting.run, [concepts[c] for c in detected], batch)
            matched = _matched(own, batch, partial(report.tell, start, len(batch)))
            entries = finding.result() + matched
        for column, (rows, values) in zip([*detected, *written], entries, strict=True):
            found.append((rows + start, np.full(len(rows), column), values))
    if not found:
        return sparse.csc_array(shape, dtype=np.float32)
    rows, columns, values = (np.concatenate(part) for part in zip(*found, strict=True))
    return sparse.csc_array((values, (rows, columns)), shape=shape, dtype=np.float32)


class _Report:
    """Tells how many texts are done, now and then."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._told = progress, total, time.monotonic()

    def tell(self, start: int, texts: int, share: float) -> None:
        """Report that a share of some texts is done, if the last report is long ago."""
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            done = start + int(share * texts)
            self._progress(Event("concepts", done, self._total, unit="texts"))


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield runs of texts of about ``BATCH`` characters, and where each starts."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    start = 0
    while start < len(texts):
        done = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, done + BATCH, side="right")))
        yield start, list(texts[start:end])
        start = end


class _Detecting:
    """Runs detectors, until it is closed."""

    def __init__(self) -> None:
        self._closed = False

    def close(self) -> None:
        """Stop after the next text."""
        self._closed = True

    def run(self, concepts: Sequence[Concept], texts: Sequence[str]) -> list[Entries]:
        """Return what detectors find.

        On each text all run before the next one, so that they share what they need of it.
        """
        detectors = [DETECTORS[concept.detector or ""] for concept in concepts]
        rows = [[d(text) for d in detectors] for text in texts if not self._closed]
        return [_entries(column) for column in np.array(rows, dtype=np.float32).T]


def _matched(concepts: Sequence[Concept], texts: list[str], told: Told) -> list[Entries]:
    """Return what expressions match."""
    parts = parts_of(texts, {part_of(concept) for concept in concepts})
    if any(concept.count == "density" for concept in concepts):
        parts = parts.with_columns(words=np.maximum(words_of(texts), 1.0))
    asked = {c.id: sought_apart(c) for c in concepts if part_of(c) == "whole"}
    wanted = [own for expressions in asked.values() for own in expressions]
    sieve = Sieve(parts["whole"], wanted) if len(concepts) >= SIFTED else None
    found: list[Entries] = []
    for first in range(0, len(concepts), GROUP):
        group = concepts[first : first + GROUP]
        rows = [sieve.rows(asked[c.id]) if sieve and c.id in asked else None for c in group]
        # an expression is not even made ready where nothing can match it
        looked = [at for at, own in enumerate(rows) if own is None or len(own)]
        frames = pl.collect_all([_lazily(parts, group[at], rows[at]) for at in looked])
        entries = dict.fromkeys(range(len(group)), NOWHERE)
        for at, frame in zip(looked, frames, strict=True):
            where, values = _entries(frame.to_series().to_numpy())
            own = rows[at]
            where = where if own is None else own[where]
            entries[at] = _uncancelled(group[at], parts["whole"], where, values)
        found += entries.values()
        told(min(1.0, (first + GROUP) / len(concepts)))
    return found


def _lazily(parts: pl.DataFrame, concept: Concept, rows: Ints | None) -> pl.LazyFrame:
    """Return how much of a concept some texts have, to be counted; all texts where None."""
    own = parts if rows is None else parts.select(pl.col("^whole|words$"))[rows]
    return own.lazy().select(_amount(concept))


def sought(concept: Concept) -> str:
    """Return the Rust regular expression of a concept."""
    own = expression(concept.patterns, concept.words)
    return LINE + own if concept.scope == "lines" else own


def written_pattern(concept: Concept) -> str:
    """Return the expression whose matches in a whole text give a concept away.

    Empty where it is found by other means, in a part of the text, or by too many words to mark.
    """
    if concept.detector is not None or not (concept.patterns or concept.words):
        return ""
    pattern = sought(concept)
    return pattern if part_of(concept) == "whole" and len(pattern) <= TOGETHER else ""


def sought_apart(concept: Concept) -> list[str]:
    """Return expressions any of which matches where ``sought`` does.

    Many long patterns are found several times faster in a few expressions than in one, which
    outgrows the engine's cache; in many, each reads the text again.
    """
    groups: list[list[str]] = [[]]
    for pattern in concept.patterns:
        if groups[-1] and sum(map(len, groups[-1])) + len(pattern) > TOGETHER:
            groups.append([])
        groups[-1].append(pattern)
    last = len(groups) - 1
    joined = [
        expression(group, concept.words if place == last else ())
        for place, group in enumerate(groups)
    ]
    return [LINE + own for own in joined] if concept.scope == "lines" else joined


def part_of(concept: Concept) -> str:
    """Return the column of ``parts_of`` in which a concept is sought."""
    return "whole" if concept.scope == "lines" else concept.scope


def _entries(values: Floats32) -> Entries:
    where = np.flatnonzero(values)
    return where, values[where]


def _amount(concept: Concept) -> pl.Expr:
    column = pl.col(part_of(concept))
    if concept.count == "presence":
        matched = [column.str.contains(own) for own in sought_apart(concept)]
        amount = pl.any_horizontal(matched).cast(pl.Float32)
    else:
        amount = column.str.count_matches(sought(concept)).cast(pl.Float32)
    if concept.count == "density":
        amount = 100 * amount / pl.col("words")
    return amount.cast(pl.Float32)


def _uncancelled(concept: Concept, texts: pl.Series, rows: Ints, values: Floats32) -> Entries:
    """Leave out the texts in which something takes back what was found."""
    if not concept.without or not len(rows):
        return rows, values
    cancelled = texts.gather(rows).str.contains(expression(concept.without))
    stays = ~cancelled.to_numpy()
    return rows[stays], values[stays]
