"""Mutated files of every family and container: read or refused in one line, no row lost.

python -m tests.mutations [--files 10000] [--seed 0]
"""

from __future__ import annotations

import argparse
import copy
import csv
import gzip
import io
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from tests import answer_rows
from tests.choice_rows import SOURCES
from tests.family_rows import HH, NATIVE, ROWS, TRL
from wimhf.base.config import ReadConfig
from wimhf.data.formats import read_pairs
from wimhf.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Row = dict[str, Any]
SAMPLES: list[list[Row]] = [
    [NATIVE], [TRL], [HH], *([row] for _, row in ROWS.values()), *(r for _, r in SOURCES.values()),
    *(r for _, r in answer_rows.SOURCES.values()),
]  # fmt: skip
ODD: list[Any] = [
    None, "", " ", 0, -1, 1.5, 10**30, True, [], {}, [[]], [None], {"role": None}, "\ud800",
    float("nan"), float("-inf"), [{"role": "user"}], [{"role": "assistant", "content": ""}],
    {"a": {"b": [None, {"c": None}]}}, "x" * 1000, "[1, 2", '{"a": 1}', "٣", "\x00", "=1+1",
]  # fmt: skip


def mutated(rng: random.Random) -> tuple[str, bytes]:
    """Return a file's name and bytes."""
    rows = copy.deepcopy(rng.choice(SAMPLES)) * rng.randrange(1, 5)
    if rng.random() < 0.2:
        rows += copy.deepcopy(rng.choice(SAMPLES))
    for _ in range(rng.choice([0, 0, 1, 3])):
        _spoil(rng.choice(rows), rng)
    kind = rng.choice([".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow"])
    data = _written(rows, kind, rng)
    if rng.random() < 0.5:
        data = _damaged(data, kind, rng)
    packing = rng.choice(["", "", "", ".gz", ".zst"])
    if packing:
        data = gzip.compress(data) if packing == ".gz" else zstd.compress(data)
        if rng.random() < 0.3:
            data = _damaged(data, kind, rng)
    return f"rows{kind}{packing}", data


def _spoil(value: Any, rng: random.Random) -> None:
    """Put something odd somewhere into a row, however deep."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = rng.choice(keys)
    if isinstance(value[key], (dict, list)) and rng.random() < 0.6:
        _spoil(value[key], rng)
    elif rng.random() < 0.15:
        del value[key]
    else:
        value[key] = copy.deepcopy(rng.choice(ODD))


def _written(rows: list[Row], kind: str, rng: random.Random) -> bytes:
    if kind in (".parquet", ".arrow"):
        try:
            table, out = pl.DataFrame(rows, strict=False, infer_schema_length=None), io.BytesIO()
            (table.write_parquet if kind == ".parquet" else table.write_ipc)(out)
            return out.getvalue()
        except Exception:  # odd rows that a table cannot hold
            kind = ".jsonl"
    if kind == ".json":
        whole: Any = rows[0] if len(rows) == 1 and rng.random() < 0.5 else rows
        return json.dumps(whole, indent=rng.choice([None, 1])).encode()
    if kind == ".jsonl":
        end = rng.choice(["\n", "\r\n", "\n\n"])
        return end.join(json.dumps(row) for row in rows).encode()
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["nothing"]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t" if kind == ".tsv" else ",")
    writer.writerow([*names, rng.choice(names)] if rng.random() < 0.05 else names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return text.getvalue().encode(errors="replace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _damaged(data: bytes, kind: str, rng: random.Random) -> bytes:
    """Cut, flip or re-encode; tables are only cut, since their reader prints its own panics."""
    how = 0 if kind in (".parquet", ".arrow") else rng.randrange(6)
    at = rng.randrange(len(data) + 1)
    if how == 0:
        return data[:at]
    if how == 1:
        return data[:at] + data[at + rng.randrange(1, 9) :]
    if how == 2:
        return b"\xef\xbb\xbf" + data
    if how == 3:
        return data.decode(errors="replace").encode(rng.choice(["utf-16", "utf-16-le", "utf-32"]))
    if how == 4:
        return data.replace(b"\n", b"\r\n")
    spoiled = bytearray(data)
    for _ in range(min(len(spoiled), rng.choice([1, 2, 20]))):
        spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
    return bytes(spoiled)


def outcome(path: Path, data: bytes) -> str:
    """Read a file; return its format or ``refused``, having checked that no row is lost."""
    path.write_bytes(data)
    try:
        source = read_pairs(ReadConfig(source=str(path)))
    except InputError as error:
        return "refused" if "\n" not in str(error) else "refused in several lines"
    told = set(source.pairs["source_row"]) | set(source.rejects["source_row"])
    assert told == set(range(source.n_rows)), "a row is neither a pair nor a reject"
    assert source.rows["source_row"].to_list() == list(range(source.n_rows))
    assert source.pairs["pair_id"].n_unique() == len(source.pairs)
    for text in source.rows["row"]:
        json.loads(text)
    return source.format


def main() -> None:
    """Read many files and count what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    ended: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.files):
            name, data = mutated(random.Random(f"{given.seed}/{number}"))
            try:
                ended[outcome(Path(folder) / name, data)] += 1
            except BaseException:
                sys.stderr.write(f"file {given.seed}/{number}: {name}\n")
                raise
    sys.stdout.write(f"{given.files} files: {dict(ended.most_common())}\n")


if __name__ == "__main__":
    main()
