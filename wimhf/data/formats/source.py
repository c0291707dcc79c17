"""What a source holds, once read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.formats.family import Family
from wimhf.data.notes import ReadNotes


@dataclass(frozen=True)
class Source:
    """What a source holds, once read.

    Attributes
    ----------
    pairs, rejects
        The pair table, and every row left out with its reason; together they account for all rows.
    parts
        Name of the format of every part; where there are several, the pair table's ``source``
        names the part of a pair.
    drawn_parts
        Parts in which the order of responses is the label, so that sides were drawn.
    headers
        Per part what its source says once for all rows, where it does.
    layouts
        Per part what ``Family.fold`` needs to give the container's own rows again, where the
        rows that were saved are not these.
    n_rows
        Rows read, as the format counts them.
    notes
        What was done to read it.
    """

    pairs: pl.DataFrame
    rejects: pl.DataFrame
    parts: dict[str, str]
    container: str
    polarity: str
    drawn_parts: tuple[str, ...]
    sha256: str
    n_rows: int
    headers: dict[str, Row] = field(default_factory=dict)
    layouts: dict[str, Row] = field(default_factory=dict)
    notes: ReadNotes = field(default_factory=ReadNotes)
    packed_rows: list[bytes] = field(default_factory=list, repr=False)

    @property
    def n_read(self) -> int:
        """Rows of the files, of which several may make one row of the format."""
        return self.notes.n_read or self.n_rows

    @property
    def format(self) -> str:
        """The format, or several joined by plus signs."""
        return " + ".join(dict.fromkeys(self.parts.values()))

    @property
    def sides_drawn(self) -> bool:
        """True where sides were drawn in any part."""
        return bool(self.drawn_parts)

    @property
    def rows(self) -> pl.DataFrame:
        """The untouched source rows as JSON text: source_row, row."""
        return self.scan_rows().collect()

    def scan_rows(self) -> pl.LazyFrame:
        """Return the untouched source rows without unpacking them all."""
        return pl.scan_parquet(self.packed_rows)

    @property
    def reject_counts(self) -> dict[str, int]:
        """Return the number of rejected rows by reason, most frequent first."""
        return dict(Counter(self.rejects["reason"].to_list()).most_common())


def polarity(pairs: pl.DataFrame, families: list[Family]) -> str:
    """Say which side the label favours, so that a person can check it against the source."""
    label = pl.when("swapped").then(1 - pl.col("label")).otherwise("label")
    first = pairs.select(first=label).to_series().drop_nulls()
    counts = {
        "the first listed response is preferred": int((first > 0.5).sum()),
        "the second": int((first < 0.5).sum()),
        "neither (a tie)": int((first == 0.5).sum()),
    }
    phrases = [f"in {count:,} pairs {what}" for what, count in counts.items() if count]
    unlabelled = pairs["label"].null_count()
    phrases += [f"{unlabelled:,} pairs have no label"] if unlabelled else []
    meanings = "; ".join(dict.fromkeys(family.polarity for family in families))
    return f"{', '.join(phrases)} ({meanings})"
