"""The pair table: columns, dtypes and meaning; what is accepted and what is a reject."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import polars as pl

PAIR_COLUMNS: dict[str, pl.DataType] = {
    "pair_id": pl.String(),
    "prompt": pl.String(),
    "response_a": pl.String(),
    "response_b": pl.String(),
    "label": pl.Float64(),
    "weight": pl.Float64(),
    "annotator": pl.String(),
    "strength": pl.Float64(),
    "model_a": pl.String(),
    "model_b": pl.String(),
    "subset": pl.String(),
    "conversation_id": pl.String(),
    "turns": pl.String(),
    "source": pl.String(),
    "source_row": pl.Int64(),
    "swapped": pl.Boolean(),
}
"""``source`` is the part a pair came from, where there are several; ``swapped`` is True where
the source lists response_b first."""
REQUIRED = (
    "pair_id", "prompt", "response_a", "response_b", "label", "weight", "source_row", "swapped",
)  # fmt: skip
MAX_WEIGHT = 1e9
REJECT_COLUMNS: dict[str, pl.DataType] = {
    "source_row": pl.Int64(),
    "reason": pl.String(),
    "detail": pl.String(),
}
UNIT = 16
"""Letters of a pair's id that stand for its prompt and responses."""
AS_IT_IS = json.JSONEncoder(ensure_ascii=False)


Turns = list[dict[str, str]]
"""A conversation: role and content of every turn."""
Remark = tuple[str, str]
"""What was done to read a pair that its reader should know: the kind, and to what."""
Fields = dict[str, Any]
"""What is said of a pair, by the fields of ``Pair``, which checks it."""


class RowReject(Exception):
    """A source row that is not a pair; becomes a line of rejects.parquet, never a traceback.

    Parameters
    ----------
    reason
        Counted: a short phrase without data, e.g. ``"empty response"``.
    detail
        What was found in this row.
    raw
        The row itself where it could not even be read.
    code
        The label that was not understood, or the role, where that is why.
    """

    def __init__(
        self, reason: str, detail: str = "", raw: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.raw = raw
        self.code = code
        self.remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Pair:
    """One accepted pair, before it becomes a row of the pair table.

    ``label`` is 1.0 when A is preferred, 0.0 for B, 0.5 for a tie, None when unlabelled;
    fractions are a judge's probability that A is better.
    """

    prompt: str
    response_a: str
    response_b: str
    label: float | None
    weight: float = 1.0
    annotator: str | None = None
    strength: float | None = None
    model_a: str | None = None
    model_b: str | None = None
    subset: str | None = None
    conversation_id: str | None = None
    turns: Turns | None = None
    swapped: bool = False
    remarks: tuple[Remark, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        for side, text in (("A", self.response_a), ("B", self.response_b)):
            if not text.strip():
                raise RowReject("empty response", f"response {side} has no text")
        for text in self.__dict__.values():
            if isinstance(text, str) and not _is_unicode(text):
                raise RowReject("text is not valid Unicode", "a lone surrogate code point")
        if self.label is not None and not 0.0 <= self.label <= 1.0:
            raise RowReject("label out of range", f"label {self.label} is not between 0 and 1")
        if self.strength is not None and not math.isfinite(self.strength):
            raise RowReject("strength out of range", f"strength is {self.strength}")
        if not 0.0 <= self.weight <= MAX_WEIGHT:
            raise RowReject("weight out of range", f"weight {self.weight} is not in 0 to 1e9")

    def exchanged(self) -> Pair:
        """Return the same pair with sides exchanged and the label mirrored."""
        return replace(
            self,
            response_a=self.response_b,
            response_b=self.response_a,
            model_a=self.model_b,
            model_b=self.model_a,
            label=None if self.label is None else 1.0 - self.label,
            swapped=not self.swapped,
        )


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def content_hash(prompt: str, first: str, second: str) -> str:
    """Return 16 hex digits that identify a pair whatever the order of its sides."""
    return _content_hash(prompt, *sorted((first, second)))


@lru_cache(maxsize=64)
def _content_hash(prompt: str, lesser: str, greater: str) -> str:
    key = AS_IT_IS.encode([prompt, lesser, greater])
    return hashlib.sha256(key.encode()).hexdigest()[:UNIT]


def drawn_sides(pair: Pair) -> Pair:
    """Place a pair that lists its winner first on sides drawn by its hash.

    The draw sees the texts and not which of them won: nothing can learn that "A wins", and a
    pair whose winner and loser are exchanged keeps its sides and gets the mirrored label.
    """
    digest = content_hash(pair.prompt, pair.response_a, pair.response_b)
    lesser_first = int(digest[-1], 16) % 2 == 0
    return pair if (pair.response_a < pair.response_b) == lesser_first else pair.exchanged()


class PairTable:
    """Lays accepted pairs out as rows of the pair table."""

    def __init__(self) -> None:
        self._columns: dict[str, list[object]] = {name: [] for name in PAIR_COLUMNS}
        self.remarks: Counter[Remark] = Counter()

    def add(self, pair: Pair, source_row: int, source: str | None = None) -> None:
        """Add a pair that came from a row of a source."""
        columns = self._columns
        digest = content_hash(pair.prompt, pair.response_a, pair.response_b)
        columns["pair_id"].append(digest)
        columns["source_row"].append(source_row)
        columns["source"].append(source)
        self.remarks.update(set(pair.remarks))
        for name, value in pair.__dict__.items():
            if name == "remarks":
                continue
            if name == "turns" and value is not None:
                value = json.dumps(value, ensure_ascii=False)
            columns[name].append(value)

    def packed(self) -> pl.DataFrame:
        """Return the rows, with all columns; repeats of a pair share its id."""
        return pl.DataFrame(self._columns, schema=PAIR_COLUMNS)


def joined_table(packed: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Join rows of pairs to the pair table; optional columns are there where any row has one.

    Exact repeats of a pair get an occurrence number behind the hash, so ids stay unique.
    """
    table = pl.concat([PairTable().packed(), *packed])
    optional = [name for name in PAIR_COLUMNS if name not in REQUIRED]
    table = table.drop([n for n in optional if table[n].null_count() == len(table)])
    digest, count = pl.col("pair_id"), pl.int_range(1, pl.len() + 1).over("pair_id")
    return table.with_columns(
        pl.when(count == 1).then(digest).otherwise(pl.format("{}-{}", digest, count))
    )


def pair_table(pairs: Iterable[Pair], source_rows: Iterable[int]) -> pl.DataFrame:
    """Lay accepted pairs out as the pair table."""
    laid = PairTable()
    for pair, row in zip(pairs, source_rows, strict=True):
        laid.add(pair, row)
    return joined_table([laid.packed()])


def reject_table(rejects: Iterable[tuple[int, RowReject]]) -> pl.DataFrame:
    """Lay rejected rows out as a table: source_row, reason, detail."""
    rows = [(row, reject.reason, reject.detail) for row, reject in rejects]
    return pl.DataFrame(rows, schema=REJECT_COLUMNS, orient="row")


CURATED_COLUMNS: dict[str, pl.DataType] = {
    "source_label": pl.Float64(),
    "source_weight": pl.Float64(),
    "kept": pl.Boolean(),
    "edit": pl.Int64(),
    "edited_by": pl.String(),
    "edited_because": pl.String(),
}
"""Behind the pair table's own columns, of which ``label`` and ``weight`` are the curated ones.

``source_label`` and ``source_weight`` are what the source says; ``kept`` is False where a pair is
dropped; ``edit`` is the number of the edit that decides the pair, null where none does, with who
made it and why.
"""


def uncurated(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return a pair table as no edit leaves it, with the columns that edits fill."""
    return pairs.with_columns(
        pl.col("label").alias("source_label"),
        pl.col("weight").alias("source_weight"),
        pl.lit(True).alias("kept"),
        *(
            pl.lit(None, CURATED_COLUMNS[name]).alias(name)
            for name in ("edit", "edited_by", "edited_because")
        ),
    )


def is_changed() -> pl.Expr:
    """Say of every pair whether its label, weight or presence is not the source's."""
    return (
        ~pl.col("kept")
        | pl.col("label").ne_missing(pl.col("source_label"))
        | pl.col("weight").ne_missing(pl.col("source_weight"))
    )
