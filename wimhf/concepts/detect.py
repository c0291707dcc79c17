"""Measuring concepts: one regular expression each, run in Rust where it may match."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Event, Floats, Floats32, Ints, Progress, silent
from wimhf.concepts.bank import Concept
from wimhf.concepts.expressions import expression, part_of, parts_of, sought
from wimhf.concepts.measures import count_words
from wimhf.concepts.screen import Candidates, Screen, screen_for
from wimhf.concepts.structure import DETECTORS

BATCH = 32_000_000
"""Characters measured at once, which bounds memory; an expression is made ready once for them."""
GROUP = 16
"""Concepts counted between two reports of progress."""
SCANNED = 0.7
"""The share of the time that scanning takes, where there is a screen."""
TOLD_EVERY = 2.0
"""Seconds between reports of progress, at least."""
Entries = tuple[Ints, Floats32]
"""The rows in which a concept is found, and how much of it."""
NOTHING: Entries = np.array([], dtype=np.int64), np.array([], dtype=np.float32)
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
    written = [column for column, concept in enumerate(concepts) if concept.detector is None]
    detected = [column for column, concept in enumerate(concepts) if concept.detector is not None]
    own = [concepts[column] for column in written]
    screen = screen_for([(part_of(c), sought(c)) for c in own], sum(map(len, texts)))
    report = _Report(progress, len(texts))
    found: list[tuple[Ints, Ints, Floats32]] = []
    for start, batch in _batches(texts):
        words, entries = _detected([concepts[c] for c in detected], batch)
        entries += _matched(own, batch, words, screen, partial(report.tell, start, len(batch)))
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


def _detected(concepts: Sequence[Concept], texts: list[str]) -> tuple[Floats, list[Entries]]:
    """Return the words of texts, and what detectors find.

    On each text all run before the next one, so that they share what they need of it.
    """
    detectors: list[Callable[[str], float]] = [count_words]
    detectors += [DETECTORS[concept.detector or ""] for concept in concepts]
    table = np.array([[detect(text) for detect in detectors] for text in texts])
    words: Floats = table[:, 0]
    return words, [_entries(column, None) for column in table[:, 1:].astype(np.float32).T]


def _matched(
    concepts: Sequence[Concept], texts: list[str], words: Floats, screen: Screen | None, told: Told
) -> list[Entries]:
    """Return what expressions match; where a screen rules texts out, in the others only."""
    if not concepts:
        return []
    parts = parts_of(texts).with_columns(words=pl.Series(np.maximum(words, 1.0)))
    scanned = 0.0 if screen is None else SCANNED
    rows = {} if screen is None else screen.candidates(parts, lambda share: told(share * scanned))
    found = [NOTHING] * len(concepts)
    wanted = [n for n in range(len(concepts)) if n not in rows or len(rows[n].rows)]
    for first in range(0, len(wanted), GROUP):
        group = {n: _Open.of(concepts[n], rows.get(n)) for n in wanted[first : first + GROUP]}
        amounts = [
            _amount(concepts[n], one.rows).implode().alias(str(n))
            for n, one in group.items()
            if one.rows is None or len(one.rows)
        ]
        values = parts.select(amounts)
        for number, one in group.items():
            name = str(number)
            own = values[name][0].to_numpy() if name in values.columns else NOTHING[1]
            found[number] = _merged(_entries(own, one.rows), one.once, concepts[number], words)
        told(scanned + (1 - scanned) * first / len(wanted))
    told(1.0)
    return found


@dataclass(frozen=True)
class _Open:
    """What is left to count: the rows to match in, None for all, and those that match once."""

    rows: Ints | None
    once: Ints

    @classmethod
    def of(cls, concept: Concept, candidates: Candidates | None) -> _Open:
        """Return what a screen leaves open of a concept."""
        if candidates is None:
            return cls(None, NOTHING[0])
        known = candidates.matches if concept.count == "presence" else candidates.once
        if concept.without:
            known = np.zeros_like(known)
        return cls(candidates.rows[~known], candidates.rows[known])


def _entries(values: Floats32, rows: Ints | None) -> Entries:
    """Return where values are not 0; ``rows`` are theirs, None for all."""
    where = np.flatnonzero(values)
    return (where if rows is None else rows[where]), values[where]


def _merged(counted: Entries, once: Ints, concept: Concept, words: Floats) -> Entries:
    """Return what was counted together with the rows in which a concept is found once."""
    if not len(once):
        return counted
    one = np.ones(len(once), dtype=np.float32)
    if concept.count == "density":
        one = (100 * one / np.maximum(words[once], 1.0)).astype(np.float32)
    return np.concatenate([counted[0], once]), np.concatenate([counted[1], one])


def _amount(concept: Concept, rows: Ints | None) -> pl.Expr:
    """Return how much of a concept there is in some rows, None for all."""
    part, own = part_of(concept), sought(concept)

    def there(name: str) -> pl.Expr:
        column = pl.col(name)
        return column if rows is None else column.gather(pl.lit(pl.Series(rows)))

    if concept.count == "presence":
        amount = there(part).str.contains(own).cast(pl.Float32)
    else:
        amount = there(part).str.count_matches(own).cast(pl.Float32)
    if concept.count == "density":
        amount = 100 * amount / there("words")
    if concept.without:
        cancelled = there("whole").str.contains(expression(concept.without))
        amount = pl.when(cancelled).then(0.0).otherwise(amount)
    return amount.cast(pl.Float32)
