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
from wimhf.data.containers.json_stream import row_of, streamed
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


MEASURED = (
    "import resource, sys; from wimhf.base import ReadConfig; from wimhf.data import "
    "read_pairs; import wimhf.data.containers.read\n"
    "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    "try: read_pairs(ReadConfig(source=sys.argv[1], limit=50))\n"
    "except Exception as error: print(type(error).__name__)\n"
    "else: print('read')\n"
    "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
)


def measured(path: Path) -> tuple[str, int]:
    """Read a file in a process of its own; return what came of it, and the MB that it took."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True
    )
    kind, taken = done.stdout.split()
    return kind, int(taken)


def test_a_line_of_a_gigabyte_takes_little_memory(tmp_path: Path) -> None:
    block = b"x" * 2**20
    with gzip.open(tmp_path / "a.jsonl.gz", "wb", compresslevel=1) as stream:
        for _ in range(192):  # refused after the first 64
            stream.write(block)
    kind, taken = measured(tmp_path / "a.jsonl.gz")
    assert kind == "InputError"
    assert taken < 400


ROW = json.dumps({"prompt": "p", "chosen": "c" * 40_000, "rejected": "r" * 40_000})


@pytest.mark.parametrize(
    ("begin", "between", "end", "kind"),
    [
        ("[", ROW, "]", "read"),
        ('{"version": 1, "data": [', ROW, "]}", "read"),
        ('{"unknown": [', ROW, "]}", "InputError"),
        ('["', "x" * 2**17, '"]', "InputError"),
        ("[[", ",".join(["[]"] * 20_000), "]]", "InputError"),
    ],
)
def test_a_large_json_document_is_read_row_by_row_or_refused(
    tmp_path: Path, begin: str, between: str, end: str, kind: str
) -> None:
    with (tmp_path / "a.json").open("w") as stream:
        stream.write(begin)
        mark = "" if kind != "read" and between.startswith("x") else ","
        stream.write(mark.join([between] * (140 * 2**20 // len(between))))
        stream.write(end)
    found, taken = measured(tmp_path / "a.json")
    assert found == kind
    assert taken < 450


@pytest.mark.parametrize("most", [40, 90, 10**6])
@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"b": "x, ]"}, 3, 12345, {"c": [1, {"d": null}]} ]', "[]", " [ 7 ]\n",
        '[{"a": 1} {"b": 2}]', '[{"a": 1},]', '[{"a": 1}', '[{"a": 1}] x', "[,]", '["\\u12',
    ],
)  # fmt: skip
def test_a_list_is_read_alike_in_parts_of_any_size(text: str, most: int) -> None:
    def rows(parts: list[str]) -> object:
        try:
            return list(map(repr, streamed(Path("a.json"), parts, [], most)))
        except InputError as error:
            return type(error)

    try:
        whole: object = [repr(row_of(one)) for one in json.loads(text)]
    except ValueError:
        whole = InputError
    assert rows(list(text)) == rows([text[:5], text[5:]]) == rows([text]) == whole


def test_a_value_larger_than_what_is_held_is_refused() -> None:
    parts = ['[{"a": "', *["x" * 2**19] * 6, '"}]']
    assert len(list(streamed(Path("a.json"), parts, [], 2**22))) == 1
    with pytest.raises(InputError, match=r"one JSON value of more than 40 bytes.*max_line"):
        list(streamed(Path("a.json"), parts, [], 40))


def test_a_file_of_next_to_nothing_but_rejects_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wimhf.data.formats.read.MANY_REJECTS", 2_000)
    good = json.dumps({"prompt": "p", "chosen": "c", "rejected": "r"}) + "\n"
    (tmp_path / "a.jsonl").write_text(good * 300 + "1\n" * 60_000)
    with pytest.raises(InputError, match=r"rows of .*a\.jsonl are no pairs"):
        read_pairs(ReadConfig(source=str(tmp_path / "a.jsonl")))
    (tmp_path / "a.jsonl").write_text(good * 300 + "1\n" * 3_000)
    assert len(read_pairs(ReadConfig(source=str(tmp_path / "a.jsonl"))).rejects) == 3_000
