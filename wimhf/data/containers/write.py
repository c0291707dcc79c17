"""Containers to write: .jsonl .json .csv .parquet, text also .gz, and a ``datasets`` folder."""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO

import polars as pl

from wimhf.data.containers.read import open_container
from wimhf.data.containers.rows import Row
from wimhf.data.pairs import RowReject
from wimhf.errors import ExportError

KINDS = ("jsonl", "json", "csv", "parquet", "datasets")
Dtypes = Mapping[str, pl.DataType] | None
Cell = Callable[[str], str]
"""What happens to a text cell of a CSV file."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""
MISSING = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""Cells of a CSV file that pandas, and so ``datasets``, read as missing."""


def strict(value: object) -> object:
    """Return a value as strict JSON can hold it: numbers that are not finite become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    return [strict(item) for item in value] if isinstance(value, list) else value


def json_bytes(value: object, indent: int | None = None) -> bytes:
    """Return strict JSON in UTF-8; what UTF-8 cannot hold is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, as careless cutting leaves it
        return json.dumps(value, allow_nan=False, indent=indent).encode()


@contextmanager
def _on_disk(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file, packed where its name says so, and wait until it is on the disk."""
    with path.open("wb") as stream:
        if path.suffix.lower() == ".gz":
            with gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed:
                yield packed  # type: ignore[misc]
        else:
            yield stream
        stream.flush()
        os.fsync(stream.fileno())


def write_file(path: Path, kind: str, rows: Iterable[Row], dtypes: Dtypes, cell: Cell) -> None:
    """Write rows into a new file and wait until it is on the disk.

    Parameters
    ----------
    dtypes
        Dtypes by column; without them the rows decide.
    cell
        Applied to every text cell of a CSV file.
    """
    with _on_disk(path) as out:
        if kind == "jsonl":
            out.writelines(json_bytes(row) + b"\n" for row in rows)
        elif kind == "json":
            _json_list(out, rows)
        elif kind == "csv":
            _csv(out, rows, dtypes, cell)
        else:
            frame(rows, dtypes, path).write_parquet(out)


def write_document(path: Path, document: Row) -> None:
    """Write one JSON object into a new file and wait until it is on the disk."""
    with _on_disk(path) as out:
        out.write(json_bytes(document, indent=1) + b"\n")


def write_folder(path: Path, table: pl.DataFrame, fingerprint: str) -> None:
    """Write a table as a folder that ``datasets.load_from_disk`` opens, and wait for the disk.

    Raises
    ------
    ExportError
        If ``datasets`` is not installed.
    """
    arrow = table.to_arrow(compat_level=pl.CompatLevel.oldest())
    library().Dataset(arrow, fingerprint=fingerprint[:16]).save_to_disk(str(path))
    for file in sorted(path.rglob("*")):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())


def library() -> ModuleType:
    """Return the ``datasets`` package, its progress bars off.

    Raises
    ------
    ExportError
        If it is not installed.
    """
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        datasets = importlib.import_module("datasets")
    except ImportError:
        raise ExportError(
            "a datasets folder needs the datasets package; install it with pip install "
            "'wimhf[hub]', or write .parquet, which it reads too"
        ) from None
    datasets.disable_progress_bars()
    return datasets


def _json_list(out: IO[bytes], rows: Iterable[Row]) -> None:
    lead = b"[\n"
    for row in rows:
        out.write(lead + json_bytes(row))
        lead = b",\n"
    out.write(b"\n]\n")


def _csv(out: IO[bytes], rows: Iterable[Row], dtypes: Dtypes, cell: Cell) -> None:
    rows = rows if dtypes else list(rows)
    names = list(dtypes or dict.fromkeys(name for row in rows for name in row))
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")  # a cell with either of these is quoted
    writer.writerow(names)
    for row in rows:
        writer.writerow([csv_cell(row.get(name), cell) for name in names])
    text.detach()


def csv_cell(value: object, cell: Cell = str) -> str:
    """Return a value as the text of a CSV cell: lists as JSON, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json_bytes(value).decode()
    return cell(value) if isinstance(value, str) else repr(value)


def runs(text: str) -> bool:
    """Say whether a spreadsheet would run a cell: a list in prose, ``- so``, it shows as it is."""
    if not text.startswith(FORMULA):
        return False
    return text[0] not in "+-" or any(mark in text for mark in "|!(=")


class TextCells:
    """Text cells of a CSV file: escapes formulas where asked, and counts what is risky."""

    def __init__(self, *, escape: bool) -> None:
        self.escape = escape
        self.formulas = self.missing = 0

    def __call__(self, text: str) -> str:
        """Return the cell as it is to be written, counted."""
        self.formulas += runs(text)
        self.missing += text in MISSING
        return self.plain(text)

    def plain(self, text: str) -> str:
        """Return the cell as it is to be written: where formulas are escaped, no sheet runs it."""
        return f"'{text}" if self.escape and runs(text) else text

    def warnings(self) -> list[str]:
        """Say what a person should know of the cells that were written."""
        warnings = []
        if self.formulas and self.escape:
            warnings.append(
                f"{self.formulas:,} cells that a spreadsheet would run got a ' before them, which "
                "a reader of the file keeps; .jsonl and .parquet need none"
            )
        elif self.formulas:
            warnings.append(
                f"{self.formulas:,} cells start like a formula (=, +, -, @), which a spreadsheet "
                "would run; escape formulas if people will open this file in one"
            )
        if self.missing:
            warnings.append(
                f"{self.missing:,} cells are empty or a word like NA, which pandas and datasets "
                "read as missing from CSV; .jsonl and .parquet keep them"
            )
        return warnings


def frame(rows: Iterable[Row], dtypes: Dtypes, path: Path) -> pl.DataFrame:
    """Lay rows out as a table.

    Raises
    ------
    ExportError
        If a column holds values of several kinds.
    """
    try:
        if dtypes is not None:
            return pl.DataFrame(list(rows), schema=dict(dtypes), orient="row")
        return pl.DataFrame(list(rows), infer_schema_length=None, strict=True)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        reason = str(error).splitlines()[0][:120]
        raise ExportError(
            f"{path.name} cannot hold these rows as a table ({reason}); write .jsonl"
        ) from None


def rows_of(path: Path, kind: str) -> Iterator[Row]:
    """Read a container back with its own reader.

    Raises
    ------
    ExportError
        If it holds a row that is not one.
    """
    if kind == "datasets":
        yield from library().load_from_disk(str(path))
        return
    opened = open_container(path)
    try:
        for row in opened.rows:
            if isinstance(row, RowReject):
                raise ExportError(f"{path.name} does not read back ({row}); report this")
            yield row
    finally:
        opened.close()
