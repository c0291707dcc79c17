"""Writing an export: choose the pairs, write, read back, and only then give the name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from wimhf.base import Event, Progress, expanded, silent
from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import (
    FORMULA,
    MISSING,
    escaped,
    json_bytes,
    write_document,
    write_file,
    write_folder,
)
from wimhf.data.export.card import ChangeFacts, change_card
from wimhf.data.export.readback import Tally, check_pairs, check_rows, kinds_of_change
from wimhf.data.export.select import Selection, selected
from wimhf.data.export.staging import check_place, export_hash, settle, staged, undisturbed
from wimhf.data.export.target import Chosen, Target, container_of
from wimhf.data.export.targets import target_named
from wimhf.data.export.targets.source import Origin, SourceSchema
from wimhf.errors import ExportError

EVERY = 5_000
"""Rows between two events."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    rows, pairs
        Rows of the output, and the pairs in them.
    left_out
        Pairs that are not in the output, by reason.
    rounded
        Written pairs whose fractional label became its likelier winner.
    sha256
        Of the file; of a folder, of its files' names and hashes.
    cards
        The change card as Markdown and as JSON.
    """

    path: Path
    target: str
    container: str
    rows: int
    pairs: int
    left_out: dict[str, int]
    rounded: int
    warnings: tuple[str, ...]
    sha256: str
    cards: tuple[Path, Path]
    facts: ChangeFacts = field(repr=False)


class _Cells:
    """Text cells of a CSV file: escapes formulas where asked, and counts what is risky."""

    def __init__(self, *, escape: bool) -> None:
        self.escape = escape
        self.formulas = self.missing = 0

    def __call__(self, text: str) -> str:
        self.formulas += text.startswith(FORMULA)
        self.missing += text in MISSING
        return escaped(text) if self.escape else text

    def warnings(self) -> list[str]:
        found = []
        if self.formulas and not self.escape:
            found.append(
                f"{self.formulas:,} cells start like a formula (=, +, -, @), which a spreadsheet "
                "would run; escape formulas if people will open this file in one"
            )
        if self.formulas and self.escape:
            found.append(f"{self.formulas:,} cells that start like a formula got a ' before them")
        if self.missing:
            found.append(
                f"{self.missing:,} cells are empty or a word like NA, which pandas and datasets "
                "read as missing from CSV; .jsonl and .parquet keep them"
            )
        return found


def export_pairs(
    pairs: pl.DataFrame,
    target: str,
    path: Path | str,
    *,
    origin: Origin | None = None,
    container: str | None = None,
    ties: str = "leave out",
    drop_weights: bool = False,
    escape_formulas: bool = False,
    extra: tuple[str, ...] = (),
    card: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> Exported:
    """Write curated pairs in a target format, with a change card beside them.

    Everything is written under a temporary name and read back; the name is given last.

    Parameters
    ----------
    pairs
        A pair table, with the columns that edits fill where it is curated.
    target
        A name of ``TARGETS``, or an alias.
    path
        Its ending names the container (.jsonl, .json, .csv, .parquet, text also .gz); a name
        without an ending is a ``datasets`` folder.
    origin
        The untouched source, which the target ``source`` needs.
    container
        What to write where the path has no ending.
    ties
        For targets that cannot hold ties: ``"leave out"`` or ``"refuse"``.
    drop_weights
        Lose weights that differ, for targets that cannot hold them.
    escape_formulas
        In CSV, put a ``'`` before cells that a spreadsheet would run.
    extra
        Columns of the pair table to write beside the target's own.
    card
        What the change card is to tell beyond what is known here: a dict of ``ChangeFacts``.
    progress
        Hears of the rows as they are written.

    Raises
    ------
    ExportError
        If the target or container cannot hold the pairs, nothing is left to write, the file
        cannot be written, or it does not read back as the same pairs. Nothing is left behind.
    """
    kind_of_target, place = target_named(target), expanded(path)
    kind = container_of(place, container, kind_of_target)
    if isinstance(kind_of_target, SourceSchema):
        kind_of_target = kind_of_target.of(origin)
    choice = selected(pairs, kind_of_target, ties, tuple(extra), drop_weights=drop_weights)
    _check_extra(kind_of_target, choice.chosen)
    check_place(place, kind)
    with staged(place) as staging:
        part = staging / place.name
        cells = _Cells(escape=escape_formulas)
        tally = _written(part, kind, kind_of_target, choice.chosen, cells, progress)
        cell: Callable[[str], str] = escaped if escape_formulas and kind == "csv" else str
        check_pairs(part, kind_of_target, choice.chosen, cell, place.name)
        warnings = (*choice.warnings, *kind_of_target.warnings(choice.chosen), *cells.warnings())
        sha256 = export_hash(part)
        facts = _facts(pairs, choice, card, {
            "rows_written": tally.count, "target": kind_of_target.name, "container": kind,
            "output": place.name, "output_sha256": sha256, "warnings": warnings,
        })  # fmt: skip
        cards = _write_cards(staging, place, facts)
        with undisturbed():
            for name in cards:
                os.replace(staging / name.name, name)
            os.replace(part, place)
    return Exported(
        place, kind_of_target.name, kind, tally.count, facts.written, choice.left_out,
        choice.rounded, warnings, sha256, cards, facts,
    )  # fmt: skip


def _written(
    part: Path, kind: str, target: Target, chosen: Chosen, cells: _Cells, progress: Progress
) -> Tally:
    """Write the rows, and compare them with what the container's own reader finds."""
    rows = _told(target.rows(chosen), chosen, progress)
    if target.one_object and kind == "json":
        return _write_object(part, rows, target, chosen)
    tally = Tally(cell=escaped if cells.escape else str) if kind == "csv" else Tally()
    if kind == "datasets":
        columns, fingerprint = target.columns(chosen), _fingerprint(target, chosen)
        write_folder(part, tally.watch(rows), columns, fingerprint)
        settle(part)
    else:
        write_file(part, kind, tally.watch(rows), target.columns(chosen), cells)
    check_rows(part, kind, tally, part.name)
    return tally


def _write_object(part: Path, rows: Iterator[Row], target: Target, chosen: Chosen) -> Tally:
    tally, whole = Tally(), Tally()
    name = part.name.removesuffix(".gz").removesuffix(".json")
    document = target.document(list(tally.watch(rows)), chosen, name)
    for one in whole.watch([document]):
        write_document(part, one)
    check_rows(part, "json", whole, part.name)
    return tally


def _told(rows: Iterator[Row], chosen: Chosen, progress: Progress) -> Iterator[Row]:
    total = chosen.pairs.height
    for number, row in enumerate(rows):
        if number % EVERY == 0:
            progress(Event("export", min(number, total), total, unit="rows"))
        yield row
    progress(Event("export", total, total, unit="rows"))


def _fingerprint(target: Target, chosen: Chosen) -> str:
    """Return a hash of what is written, by which ``datasets`` knows it."""
    tally = Tally()
    for _ in tally.watch(target.rows(chosen)):
        pass
    return tally.sha256


def _check_extra(target: Target, chosen: Chosen) -> None:
    own = target.columns(Chosen(chosen.pairs, chosen.weighted, chosen.margins)) or {}
    twice = [name for name in chosen.extra if name in own]
    if twice:
        raise ExportError(f"{target.name} has a column {', '.join(twice)} of its own; leave it out")


def _facts(
    pairs: pl.DataFrame, choice: Selection, card: Mapping[str, Any] | None, own: Mapping[str, Any]
) -> ChangeFacts:
    known: dict[str, Any] = {
        "pairs": pairs.height, "written": choice.chosen.pairs.height, "left_out": choice.left_out,
        "rounded": choice.rounded, "edited": kinds_of_change(pairs),
    }  # fmt: skip
    if "source_row" in pairs.columns:
        known["rows_with_pairs"] = pairs["source_row"].n_unique()
    return ChangeFacts.of({**(card or {}), **known, **own})


def _write_cards(staging: Path, place: Path, facts: ChangeFacts) -> tuple[Path, Path]:
    """Write both cards into the staging folder; return where they are to be."""
    text, told = change_card(facts)
    names = tuple(place.with_name(f"{place.name}.card.{ending}") for ending in ("md", "json"))
    for name, data in zip(names, (text.encode(), json_bytes(told, indent=2) + b"\n"), strict=True):
        (staging / name.name).write_bytes(data)
    return names[0], names[1]
