"""Containers to write: .jsonl .json .csv .parquet, text also .gz, and a ``datasets`` folder."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import polars as pl

from wimhf.data.containers.read import open_container
from wimhf.data.containers.rows import Row
from wimhf.data.pairs import RowReject
from wimhf.errors import ExportError

KINDS = ("jsonl", "json", "csv", "parquet", "datasets")
Columns = Mapping[str, pl.DataType] | None
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""
MISSING = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""Cells of a CSV file that pandas, and so ``datasets``, read as missing."""


def strict(value: Any) -> Any:
    """Return a value as strict JSON can hold it: numbers that are not finite become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    return value


def json_bytes(value: Any, indent: int | None = None) -> bytes:
    """Return strict JSON in UTF-8; what UTF-8 cannot hold is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, as careless cutting leaves it
        return json.dumps(value, allow_nan=False, indent=indent).encode()


@contextmanager
def _packed(stream: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    if path.suffix.lower() != ".gz":
        yield stream
        return
    with gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed:
        yield packed  # type: ignore[misc]


def write_file(
    path: Path, kind: str, rows: Iterable[Row], columns: Columns, cell: Callable[[str], str]
) -> None:
    """Write rows into a new file and wait until it is on the disk.

    Parameters
    ----------
    columns
        Dtypes by column; without them the rows decide.
    cell
        Applied to every text cell of a CSV file.
    """
    with path.open("wb") as stream:
        with _packed(stream, path) as out:
            if kind == "jsonl":
                out.writelines(json_bytes(row) + b"\n" for row in rows)
            elif kind == "json":
                _json_list(out, rows)
            elif kind == "csv":
                _csv(out, rows, columns, cell)
            else:
                frame(rows, columns, path).write_parquet(out)
        stream.flush()
        os.fsync(stream.fileno())


def write_document(path: Path, document: Row) -> None:
    """Write one JSON object into a new file and wait until it is on the disk."""
    with path.open("wb") as stream:
        with _packed(stream, path) as out:
            out.write(json_bytes(document, indent=1) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def write_folder(path: Path, rows: Iterable[Row], columns: Columns, fingerprint: str) -> None:
    """Write rows as a folder that ``datasets.load_from_disk`` opens.

    Raises
    ------
    ExportError
        If ``datasets`` is not installed.
    """
    datasets = library()
    table = frame(rows, columns, path).to_arrow(compat_level=pl.CompatLevel.oldest())
    datasets.Dataset(table, fingerprint=fingerprint[:16]).save_to_disk(str(path))


def library() -> Any:
    """Return the ``datasets`` package, its progress bars off.

    Raises
    ------
    ExportError
        If it is not installed.
    """
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        import datasets
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


def _csv(out: IO[bytes], rows: Iterable[Row], columns: Columns, cell: Callable[[str], str]) -> None:
    rows = rows if columns else list(rows)
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")  # a cell with either of these is quoted
    writer.writerow(names)
    for row in rows:
        writer.writerow([csv_cell(row.get(name), cell) for name in names])
    text.detach()


def csv_cell(value: Any, cell: Callable[[str], str] = str) -> str:
    """Return a value as the text of a CSV cell: lists as JSON, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json_bytes(value).decode()
    return cell(value) if isinstance(value, str) else repr(value)


def escaped(text: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return f"'{text}" if text.startswith(FORMULA) else text


def frame(rows: Iterable[Row], columns: Columns, path: Path) -> pl.DataFrame:
    """Lay rows out as a table.

    Raises
    ------
    ExportError
        If a column holds values of several kinds.
    """
    try:
        if columns is not None:
            return pl.DataFrame(list(rows), schema=dict(columns), orient="row")
        return pl.DataFrame(list(rows), infer_schema_length=None, strict=True)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        said = str(error).splitlines()[0][:120]
        raise ExportError(
            f"{path.name} cannot hold these rows as a table ({said}); write .jsonl"
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
