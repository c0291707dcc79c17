"""Sources -> pair table and rejects: detection by columns and value shapes, never by file name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from wimhf.config import ReadConfig
from wimhf.errors import InputError
from wimhf.formats.base import Family, Row, Sample, Unfolded, listed
from wimhf.formats.containers import Container, as_json, read_container
from wimhf.formats.families import FORMATS
from wimhf.schema import Pair, RowReject, pair_table, reject_table

SAMPLE_ROWS = 200
MAPPABLE = frozenset(name for family in FORMATS for name in family.columns)
"""Columns that --map may name: those that mean something to a family."""


@dataclass(frozen=True)
class Source:
    """What a source holds, once read.

    Attributes
    ----------
    pairs, rejects
        The pair table, and every row left out with its reason; together they account for all rows.
    rows
        The untouched source rows as JSON: source_row, row.
    n_rows
        Rows read.
    """

    pairs: pl.DataFrame
    rejects: pl.DataFrame
    rows: pl.DataFrame
    format: str
    container: str
    polarity: str
    sides_drawn: bool
    sha256: str
    n_rows: int

    @property
    def reject_counts(self) -> dict[str, int]:
        """Return the number of rejected rows by reason, most frequent first."""
        return dict(Counter(self.rejects["reason"].to_list()).most_common())


def read_pairs(config: ReadConfig) -> Source:
    """Read a source into the pair table.

    Raises
    ------
    InputError
        If the file cannot be read, no format fits, or no row is a pair.
    """
    container = read_container(config.source, config.limit)
    renamed = _renamed(container, config.columns)
    found = choose_format(renamed, config.format)
    unfolded = found.unfold(renamed.rows)
    pairs, sources, rejects = _parse(unfolded, found)
    if not pairs:
        reasons = Counter(reject.reason for _, reject in rejects).most_common(3)
        told = ", ".join(f"{reason} ({count})" for reason, count in reasons)
        raise InputError(
            f"{container.path} has no usable pair among {len(container.rows)} rows "
            f"read as {found.name}: {told}; expected {found.expects}"
        )
    rows = pl.DataFrame(
        {
            "source_row": [number for number, _ in container.rows],
            "row": [as_json(row) for _, row in container.rows],
        },
        schema={"source_row": pl.Int64, "row": pl.String},
    )
    return Source(
        pairs=pair_table(pairs, sources),
        rejects=reject_table(rejects),
        rows=rows,
        format=found.name,
        container=container.kind,
        polarity=found.polarity,
        sides_drawn=found.sides_drawn,
        sha256=container.sha256,
        n_rows=len(container.rows),
    )


def choose_format(container: Container, name: str) -> Family:
    """Return the format asked for, or the first that fits the first rows.

    Raises
    ------
    InputError
        If the name is unknown or nothing fits; the message says what is near.
    """
    known = {found.name: found for found in FORMATS}
    if name != "auto":
        if name not in known:
            raise InputError(f"format {name!r} is unknown; known: {', '.join(known)}")
        return known[name]
    rows = [row for _, row in container.rows[:SAMPLE_ROWS] if not isinstance(row, RowReject)]
    sample = Sample.of(rows)
    fits = [found for found in FORMATS if found.matches(sample)]
    general = {name for found in fits for name in found.narrows}
    meant = [found for found in fits if found.name not in general]
    if len(meant) == 1:
        return meant[0]
    if meant:
        told = "; ".join(f"{found.name}: {found.expects}" for found in meant)
        raise InputError(
            f"{container.path} may be of more than one format, so say which with --format NAME: "
            f"{told}"
        )
    if not rows:
        raise InputError(
            f"{container.path} has no readable row among the first {SAMPLE_ROWS}: "
            f"{container.rows[0][1]}; expected {container.kind}"
        )
    near = "; ".join(f"{found.name}: {found.expects}" for found in FORMATS)
    raise InputError(
        f"no known format fits the columns of {container.path} ({listed(sample.columns)}). "
        f"Known: {near}. Name yours with --map, e.g. --map response_a=left,response_b=right"
    )


def _renamed(container: Container, columns: dict[str, str]) -> Container:
    if not columns:
        return container
    unknown = set(columns) - MAPPABLE
    if unknown:
        raise InputError(
            f"--map cannot set {listed(unknown)}; it sets {listed(MAPPABLE)}, "
            "e.g. --map response_a=left,response_b=right"
        )
    present = {name for _, row in container.rows if not isinstance(row, RowReject) for name in row}
    missing = set(columns.values()) - present
    if missing:
        raise InputError(
            f"--map names {listed(missing)}, which {container.path} does not have; "
            f"its columns: {listed(present)}"
        )

    def rename(row: Row | RowReject) -> Row | RowReject:
        if isinstance(row, RowReject):
            return row
        return {**row, **{to: row[name] for to, name in columns.items() if name in row}}

    rows = [(number, rename(row)) for number, row in container.rows]
    return Container(container.path, container.kind, container.sha256, rows)


def _parse(
    unfolded: Unfolded, found: Family
) -> tuple[list[Pair], list[int], list[tuple[int, RowReject]]]:
    pairs: list[Pair] = []
    sources: list[int] = []
    rejects: list[tuple[int, RowReject]] = []
    for number, row in unfolded.rows:
        try:
            if isinstance(row, RowReject):
                raise row
            parsed = found.parse(row)
        except RowReject as reject:
            rejects.append((number, reject))
            continue
        for one in parsed:
            if isinstance(one, RowReject):
                rejects.append((number, one))
            else:
                pairs.append(one)
                sources.append(number)
    return pairs, sources, rejects
