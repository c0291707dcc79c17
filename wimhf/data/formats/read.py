"""Sources -> pair table, rejects and the untouched rows, a chunk at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import polars as pl

from wimhf.base import Event, ProcessEngine, Progress, ReadConfig, processors, silent
from wimhf.data.containers.limits import Limits
from wimhf.data.containers.rows import Opened, Row, listed
from wimhf.data.formats.advice import no_pair, only_verdicts
from wimhf.data.formats.detect import MAPPABLE, SAMPLE_ROWS, choose_format
from wimhf.data.formats.family import Family, Numbered
from wimhf.data.formats.laid import Laid, Laying
from wimhf.data.formats.noted import MOST, Noted, told_by_kind
from wimhf.data.formats.reading import Reading
from wimhf.data.formats.source import Source, polarity
from wimhf.data.formats.sources import Part, parts_of, sources_hash
from wimhf.data.notes import ReadNotes
from wimhf.data.pairs import Remark, RowReject, joined_table, reject_table
from wimhf.errors import InputError

CHUNK = 5_000
"""Rows that are laid out at once."""
FEW, MANY = 20_000, 40_000
"""Rows that are laid out here, and how many more make it pay to start other processes."""
MANY_REJECTS = 500_000
"""More rejects are kept only where more than a few rows are pairs."""
R = TypeVar("R", bound=Row | RowReject)
ANY = Family()
"""Renames the columns of rows whose family is not known yet."""


def read_pairs(config: ReadConfig, progress: Progress = silent) -> Source:
    """Read a source into the pair table.

    Raises
    ------
    InputError
        If it cannot be read, no format fits, or no row is a pair.
    """
    check_columns(config.columns)
    sources = (config.source, *config.also)
    parts = parts_of(
        sources, config.limit, Limits(config.max_line, config.max_unpacked, config.max_columns)
    )
    reader = _Reader(config, progress, many=len(parts) > 1)
    for part in parts:
        reader.read(part)
    source = reader.finished()
    if reader.verdicts:
        raise InputError(only_verdicts(config, source))
    if source.pairs.is_empty():
        asks = {"label_map": source.notes.codes, "roles": source.notes.roles}
        raise InputError(no_pair(config, source, reader.expected()), asks=asks)
    return source


class _Reader:
    """Reads parts one after another and lays their rows out."""

    def __init__(self, config: ReadConfig, progress: Progress, *, many: bool) -> None:
        self.config, self.progress, self.many = config, progress, many
        self.pairs: list[pl.DataFrame] = []
        self.remarks: Counter[Remark] = Counter()
        self.rejects: list[tuple[int, RowReject]] = []
        self.packed_rows: list[bytes] = []
        self.families: dict[str, Family] = {}
        self.headers: dict[str, Row] = {}
        self.layouts: dict[str, Row] = {}
        self.kinds: list[str] = []
        self.n_rows = 0
        self.mapped: set[str] = set()
        self.noted = Noted()
        self.verdicts = False

    def read(self, part: Part) -> None:
        """Read one part."""
        left = None if self.config.limit is None else self.config.limit - self.n_rows
        if left == 0:
            return
        with closing(part.open()) as opened:
            self._read(opened, part, left)
            notes = [*filter(None, [part.note]), *opened.notes]
        for note in notes:
            self.noted.containers.append(note)
            self.progress(Event("read", message=note))

    def _read(self, opened: Opened, part: Part, left: int | None) -> None:
        rows = islice(opened.rows, left)
        head = list(islice(rows, SAMPLE_ROWS))
        if not head:
            raise InputError(
                f"{self._where(part)} holds no rows; expected a prompt and two responses per row"
            )
        family = self._family(head, part, opened.kind)
        if family.surveys:
            family = self._surveyed(family, head, part, left)
        self.families[part.name] = family
        self.kinds.append(opened.kind)
        chunks = self._chunks(chain(head, rows), family, part)
        laying = Laying(self.config, family, part.name if self.many else None)
        for laid in self._laid(chunks, laying, lambda: self._rest(opened, part, left)):
            self._take(laid)
            self._check_rejects(part)
            unit = "rows" if opened.kind == "hf" else "bytes"
            self.progress(Event("read", min(opened.position(), part.size), part.size, unit=unit))

    def _family(self, head: list[Row | RowReject], part: Part, kind: str) -> Family:
        renamed = [self._renamed(row) for row in head]
        try:
            reading = Reading.configured(self.config)
            family = choose_format(self.config.format, renamed, self._where(part), kind, reading)
            asked = self.config.format != "auto"
            self.verdicts |= not asked and family.only_verdicts(renamed)
            return family
        except InputError:
            self._check_mapped()  # the likelier mistake
            raise

    def _surveyed(
        self, family: Family, head: list[Row | RowReject], part: Part, left: int | None
    ) -> Family:
        """Show the family all rows of a part: the first ones, and where there are more, again."""
        if len(head) < SAMPLE_ROWS:
            return family.surveyed(self._known(head, family))
        with closing(part.open()) as again:
            return family.surveyed(self._known(islice(again.rows, left), family))

    def _known(self, rows: Iterable[Row | RowReject], family: Family) -> Iterator[Row]:
        for row in rows:
            if not isinstance(row, RowReject):
                yield family.renamed(row, self.config.columns) if self.config.columns else row

    def _where(self, part: Part) -> str:
        is_named = not self.many or Path(part.source).name == part.name
        return part.source if is_named else f"{part.source} ({part.name})"

    def _chunks(
        self, rows: Iterable[Row | RowReject], family: Family, part: Part
    ) -> Iterator[list[Numbered]]:
        numbered: Iterator[Numbered] = enumerate(self._counted(rows), start=self.n_rows)
        if type(family).unfold is not Family.unfold:
            known = [(number, self._seen(row)) for number, row in numbered]
            unfolded = family.unfold(known, self.config.columns)
            if unfolded.header is not None:
                self.headers[part.name] = unfolded.header
            if unfolded.layout is not None:
                self.layouts[part.name] = unfolded.layout
            numbered = enumerate((row for _, row in unfolded.rows), start=self.n_rows)
        while chunk := list(islice(numbered, CHUNK)):
            for _, row in chunk:
                self._seen(row)
            yield chunk

    def _counted(self, rows: Iterable[Row | RowReject]) -> Iterator[Row | RowReject]:
        """Pass the container's rows on and note which columns hold anything."""
        for row in rows:
            self.noted.row(row)
            yield row

    def _laid(
        self, chunks: Iterator[list[Numbered]], laying: Laying, rest: Callable[[], float]
    ) -> Iterator[Laid]:
        """Lay chunks out, the first ones here; many more in other processes, if it has some."""
        yield from map(laying, islice(chunks, FEW // CHUNK))
        if processors() > 1 and rest() >= MANY:
            engine = ProcessEngine(processors())
            sent = map(laying.sent, chunks)
            yield from (laid for _, laid in engine.results(laying.received, sent))
        else:
            yield from map(laying, chunks)

    def _rest(self, opened: Opened, part: Part, left: int | None) -> float:
        """Return about how many rows a part has behind the first few."""
        read = opened.position()
        rest = FEW * (part.size / read - 1.0) if read else 0.0
        return rest if left is None else min(rest, left - FEW)

    def _take(self, laid: Laid) -> None:
        self.pairs.append(laid.pairs)
        self.remarks += laid.remarks
        self.packed_rows.append(laid.rows)
        for number, reject in laid.rejects:
            self.rejects.append((number, reject))
            self.noted.reject(reject)
        self.n_rows += laid.n_rows

    def _check_rejects(self, part: Part) -> None:
        """Stop where next to nothing is a pair, before what is not takes the memory."""
        count = len(self.rejects)
        if self.config.label is None and count > MANY_REJECTS and count > 0.95 * self.n_rows:
            last = self.rejects[-1][1]
            raise InputError(
                f"{count:,} of the first {self.n_rows:,} rows of {self._where(part)} are no pairs "
                f"(the last: {last.reason}); read fewer with --limit, or another file"
            )

    def _renamed(self, row: Row | RowReject) -> Row | RowReject:
        if not self.config.columns or isinstance(row, RowReject):
            return row
        return ANY.renamed(self._seen(row), self.config.columns)

    def _seen(self, row: R) -> R:
        """Note which columns there are, of those that ``--map`` names."""
        if self.config.columns and isinstance(row, dict):
            if len(self.noted.columns) < MOST:
                self.noted.columns |= row.keys()
            self.mapped |= {name for name in self.config.columns.values() if name in row}
        return row

    def _check_mapped(self) -> None:
        missing = set(self.config.columns.values()) - self.mapped
        if missing:
            raise InputError(
                f"--map names {listed(missing)}, which {self._sources()} does not have; "
                f"its columns: {listed(self.noted.columns)}"
            )

    def _sources(self) -> str:
        return " and ".join((self.config.source, *self.config.also))

    def expected(self) -> str:
        """Say what the formats expect."""
        return "; or ".join(dict.fromkeys(family.expects for family in self.families.values()))

    def _notes(self) -> ReadNotes:
        noted = self.noted
        return ReadNotes(
            unread=noted.unread(self.families.values(), self.config.columns),
            remarks=told_by_kind(self.remarks),
            codes=dict(noted.codes.most_common(50)),
            roles=dict(noted.roles.most_common(50)),
            containers=tuple(noted.containers),
            n_read=noted.n_rows,
        )

    def finished(self) -> Source:
        """Lay out what was read."""
        self._check_mapped()
        pairs = joined_table(self.pairs)
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
            notes=self._notes(),
        )


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
