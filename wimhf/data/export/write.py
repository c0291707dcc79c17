"""Writing an export: choose the pairs, write, read back, and only then give the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from wimhf.base import Event, Progress, expanded, move_together, regular_place, silent
from wimhf.data.cards import card_place, export_hash
from wimhf.data.containers.rows import Row
from wimhf.data.containers.write import (
    TextCells,
    frame,
    json_bytes,
    write_document,
    write_file,
    write_folder,
)
from wimhf.data.export.card import ChangeFacts, change_card
from wimhf.data.export.readback import Tally, check_pairs, check_rows, kinds_of_change
from wimhf.data.export.select import selected
from wimhf.data.export.staging import check_place, staged, undisturbed
from wimhf.data.export.target import Chosen, Target, container_of
from wimhf.data.export.targets import target_named
from wimhf.data.export.targets.source import Origin, SourceSchema
from wimhf.data.export.weighting import COLUMN, acting
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


def export_pairs(
    pairs: pl.DataFrame,
    target: str,
    path: Path | str,
    *,
    origin: Origin | None = None,
    container: str | None = None,
    ties: str = "leave out",
    drop_weights: bool = False,
    weights: str = COLUMN,
    seed: int = 0,
    escape_formulas: bool | None = None,
    extra: tuple[str, ...] = (),
    card: Mapping[str, object] | None = None,
    notes: tuple[str, ...] = (),
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
    weights, seed
        How weights act, see ``WAYS``, and what draws are made from.
    escape_formulas
        In CSV, put a ``'`` before cells that a spreadsheet would run; None does so in every format
        but ``source``, which changes nothing that nobody edited.
    extra
        Columns of the pair table to write beside the target's own.
    card
        What the change card is to tell beyond what is known here: a dict of ``ChangeFacts``.
    notes
        What else a reader of the output should know, first among the warnings.
    progress
        Hears of the rows as they are written.

    Raises
    ------
    ExportError
        If the target or container cannot hold the pairs, nothing is left to write, the file
        cannot be written, or it does not read back as the same pairs. Nothing is left behind.
    """
    format, place = target_named(target), regular_place(expanded(path), ExportError)
    kind = container_of(place, container, format)
    if isinstance(format, SourceSchema):
        format = format.of(origin)
    acted = acting(pairs, format, weights, seed)
    choice = selected(acted.pairs, format, ties, tuple(extra), drop_weights=drop_weights)
    check_place(place, kind)
    with staged(place) as staging:
        part = staging / place.name
        escape = format.name != "source" if escape_formulas is None else escape_formulas
        cells = TextCells(escape=escape and kind == "csv")
        rows = _reported(format.rows(choice.chosen), choice.chosen.pairs.height, progress)
        tally = _written(part, kind, format, choice.chosen, cells, rows)
        check_pairs(part, format, choice.chosen, cells.plain, place.name)
        warnings = (
            *notes, *choice.warnings, *filter(None, [acted.note]), *format.warnings(choice.chosen),
            *cells.warnings(),
        )  # fmt: skip
        sha256 = export_hash(part)
        facts = ChangeFacts.of(_counted(pairs, card) | {
            "pairs": acted.pairs.height,
            "written": choice.chosen.pairs.height, "rows_written": tally.count,
            "left_out": choice.left_out, "rounded": choice.rounded, "target": format.name,
            "container": kind, "output": place.name, "output_sha256": sha256,
            "warnings": warnings,
        })  # fmt: skip
        cards = _write_cards(staging, place, facts)
        with undisturbed():
            move_together(staging, {one.name: one.name for one in (*cards, place)})
    return Exported(
        place, format.name, kind, facts.rows_written, facts.written, choice.left_out,
        choice.rounded, warnings, sha256, cards, facts,
    )  # fmt: skip


def _counted(pairs: pl.DataFrame, card: Mapping[str, object] | None) -> dict[str, object]:
    """Return what is known of the pairs before any is chosen."""
    counts: dict[str, object] = {"pairs": pairs.height, "edited": kinds_of_change(pairs)}
    if "source_row" in pairs.columns:
        counts["rows_with_pairs"] = pairs["source_row"].n_unique()
    return {**(card or {}), **counts}


def _reported(rows: Iterator[Row], total: int, progress: Progress) -> Iterator[Row]:
    """Pass rows on and tell how far they are."""
    for number, row in enumerate(rows):
        if number % EVERY == 0:
            progress(Event("export", min(number, total), total, unit="rows"))
        yield row
    progress(Event("export", total, total, unit="rows"))


def _written(
    part: Path, kind: str, target: Target, chosen: Chosen, cells: TextCells, rows: Iterator[Row]
) -> Tally:
    """Write the rows, and compare them with what the container's own reader finds."""
    tally = Tally(cells.plain if kind == "csv" else None)
    rows, whole = tally.watch(rows), tally
    if target.one_object and kind == "json":
        name = part.name.removesuffix(".gz").removesuffix(".json")
        document = target.document(list(rows), chosen, name)
        whole = Tally()
        write_document(part, *whole.watch([document]))
    elif kind == "datasets":
        table = frame(rows, target.dtypes(chosen), part)
        write_folder(part, table, tally.sha256)
    else:
        write_file(part, kind, rows, target.dtypes(chosen), cells)
    check_rows(part, kind, whole, part.name)
    return tally


def _write_cards(staging: Path, place: Path, facts: ChangeFacts) -> tuple[Path, Path]:
    """Write both cards into the staging folder; return where they are to be."""
    text, plain = change_card(facts)
    markdown, data = (card_place(place, ending) for ending in ("md", "json"))
    (staging / markdown.name).write_text(text, encoding="utf-8")
    (staging / data.name).write_bytes(json_bytes(plain, indent=2) + b"\n")
    return markdown, data
