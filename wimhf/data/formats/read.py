"""Sources -> pair table, rejects and the untouched rows, a chunk at a time."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import polars as pl

from wimhf.base import Event, Progress, ReadConfig, silent
from wimhf.data.containers.read import as_json
from wimhf.data.containers.rows import Opened, Row, listed
from wimhf.data.formats.detect import MAPPABLE, SAMPLE_ROWS, choose_format
from wimhf.data.formats.family import Family, Numbered
from wimhf.data.formats.sources import Part, parts_of, sources_hash
from wimhf.data.pairs import Pair, PairTable, RowReject, reject_table
from wimhf.errors import InputError

CHUNK = 10_000
"""Rows that are held as Python objects at once."""
R = TypeVar("R", bound=Row | RowReject)
ANY = Family()
"""Renames the columns of rows whose family is not known yet."""
ROW_COLUMNS = {"source_row": pl.Int64, "row": pl.String}


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
        Rows read.
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
    packed_rows: list[bytes] = field(default_factory=list, repr=False)

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


def read_pairs(config: ReadConfig, progress: Progress = silent) -> Source:
    """Read a source into the pair table.

    Raises
    ------
    InputError
        If it cannot be read, no format fits, or no row is a pair.
    """
    check_columns(config.columns)
    sources = (config.source, *config.also)
    parts = parts_of(sources, config.limit)
    reader = _Reader(config, progress, many=len(parts) > 1)
    for part in parts:
        reader.read(part)
    source = reader.finished()
    if source.pairs.is_empty():
        counts = list(source.reject_counts.items())[:3]
        reasons = ", ".join(f"{reason} ({count})" for reason, count in counts)
        raise InputError(
            f"{' and '.join(sources)} has no usable pair among {source.n_rows} rows read as "
            f"{source.format}: {reasons}; expected {reader.expected()}"
        )
    return source


class _Reader:
    """Reads parts one after another and lays their rows out."""

    def __init__(self, config: ReadConfig, progress: Progress, *, many: bool) -> None:
        self.config, self.progress, self.many = config, progress, many
        self.pairs = PairTable()
        self.rejects: list[tuple[int, RowReject]] = []
        self.packed_rows: list[bytes] = []
        self.families: dict[str, Family] = {}
        self.headers: dict[str, Row] = {}
        self.layouts: dict[str, Row] = {}
        self.kinds: list[str] = []
        self.n_rows = 0
        self.mapped: set[str] = set()
        self.seen: set[str] = set()

    def read(self, part: Part) -> None:
        """Read one part."""
        left = None if self.config.limit is None else self.config.limit - self.n_rows
        if left == 0:
            return
        with closing(part.open()) as opened:
            self._read(opened, part, left)
        if part.note is not None:
            self.progress(Event("read", message=part.note))

    def _read(self, opened: Opened, part: Part, left: int | None) -> None:
        rows = islice(opened.rows, left)
        head = list(islice(rows, SAMPLE_ROWS))
        if not head:
            raise InputError(
                f"{self._where(part)} holds no rows; expected a prompt and two responses per row"
            )
        family = self._family(head, part, opened.kind)
        self.families[part.name] = family
        self.kinds.append(opened.kind)
        for chunk in self._chunks(chain(head, rows), family, part):
            self._take(chunk, family, part)
            unit = "rows" if opened.kind == "hf" else "bytes"
            self.progress(Event("read", min(opened.position(), part.size), part.size, unit=unit))

    def _family(self, head: list[Row | RowReject], part: Part, kind: str) -> Family:
        renamed = [self._renamed(row) for row in head]
        try:
            return choose_format(self.config.format, renamed, self._where(part), kind)
        except InputError:
            self._check_mapped()  # the likelier mistake
            raise

    def _where(self, part: Part) -> str:
        is_named = not self.many or Path(part.source).name == part.name
        return part.source if is_named else f"{part.source} ({part.name})"

    def _chunks(
        self, rows: Iterable[Row | RowReject], family: Family, part: Part
    ) -> Iterator[list[Numbered]]:
        numbered: Iterator[Numbered] = enumerate(rows, start=self.n_rows)
        if type(family).unfold is not Family.unfold:
            known = [(number, self._seen(row)) for number, row in numbered]
            unfolded = family.unfold(known, self.config.columns)
            if unfolded.header is not None:
                self.headers[part.name] = unfolded.header
            if unfolded.layout is not None:
                self.layouts[part.name] = unfolded.layout
            numbered = enumerate((row for _, row in unfolded.rows), start=self.n_rows)
        while chunk := list(islice(numbered, CHUNK)):
            yield chunk

    def _take(self, chunk: list[Numbered], family: Family, part: Part) -> None:
        for number, row in chunk:
            for pair in map(self._chosen, family.parsed(self._renamed(row, family))):
                if isinstance(pair, RowReject):
                    self.rejects.append((number, pair))
                else:
                    self.pairs.add(pair, number, part.name if self.many else None)
        self.pairs.pack()
        texts = {"source_row": [n for n, _ in chunk], "row": [as_json(row) for _, row in chunk]}
        packed = io.BytesIO()
        pl.DataFrame(texts, schema=ROW_COLUMNS).write_parquet(packed)
        self.packed_rows.append(packed.getvalue())
        self.n_rows += len(chunk)

    def _chosen(self, pair: Pair | RowReject) -> Pair | RowReject:
        """Leave out labels of others, where one annotator's were asked for."""
        wanted = self.config.label
        if wanted is None or isinstance(pair, RowReject) or pair.annotator == wanted:
            return pair
        return RowReject("label not asked for", f"it is {pair.annotator or 'nobody'}'s")

    def _renamed(self, row: Row | RowReject, family: Family = ANY) -> Row | RowReject:
        if not self.config.columns or isinstance(row, RowReject):
            return row
        return family.renamed(self._seen(row), self.config.columns)

    def _seen(self, row: R) -> R:
        """Note which columns there are, of those that ``--map`` names."""
        if self.config.columns and isinstance(row, dict):
            self.seen |= row.keys() if len(self.seen) < 1000 else set()
            self.mapped |= {name for name in self.config.columns.values() if name in row}
        return row

    def _check_mapped(self) -> None:
        missing = set(self.config.columns.values()) - self.mapped
        if missing:
            raise InputError(
                f"--map names {listed(missing)}, which {self._sources()} does not have; "
                f"its columns: {listed(self.seen)}"
            )

    def _sources(self) -> str:
        return " and ".join((self.config.source, *self.config.also))

    def expected(self) -> str:
        """Say what the formats expect."""
        return "; or ".join(dict.fromkeys(family.expects for family in self.families.values()))

    def finished(self) -> Source:
        """Lay out what was read."""
        self._check_mapped()
        pairs = self.pairs.table()
        drawn = tuple(name for name, family in self.families.items() if family.sides_drawn)
        return Source(
            pairs=pairs,
            rejects=reject_table(self.rejects),
            parts={name: family.name for name, family in self.families.items()},
            container=" + ".join(dict.fromkeys(self.kinds)),
            polarity=polarity(pairs, list(self.families.values())),
            drawn_parts=drawn,
            sha256=sources_hash((self.config.source, *self.config.also)),
            n_rows=self.n_rows,
            headers=self.headers,
            layouts=self.layouts,
            packed_rows=self.packed_rows,
        )


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


def check_columns(columns: dict[str, str]) -> None:
    """Refuse a renaming that no format could use.

    Raises
    ------
    InputError
        If a name means nothing to any format.
    """
    unknown = set(columns) - MAPPABLE
    if unknown:
        raise InputError(
            f"--map cannot set {listed(unknown)}; it sets {listed(MAPPABLE, 60)}, "
            "e.g. --map response_a=left,response_b=right"
        )
