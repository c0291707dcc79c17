"""Files that would take the machine are refused in one line, soon and in little memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from wimhf.base import ReadConfig
from wimhf.data import read_pairs
from wimhf.errors import ConfigError, InputError

WIDE = {f"c{n}": "x" for n in range(60_000)}


def wide_csv(path: Path) -> None:
    path.write_text(",".join(WIDE) + "\n" + ",".join(WIDE.values()) + "\n")


WIDELY: dict[str, Callable[[Path], object]] = {
    "a.csv": wide_csv,
    "a.jsonl": lambda path: path.write_text(json.dumps(WIDE) + "\n" + json.dumps(WIDE) + "\n"),
    "a.json": lambda path: path.write_text(json.dumps([WIDE])),
    "a.parquet": lambda path: pl.DataFrame({k: [v] for k, v in WIDE.items()}).write_parquet(path),
}


@pytest.mark.parametrize("name", WIDELY)
def test_too_many_columns_are_refused_soon(tmp_path: Path, name: str) -> None:
    WIDELY[name](tmp_path / name)
    began = time.monotonic()
    with pytest.raises(InputError, match=r"60,000 columns.*max_columns"):
        read_pairs(ReadConfig(source=str(tmp_path / name)))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_a_line_that_is_too_long_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("prompt,chosen,rejected\n" + "x" * 5_000 + "\n")
    with pytest.raises(InputError, match=r"line 2 of .* is longer than 4,000 bytes.*max_line"):
        read_pairs(ReadConfig(source=str(tmp_path / name), max_line=4_000))


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.jsonl.gz", "wt") as stream:
        stream.write('{"prompt": "x"}\n' * 10_000)
    with pytest.raises(InputError, match=r"unpacks to more than 50,000 bytes.*max_unpacked"):
        read_pairs(ReadConfig(source=str(tmp_path / "a.jsonl.gz"), max_unpacked=50_000))
    with pytest.raises(ConfigError, match=r"read\.max_line"):
        ReadConfig(max_line=0)


def test_a_table_of_nothing_but_repeats_is_refused(tmp_path: Path) -> None:
    table = pl.DataFrame({"prompt": ["x"]}).lazy().select(pl.col("prompt").repeat_by(3_000_000))
    table.collect().explode("prompt").write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="3,000,000 rows in"):
        read_pairs(ReadConfig(source=str(tmp_path / "a.parquet")))


def test_a_line_of_a_gigabyte_takes_little_memory(tmp_path: Path) -> None:
    block = b"x" * 2**20
    with gzip.open(tmp_path / "a.jsonl.gz", "wb", compresslevel=1) as stream:
        for _ in range(192):  # refused after the first 64
            stream.write(block)
    program = (
        "import resource, sys; from wimhf.base import ReadConfig; from wimhf.data import "
        "read_pairs; import wimhf.data.containers.read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_pairs(ReadConfig(source=sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.jsonl.gz")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    kind, taken = done.stdout.split()
    assert kind == "InputError"
    assert int(taken) < 400
