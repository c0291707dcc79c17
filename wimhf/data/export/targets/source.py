"""The source's own schema: its rows as they were, with the labels that were changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import strict
from wimhf.data.export.target import TABLES, Chosen, Target
from wimhf.data.formats import FORMATS
from wimhf.data.formats.cells_in import decoded
from wimhf.data.formats.family import CannotHold, Family
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
    columns, label
        ``ReadConfig.columns`` and ``ReadConfig.label``, as the source was read.
    """

    rows: pl.LazyFrame = field(repr=False)
    parts: Mapping[str, str]
    layouts: Mapping[str, Row] = field(default_factory=dict, repr=False)
    columns: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None


class SourceSchema(Target):
    """The source's own columns, labels changed where edits did, and ``wimhf_*`` beside them.

    Whatever a row said before an edit it can say again; a changed label that its schema has no
    way to say leaves the row out, and so does a dropped pair that shares a row with others. Rows
    that gave no pair are not written.
    """

    name = "source"
    about = "the source's own schema, only changed labels changed, with wimhf_* columns beside"
    ties = fractions = unlabelled = weights = annotators = turns = zero_weights = True
    weights_read = False
    containers = TABLES

    def of(self, origin: Origin | None) -> BoundSource:
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
        families = [family for family in FORMATS if family.name in set(origin.parts.values())]
        if len(families) != 1 or (origin.layouts and len(origin.parts) > 1):
            raise ExportError(
                f"the source has parts of several kinds ({', '.join(origin.parts)}), which make "
                "no one file; write --to native, or analyse the parts one by one"
            )
        return BoundSource(origin, families[0])


class BoundSource(SourceSchema):
    """The target for one source."""

    def __init__(self, origin: Origin, family: Family) -> None:
        self.origin = origin
        self.format = family
        self.family = family.name
        self.reading = {"columns": dict(origin.columns), "label": origin.label}
        objects = next(iter(origin.layouts.values()), {}).get("objects", [])
        items = sum(one["items"] for one in objects)
        count = origin.rows.select(pl.len()).collect().item()
        self.one_object = len(objects) == 1 and items == count
        self._rows: dict[int, Row] = {}
        self._empty = 0

    def columns(self, chosen: Chosen) -> None:
        """Leave the columns to the rows."""
        return None

    def unheld(self, pairs: pl.DataFrame) -> dict[str, str]:
        """Return by pair_id why a pair cannot be written, and keep the rows of all others."""
        out: dict[str, str] = {}
        by_row: dict[int, list[Row]] = {}
        for pair in pairs.iter_rows(named=True):
            by_row.setdefault(pair["source_row"], []).append(pair)
        self._rows, self._empty = {}, 0
        for number, text in self.origin.rows.collect().iter_rows():
            said = by_row.get(number)
            if said is None:
                self._empty += 1
            elif all(pair["kept"] for pair in said):
                try:
                    self._rows[number] = self._changed(saved_row(text), said)
                except CannotHold:
                    out |= {pair["pair_id"]: UNHELD for pair in said}
            else:
                out |= {pair["pair_id"]: BESIDE_DROPPED for pair in said if pair["kept"]}
        return out

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the container's own rows."""
        by_row: dict[int, list[Row]] = {}
        for pair in chosen.each():
            by_row.setdefault(pair["source_row"], []).append(pair)
        many = any(len(said) > 1 for said in by_row.values())
        layout = next(iter(self.origin.layouts.values()), None)
        if layout is None:
            for number, said in by_row.items():
                yield strict(self._rows[number] | _provenance(said, chosen, many=many))
            return
        saved = self.origin.rows.collect().iter_rows()
        rows = [
            _marked(self._rows[number], _provenance(by_row[number], chosen, many=many))
            if number in by_row
            else saved_row(text)
            for number, text in saved
        ]
        for row in self.format.fold(rows, layout):
            kept = None if isinstance(row, RowReject) else _marked_only(row)
            if kept is not None:
                yield strict(kept)

    def document(self, rows: list[Row], chosen: Chosen, name: str) -> Row:
        """Return the object that the source is."""
        return rows[0]

    def warnings(self, chosen: Chosen) -> list[str]:
        """Tell of weights, which the source's readers do not know, and of rows without a pair."""
        found = []
        if self._empty:
            found.append(f"source rows that gave no pair and are not written: {self._empty:,}")
        if _reweighted(chosen.pairs):
            found.append(
                "changed weights are in wimhf_weight, which readers of the source's schema do not "
                "know"
            )
        return found

    def _changed(self, row: Row | RowReject, said: list[Row]) -> Row:
        if isinstance(row, RowReject):
            raise CannotHold("the row could not be read")
        label, columns = self.origin.label, self.origin.columns
        changes = changes_to(self.format, row, said, columns, label)
        return rewritten(self.format, row, changes, columns)


def _reweighted(pairs: pl.DataFrame) -> bool:
    if "source_weight" not in pairs.columns:
        return False
    return bool(pairs["weight"].ne_missing(pairs["source_weight"]).any())


def _provenance(said: list[Row], chosen: Chosen, *, many: bool) -> Row:
    """Return the columns that tell of a row's pairs: of the one, or of all joined by semicolons."""
    told: dict[str, list[Any]] = {MARK: [pair["pair_id"] for pair in said]}
    if "source_label" in chosen.pairs.columns:
        told["wimhf_source_label"] = [_listed_first(pair) for pair in said]
        names = {"edit": "wimhf_edit", "edited_by": "wimhf_edited_by",
                 "edited_because": "wimhf_edited_because"}  # fmt: skip
        told |= {to: [pair[name] for pair in said] for name, to in names.items()}
    if _reweighted(chosen.pairs):
        told["wimhf_weight"] = [pair["weight"] for pair in said]
    told |= {f"wimhf_{name}": [pair[name] for pair in said] for name in chosen.extra}
    if not many:
        return {name: values[0] for name, values in told.items()}
    return {
        name: ";".join("" if value is None else str(value) for value in values)
        for name, values in told.items()
    }


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


def _marked_only(row: Row) -> Row | None:
    """Return a folded row, its lists without items that are not to be written."""
    if MARK in row:
        return row
    found, holds = dict(row), False
    for name, cell in row.items():
        items = decoded(cell)
        if isinstance(items, list) and any(isinstance(i, dict) and MARK in i for i in items):
            kept = [item for item in items if isinstance(item, dict) and MARK in item]
            found[name] = json.dumps(kept) if isinstance(cell, str) else kept
            holds = True
    return found if holds else None
