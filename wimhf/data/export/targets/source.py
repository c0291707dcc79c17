"""The source's own schema: its rows as they were, with the labels that were changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import strict
from wimhf.data.export.target import Chosen, Target
from wimhf.data.formats import FORMATS
from wimhf.data.formats.cells_in import decoded
from wimhf.data.formats.family import CannotHold, Family
from wimhf.data.formats.reading import Reading
from wimhf.data.formats.relabel import changes_to, rewritten, saved_row
from wimhf.data.pairs import RowReject
from wimhf.errors import ExportError

MARK = "wimhf_pair_id"
UNHELD = "label the source's schema cannot say"
BESIDE_DROPPED = "in a row with a dropped pair"


@dataclass(frozen=True)
class Origin:
    """The untouched source, as it was read.

    Attributes
    ----------
    rows
        source_row, row (as JSON text).
    parts
        Name of the format of every part.
    layouts
        Per part what gives the container's own rows again, where the saved ones are others.
    columns, label, label_map, roles, pairs
        The settings of ``ReadConfig`` of these names, as the source was read.
    """

    rows: pl.LazyFrame = field(repr=False)
    parts: Mapping[str, str]
    layouts: Mapping[str, Row] = field(default_factory=dict, repr=False)
    columns: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None
    label_map: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    pairs: str = "all"

    @cached_property
    def families(self) -> list[Family]:
        """The formats of its parts, as they read the source."""
        reading = Reading.of(self.label_map, self.roles, self.pairs)
        names = set(self.parts.values())
        found = [family.under(reading) for family in FORMATS if family.name in names]
        return [one.surveyed(self._known(one)) if one.surveys else one for one in found]

    def _known(self, family: Family) -> Iterator[Row]:
        for _, text in self.rows.collect().iter_rows():
            row = saved_row(text)
            if not isinstance(row, RowReject):
                yield family.renamed(row, self.columns)

    @property
    def layout(self) -> Row | None:
        """The layout of the only part, where it has one."""
        return next(iter(self.layouts.values()), None)

    @property
    def one_object(self) -> bool:
        """Whether it is one JSON object that holds all its rows."""
        objects = (self.layout or {}).get("objects", [])
        items = [one["items"] for one in objects]
        return items == [self.rows.select(pl.len()).collect().item()]


@dataclass(frozen=True, kw_only=True, eq=False)
class SourceSchema(Target):
    """The source's own columns, labels changed where edits did, and ``wimhf_*`` beside them.

    Whatever a row said before an edit it can say again; a changed label that its schema has no
    way to say leaves the row out, and so does a dropped pair that shares a row with others. Rows
    that gave no pair are not written.

    Attributes
    ----------
    origin
        The source; ``of`` gives the target for one.
    rewritten, empty
        What ``unheld`` finds: the rows that can be written by source_row, and those without pairs.
    """

    origin: Origin = Origin(pl.LazyFrame(), {})
    rewritten: dict[int, Row] = field(default_factory=dict, init=False, repr=False)
    empty: list[int] = field(default_factory=list, init=False, repr=False)

    def of(self, origin: Origin | None) -> SourceSchema:
        """Return the target for one source.

        Raises
        ------
        ExportError
            If the source is not there, or its parts are of several formats.
        """
        if origin is None:
            raise ExportError(
                "source needs the untouched source rows, which are not here; write --to native"
            )
        if len(origin.families) != 1 or (origin.layouts and len(origin.parts) > 1):
            raise ExportError(
                f"the source has parts of several kinds ({', '.join(origin.parts)}), which make "
                "no one file; write --to native, or analyse the parts one by one"
            )
        reading = {
            "columns": dict(origin.columns), "label": origin.label, "roles": dict(origin.roles),
            "label_map": dict(origin.label_map), "pairs": origin.pairs,
        }  # fmt: skip
        family = origin.families[0].name
        return replace(
            self, origin=origin, family=family, reading=reading, one_object=origin.one_object
        )

    def unheld(self, pairs: pl.DataFrame) -> dict[str, str]:
        """Return by pair_id why a pair cannot be written, and keep the rows of all others."""
        reasons: dict[str, str] = {}
        by_row = _by_row(pairs)
        self.rewritten.clear()
        self.empty.clear()
        for number, text in self.origin.rows.collect().iter_rows():
            mates = by_row.get(number)
            if mates is None:
                self.empty.append(number)
            elif not all(pair["kept"] for pair in mates):
                reasons |= {pair["pair_id"]: BESIDE_DROPPED for pair in mates if pair["kept"]}
            else:
                try:
                    self.rewritten[number] = _changed(saved_row(text), mates, self.origin)
                except CannotHold:
                    reasons |= {pair["pair_id"]: UNHELD for pair in mates}
        return reasons

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the container's own rows."""
        by_row = _by_row(chosen.pairs)
        many = any(len(mates) > 1 for mates in by_row.values())
        marks: dict[int, Row] = {at: {} for at in by_row}
        for name, value in _provenance(chosen).items():
            for at, mates in by_row.items():
                marks[at][name] = _joined([*map(value, mates)]) if many else value(mates[0])
        if self.origin.layout is None:
            rows = [self.rewritten[at] | mark for at, mark in marks.items()]
        else:
            saved = [
                _marked(self.rewritten[at], marks[at]) if at in marks else saved_row(text)
                for at, text in self.origin.rows.collect().iter_rows()
            ]
            folded = self.origin.families[0].fold(saved, self.origin.layout)
            rows = [kept for row in folded if (kept := _marked_only(row)) is not None]
        for row in rows:
            yield {name: strict(cell) for name, cell in row.items()}

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the object that the source is."""
        return rows[0]

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of weights, which the source's readers do not know, and of rows without a pair."""
        warnings = []
        if self.empty:
            count = len(self.empty)
            warnings.append(f"source rows that gave no pair and are not written: {count:,}")
        if _reweighted(chosen.pairs):
            warnings.append(
                "changed weights are in wimhf_weight, which readers of the source's schema do not "
                "know"
            )
        return warnings


def _changed(row: Row | RowReject, mates: list[Row], origin: Origin) -> Row:
    if isinstance(row, RowReject):
        raise CannotHold("the row could not be read")
    changes = changes_to(origin.families[0], row, mates, origin.columns, origin.label)
    return rewritten(origin.families[0], row, changes, origin.columns)


def _by_row(pairs: pl.DataFrame) -> dict[int, list[Row]]:
    by_row: dict[int, list[Row]] = {}
    for pair in pairs.iter_rows(named=True):
        by_row.setdefault(pair["source_row"], []).append(pair)
    return by_row


def _reweighted(pairs: pl.DataFrame) -> bool:
    if "source_weight" not in pairs.columns:
        return False
    return bool(pairs["weight"].ne_missing(pairs["source_weight"]).any())


def _provenance(chosen: Chosen) -> dict[str, Callable[[Row], object]]:
    """Return the columns that tell of a row's pairs, and what each says of a pair."""
    columns: dict[str, Callable[[Row], object]] = {MARK: itemgetter("pair_id")}
    names = [*chosen.extra]
    if _reweighted(chosen.pairs):
        names.insert(0, "weight")
    if "source_label" in chosen.pairs.columns:
        columns["wimhf_source_label"] = _listed_first
        names = ["edit", "edited_by", "edited_because", *names]
    return columns | {f"wimhf_{name}": itemgetter(name) for name in names}


def _joined(values: list[object]) -> str:
    """Return what a row's pairs say in one cell."""
    return ";".join("" if value is None else str(value) for value in values)


def _listed_first(pair: Row) -> float | None:
    """Return the source's label as its claim about the response that it lists first."""
    label: float | None = pair["source_label"]
    return label if label is None or not pair["swapped"] else 1.0 - label


def _marked(row: Row, marks: Row) -> Row:
    """Return a row with the columns that tell of its pairs, which folding keeps."""
    inner = row.get("utterances")
    if isinstance(inner, list):
        return row | {"utterances": [one | marks for one in inner]} | marks
    return row | marks


def _marked_only(row: Row | RowReject) -> Row | None:
    """Return a folded row, its lists without items that are not to be written."""
    if isinstance(row, RowReject):
        return None
    if MARK in row:
        return row
    kept: Row = {}
    for name, cell in row.items():
        items = decoded(cell)
        if isinstance(items, list):
            marked = [item for item in items if isinstance(item, dict) and MARK in item]
            if marked:
                kept[name] = json.dumps(marked) if isinstance(cell, str) else marked
    return row | kept if kept else None


SOURCE = SourceSchema(
    name="source",
    about="the source's own schema, only changed labels changed, with wimhf_* columns beside",
    ties=True, fractions=True, unlabelled=True, weights=True, annotators=True, turns=True,
    zero_weights=True, weights_read=False,
)  # fmt: skip
