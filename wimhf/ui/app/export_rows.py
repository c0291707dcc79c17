"""What an export will hold, before it is made, and making it: between the page and the library."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypedDict, Unpack

import polars as pl

from wimhf.base import Progress, expanded, scratch, silent
from wimhf.curate import Curation, origin_of, with_margins
from wimhf.data import TARGETS, Exported, SourceSchema, Target, acting, selected, target_named
from wimhf.errors import ExportError
from wimhf.run import MANIFEST
from wimhf.ui.words.figures import counted, sentence, shortened

FIRST = 3
"""Rows of the output that a preview shows."""
LONGEST = 240
"""Bytes of the name of a file, which its change card makes longer."""
CELL = 160
ENDINGS = {"jsonl": ".jsonl", "json": ".json", "csv": ".csv", "parquet": ".parquet", "datasets": ""}
WORDS = {
    "ties": "ties", "fractions": "graded labels", "unlabelled": "pairs without a label",
    "weights": "weights", "strength": "how strong a preference is", "annotators": "annotators",
    "turns": "conversations turn by turn",
}  # fmt: skip
CONTAINERS = {
    "jsonl": "JSON lines (.jsonl)", "json": "JSON (.json)", "csv": "CSV (.csv)",
    "parquet": "Parquet (.parquet)", "datasets": "a datasets folder (zipped to download)",
}  # fmt: skip


class Options(TypedDict, total=False):
    """What a person chooses of an export; see ``Curation.export``."""

    ties: str
    drop_weights: bool
    weights: str
    margin: str
    escape_formulas: bool
    anyway: bool
    container: str


@dataclass(frozen=True)
class Foreseen:
    """What an export would hold.

    Attributes
    ----------
    pairs, left_out, rounded
        Pairs written, those left out by reason, and those whose fraction becomes a winner.
    first
        The first rows as they will be written.
    """

    pairs: int
    left_out: dict[str, int]
    rounded: int
    warnings: tuple[str, ...]
    first: list[dict[str, object]]


@dataclass(frozen=True)
class Made:
    """A finished export in memory: the file (of a folder, a zip of it) and its change card."""

    name: str
    data: bytes
    card: str
    card_json: bytes
    export: Exported


def holds(target: Target) -> tuple[list[str], list[str]]:
    """Return in words what a target can hold, and what it cannot."""
    can = [words for name, words in WORDS.items() if getattr(target, name)]
    return can, [words for name, words in WORDS.items() if not getattr(target, name)]


def read_by(target: Target) -> str:
    """Say which trainers read the weights and margins that a target writes."""
    if target.ignores:
        return sentence(target.ignores)
    if target.weights:
        return "Weights stand in a column of their own; whether they act is up to its readers."
    return "It has no place for weights or margins."


def conversations(pairs: pl.DataFrame) -> int:
    """Return how many pairs have several turns before their responses."""
    if "turns" not in pairs.columns:
        return 0
    return int((pairs["turns"].fill_null("").str.count_matches('"role"') > 1).sum())


def usual_target(pairs: pl.DataFrame) -> str:
    """Return the target that is meant where nobody chose one: conversations stay conversations."""
    if not conversations(pairs):
        return TARGETS[0].name
    return next((one.name for one in TARGETS if one.turns and one.margins), TARGETS[0].name)


def flattened(target: Target, pairs: pl.DataFrame) -> str:
    """Say what a target does to conversations that it cannot hold; empty where it loses none."""
    count = conversations(pairs)
    if target.turns or not count:
        return ""
    return (
        f"{counted(count, 'pair has', 'pairs have')} several turns before the responses, and here "
        f"they become one text; {usual_target(pairs)} keeps them apart."
    )


def foreseen(
    c: Curation,
    name: str,
    *,
    ties: str,
    drop_weights: bool,
    weights: str = "column",
    margin: str = "source",
    extra: tuple[str, ...] = (),
) -> Foreseen:
    """Return what an export would hold; nothing is written.

    Raises
    ------
    ExportError
        If the target cannot hold the pairs.
    """
    target = target_named(name)
    if isinstance(target, SourceSchema):
        target = target.of(origin_of(c.run))
    margined = with_margins(c.state, c.pairs, margin)
    acted = acting(margined.pairs, target, weights, c.run.config.seed)
    choice = selected(acted.pairs, target, ties, extra, drop_weights=drop_weights)
    return Foreseen(
        choice.chosen.pairs.height, choice.left_out, choice.rounded,
        (
            *margined.notes, *choice.warnings, *filter(None, [acted.note]),
            *target.warnings(choice.chosen),
        ),
        list(islice(target.rows(choice.chosen), FIRST)),
    )  # fmt: skip


def first_table(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Return the first rows of an output as a table of shortened cells."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(
        {name: [_cell(row.get(name)) for row in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text, CELL)


def file_name(run: str, target: str, container: str) -> str:
    """Return the name under which an export is offered."""
    return f"{run}-{target.replace(':', '-').replace('/', '-')}{ENDINGS[container]}"


def make(
    c: Curation, target: str, name: str, progress: Progress = silent, **options: Unpack[Options]
) -> Made:
    """Make an export and take it into memory; no file of it stays.

    Raises
    ------
    ExportError
        If the target or container cannot hold the pairs.
    """
    with scratch(Path(tempfile.gettempdir()), "wimhf-export") as folder:
        export = c.export(target, folder / name, progress=progress, **options)
        zipped, (card, card_json) = export.path.is_dir(), export.cards
        return Made(
            f"{name}.zip" if zipped else name,
            _zipped(export.path) if zipped else export.path.read_bytes(),
            card.read_text(encoding="utf-8"), card_json.read_bytes(), export,
        )  # fmt: skip


def _zipped(folder: Path) -> bytes:
    """Return a folder as a zip; the same folder always gives the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                inside = (Path(folder.name) / file.relative_to(folder)).as_posix()
                entry = zipfile.ZipInfo(inside, date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return stream.getvalue()


def place_of(typed: str, exports: Path) -> tuple[Path, bool]:
    """Return the path that a person typed, and whether something stands there already.

    Parameters
    ----------
    typed
        A name goes into the exports folder; a whole path has to lie below it.

    Raises
    ------
    ExportError
        If it is no path, lies elsewhere, where a link may lead to, or in a run's folder.
    """
    if not typed.strip():
        raise ExportError("the path is empty; write a name, or a whole path")
    path = expanded(typed.strip())
    place = Path(os.path.normpath(path if path.is_absolute() else exports / path))
    try:
        if len(os.fsencode(place.name)) > LONGEST:
            raise ExportError(f"{typed[:80]!r} is no path: its name is too long; choose a shorter")
        below = place.resolve().is_relative_to(exports.resolve())
        if not below or place.resolve() == exports.resolve():
            raise ExportError(
                f"{place} does not lie in {exports}, where pages may save; choose a name, or "
                "start the app with another --save-in"
            )
        if any((above / MANIFEST).exists() for above in place.parents):
            raise ExportError(f"{place} lies in a run's folder; choose another place")
        return place, place.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise ExportError(f"{typed[:80]!r} is no path ({error}); choose another name") from None


def made_folder(folder: Path) -> None:
    """Make the exports folder where it is not there yet.

    Raises
    ------
    ExportError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"{folder} cannot be made ({error.strerror}); start the app with another --save-in"
        ) from None
