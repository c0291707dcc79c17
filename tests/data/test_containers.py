from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wimhf.base.config import ReadConfig
from wimhf.data.formats import Source, read_pairs
from wimhf.errors import InputError

Row = dict[str, Any]
COLUMNS = ["prompt", "response_a", "response_b", "label"]
ROWS: list[Row] = [
    {"prompt": "p", "response_a": "x", "response_b": "y", "label": 1.0},
    {"prompt": 'a "quoted", cell', "response_a": "two\nlines", "response_b": "y", "label": 0.0},
    {"prompt": "tab\tand, comma", "response_a": "a\r\nb", "response_b": "=1+1", "label": 0.5},
    {"prompt": "", "response_a": "emoji 🦩👩‍🔬", "response_b": "שלום עולם", "label": 0.25},
    {
        "prompt": "separators",
        "response_a": "a\u2028b\u0085c",
        "response_b": "\ufeffd",
        "label": 1.0,
    },
    {"prompt": "nul", "response_a": "a\x00b", "response_b": " padded ", "label": 0.0},
    {"prompt": "long", "response_a": "é" * 100_000, "response_b": "- b", "label": 1.0},
]


def json_lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def json_list(rows: list[Row]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def separated(rows: list[Row], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(rows: list[Row]) -> bytes:
    stream = io.BytesIO()
    pl.DataFrame(rows, strict=False).write_parquet(stream)
    return stream.getvalue()


CONTAINERS: dict[str, Callable[[list[Row]], bytes]] = {
    "rows.jsonl": json_lines,
    "rows.ndjson": json_lines,
    "list.json": json_list,
    "lines.json": json_lines,
    "rows.csv": separated,
    "ROWS.CSV": separated,
    "rows.tsv": lambda rows: separated(rows, "\t"),
    "rows.parquet": parquet,
    "rows.pq": parquet,
}


def read(path: Path, data: bytes | str, **settings: Any) -> Source:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_pairs(ReadConfig(source=str(path), **settings))


def refusal(path: Path) -> str:
    """Return the one line that refuses a file."""
    with pytest.raises(InputError) as caught:
        read_pairs(ReadConfig(source=str(path)))
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_pairs(tmp_path: Path, name: str, packed: bool) -> None:
    data = CONTAINERS[name](ROWS)
    if packed:
        source = read(tmp_path / f"{name}.gz", gzip.compress(data))
    else:
        source = read(tmp_path / name, data)
    assert source.n_rows == len(ROWS)
    assert source.rejects.is_empty()
    assert source.pairs.select(COLUMNS).to_dicts() == ROWS
    assert source.pairs.equals(read(tmp_path / "same.jsonl", json_lines(ROWS)).pairs)


def test_conversations_are_the_same_from_json_and_parquet(tmp_path: Path) -> None:
    rows = [
        {
            "chosen": [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": "a"}],
            "rejected": [
                {"role": "user", "content": f"q{n}"},
                {"role": "assistant", "content": "b", "name": "extra"},
            ],
        }
        for n in range(4)
    ]
    lines = read(tmp_path / "rows.jsonl", json_lines(rows))
    assert lines.pairs.equals(read(tmp_path / "rows.parquet", parquet(rows)).pairs)
    assert len(lines.pairs) == 4


def test_gzip_is_told_by_its_bytes(tmp_path: Path) -> None:
    packed = gzip.compress(json_lines(ROWS))
    assert len(read(tmp_path / "rows.jsonl", packed).pairs) == len(ROWS)


@pytest.mark.parametrize("name", ["rows.jsonl", "list.json", "rows.csv", "rows.tsv"])
def test_a_byte_order_mark_changes_nothing(tmp_path: Path, name: str) -> None:
    data = CONTAINERS[name](ROWS)
    plain, marked = tmp_path / name, tmp_path / f"marked_{name}"
    assert read(plain, data).pairs.equals(read(marked, b"\xef\xbb\xbf" + data).pairs)


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    windows = json_lines(ROWS).replace(b"}\n", b"}\r\n")
    assert read(tmp_path / "w.jsonl", windows).pairs.select(COLUMNS).to_dicts() == ROWS
    table = "prompt,response_a,response_b\n p,x,y\nq,z,w\n"
    for end in ("\n", "\r\n", "\r"):
        pairs = read(tmp_path / "w.csv", table.replace("\n", end)).pairs
        assert pairs["response_b"].to_list() == ["y", "w"]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path / "b.jsonl", b"\n \n" + json_lines(ROWS) + b"\n\n").n_rows == len(ROWS)
    assert read(tmp_path / "b.csv", b"\n\n" + separated(ROWS) + b"\n\n").n_rows == len(ROWS)


def test_csv_rows_of_another_width_are_rejects(tmp_path: Path) -> None:
    source = read(tmp_path / "w.csv", "response_a,response_b,label\nx,y,1\nx,y\nx,y,1,2\nx,z,0\n")
    assert source.reject_counts == {"wrong number of cells": 2}
    assert source.rejects["detail"].to_list() == ["2 for 3 columns", "4 for 3 columns"]
    assert source.pairs["source_row"].to_list() == [0, 3]


def test_broken_lines_and_items_are_rejects(tmp_path: Path) -> None:
    good = json.dumps(ROWS[0])
    source = read(tmp_path / "b.jsonl", f"{good}\n{good[:-5]}\n[1]\nnull\n{good}\n")
    assert source.reject_counts == {"line is not a JSON object": 2, "line is not JSON": 1}
    kept = [json.loads(text) for text in source.rows["row"].to_list()[1:4]]
    assert all(isinstance(text, str) for text in kept)
    assert kept[0].startswith('{"prompt": "p"')
    source = read(tmp_path / "b.json", f"[{good}, 3, [], {good}]")
    assert source.reject_counts == {"item is not a JSON object": 2}


def test_json_that_python_cannot_take_is_a_reject(tmp_path: Path) -> None:
    good = json.dumps(ROWS[0])
    deep, giant = "[" * 100_000 + "]" * 100_000, "9" * 5000
    lines = [good, *(good.replace("1.0", value) for value in (deep, giant, "NaN", "1e999"))]
    source = read(tmp_path / "odd.jsonl", "\n".join(lines))
    assert source.reject_counts == {"line is not JSON": 2, "label is not understood": 1}
    assert source.pairs["label"].to_list() == [1.0, None]


def test_lone_surrogates_are_rejects(tmp_path: Path) -> None:
    escaped = json.dumps(ROWS[0] | {"response_a": "\ud83e"})
    source = read(tmp_path / "s.jsonl", json_lines(ROWS[:1]) + escaped.encode())
    assert source.reject_counts == {"text is not valid Unicode": 1}
    assert json.loads(source.rows["row"][1])["response_a"] == "\ud83e"


def test_parquet_values_that_json_lacks_are_kept_as_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(ROWS[:2]).with_columns(
        pl.lit("2024-02-29").str.to_date().alias("day"), pl.lit(b"\x00\xff").alias("raw")
    )
    stream = io.BytesIO()
    frame.write_parquet(stream)
    source = read(tmp_path / "d.parquet", stream.getvalue())
    kept = json.loads(source.rows["row"][0])
    assert (kept["day"], kept["raw"]) == ("2024-02-29", "00ff")


GOOD = json_lines(ROWS[:3])
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "empty": ("x.jsonl", b"", "is empty"),
    "blank": ("x.jsonl", b" \n\n", "is empty"),
    "empty gzip": ("x.jsonl.gz", gzip.compress(b""), "is empty"),
    "no bytes gzip": ("x.jsonl.gz", b"", "is empty"),
    "mark only": ("x.csv", b"\xef\xbb\xbf", "holds no rows"),
    "mark only json": ("x.json", b"\xef\xbb\xbf", "is not JSON"),
    "header only": ("x.csv", b"response_a,response_b\n", "holds no rows"),
    "empty list": ("x.json", b"[]", "holds no rows"),
    "UTF-32": ("x.jsonl", GOOD.decode().encode("utf-32"), "UTF-32"),
    "mixed": (
        "x.csv",
        b"response_a,response_b\n\xe9,x\n" + "ü,y\n".encode(),
        "not UTF-8 at byte 22",
    ),
    "no encoding": ("x.csv", b"response_a,response_b\n\x81,x\n", "not UTF-8 at byte 22"),
    "cut gzip": ("x.jsonl.gz", gzip.compress(GOOD)[:-9], "truncated"),
    "cut gzip header": ("x.jsonl.gz", gzip.compress(GOOD)[:6], "truncated"),
    "gzip and more": ("x.jsonl.gz", gzip.compress(GOOD) + b"more", "damaged"),
    "not gzip": ("x.jsonl.gz", GOOD, "is not gzip data"),
    "cut Parquet": ("x.parquet", parquet(ROWS[:3])[:-20], "not a readable Parquet"),
    "no Parquet": ("x.parquet", b"hello", "not a readable Parquet"),
    "no Parquet footer": ("x.parquet", b"PAR1\xff\xff\xff\xffPAR1", "not a readable Parquet"),
    "no Parquet rows": ("x.parquet", parquet([]), "holds no rows"),
    "cut list": ("x.json", json_list(ROWS)[:-30], "cut off"),
    "scalar": ("x.json", b"3", "holds a int"),
    "text": ("x.json", b'"text"', "holds a str"),
    "null": ("x.json", b"null", "holds a NoneType"),
    "list of scalars": ("x.json", b"[1, 2]", "no readable row"),
    "nested list": ("x.json", b'{"data": [{"response_a": "x"}]}', "no known format"),
    "deep list": ("x.json", b"[" * 200_000, "is not JSON"),
    "no JSON": ("x.jsonl", b"hello\nworld\n", "no readable row"),
    "empty objects": ("x.jsonl", b"{}\n{}\n", "(none)"),
    "same column twice": ("x.csv", b"a,b,a\n1,2,3\n", "column a more than once"),
    "odd column twice": ("x.csv", b'"a\nb","a\nb"\n1,2\n', "column a b more than once"),
    "open quote": ("x.csv", b'response_a,response_b\n"x,y\n', "not well-formed CSV"),
    "loose quote": ("x.csv", b'response_a,response_b\n"x"z,y\n', "not well-formed CSV in line 2"),
    "unknown ending": ("x.ods", GOOD, "unknown ending"),
    "no ending": ("x", GOOD, "unknown ending"),
    "gz of nothing": ("x.gz", gzip.compress(GOOD), "unknown ending"),
}


@pytest.mark.parametrize(("name", "data", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert words in refusal(path)


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wimhf.data.containers.unpack.FREE_BYTES", 1000)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * 100_000 + GOOD))
    assert "unpacks to more than" in refusal(path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "rows.jsonl"
    folder.mkdir()
    assert "is a folder" in refusal(folder)
    assert "does not exist" in refusal(tmp_path / "nothing.jsonl")
    assert "does not exist" in refusal(Path("~nobody-has-this-name") / "rows.jsonl")
    assert "cannot be read" in refusal(tmp_path / ("long" * 100 + ".jsonl"))
    with pytest.raises(InputError, match="no NUL"):
        read_pairs(ReadConfig(source="a\0b.jsonl"))


def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "rows.jsonl"
    path.write_bytes(GOOD)
    path.chmod(0)
    assert "permission denied" in refusal(path)


# -- mutations ---------------------------------------------------------------------------------

MIXED: list[Row] = [
    *ROWS[:4],
    *({"prompt": f"q{n}", "chosen": f"c{n}", "rejected": f"r{n}"} for n in range(3)),
    *(
        {
            "chosen": [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": "a"}],
            "rejected": [
                {"role": "user", "content": f"q{n}"},
                {"role": "assistant", "content": "b"},
            ],
        }
        for n in range(3)
    ),
    *(
        {
            "chosen": f"\n\nHuman: {n}\n\nAssistant: a",
            "rejected": f"\n\nHuman: {n}\n\nAssistant: b",
        }
        for n in range(3)
    ),
]
ODD: list[Any] = [
    None, "", " ", 0, -1, 1.5, 10**30, True, [], {}, [[]], [None], {"role": None}, "\ud800",
    float("nan"), float("-inf"), [{"role": "user"}], [{"role": "assistant", "content": ""}],
    [{"role": "\ud800", "content": "x"}], {"a": {"b": [None, {"c": None}]}}, "x" * 1000,
]  # fmt: skip


def accounted(path: Path, data: bytes) -> bool:
    """Say whether a file was read; a refusal is one line, and rows are pairs and rejects."""
    path.write_bytes(data)
    refused, source = "", None
    try:
        source = read_pairs(ReadConfig(source=str(path)))
    except InputError as error:
        refused = str(error)
    assert "\n" not in refused
    if source is None:
        return False
    rows = set(source.pairs["source_row"]) | set(source.rejects["source_row"])
    assert rows == set(source.rows["source_row"])
    assert not set(source.pairs["source_row"]) & set(source.rejects["source_row"])
    assert source.n_rows == len(source.rows)
    return True


def damaged(data: bytes, rng: random.Random) -> bytes:
    kind = rng.randrange(3)
    if kind == 0:
        return data[: rng.randrange(len(data))]
    if kind == 1:
        at = rng.randrange(len(data))
        return data[:at] + data[at + rng.randrange(1, 9) :]
    mutable = bytearray(data)
    for _ in range(rng.choice([1, 2, 5, 20])):
        mutable[rng.randrange(len(mutable))] = rng.randrange(256)
    return bytes(mutable)


@pytest.mark.parametrize("name", ["rows.jsonl", "list.json", "rows.csv", "rows.tsv"])
def test_damaged_files_are_read_or_refused(tmp_path: Path, name: str) -> None:
    rng = random.Random(name)
    whole = CONTAINERS[name](ROWS[:6])
    packed = gzip.compress(whole, mtime=0)
    n_read = 0
    for number in range(120):
        if number % 6 == 0:
            n_read += accounted(tmp_path / f"{name}.gz", damaged(packed, rng))
        else:
            n_read += accounted(tmp_path / name, damaged(whole, rng))
    assert 0 < n_read < 120


def test_damaged_parquet_is_read_or_refused(tmp_path: Path) -> None:
    # truncations only: polars may panic on flipped bytes, which prints a trace on its own
    rng = random.Random(1)
    whole = parquet(ROWS)
    assert not any(
        accounted(tmp_path / "rows.parquet", whole[: rng.randrange(len(whole))]) for _ in range(40)
    )


def test_a_panic_of_the_parquet_reader_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panic(*_: object, **__: object) -> None:
        raise pl.exceptions.PanicException("called `Result::unwrap()`\non an `Err` value")

    monkeypatch.setattr(pl, "scan_parquet", panic)
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1")
    assert "Result::unwrap" in refusal(path)


def test_odd_values_anywhere_are_rejects_or_refusals(tmp_path: Path) -> None:
    rng = random.Random(2)
    n_read = 0
    for _ in range(150):
        start = rng.choice([0, 4, 7, 10])
        rows = copy.deepcopy(MIXED if rng.random() < 0.3 else MIXED[start : start + 4])
        for _ in range(rng.randrange(1, 6)):
            row = rng.choice(rows)
            key = rng.choice([*row, "label", "weight", "prompt", "annotator", "score_chosen"])
            within = row.get(key)
            if isinstance(within, list) and within and rng.random() < 0.7:
                turn = rng.choice(within)
                if isinstance(turn, dict):
                    turn[rng.choice(["role", "content"])] = rng.choice(ODD)
                    continue
            row[key] = copy.deepcopy(rng.choice(ODD))
        lines = "\n".join(json.dumps(row) for row in rows)
        n_read += accounted(tmp_path / "odd.jsonl", lines.encode())
    assert 75 < n_read < 150


def test_bytes_of_no_text_are_not_taken_for_wide_characters(tmp_path: Path) -> None:
    path = tmp_path / "binary.jsonl"
    path.write_bytes(bytes(range(256)) * 50)
    with pytest.raises(InputError, match="is not UTF-8 at byte 128"):
        read_pairs(ReadConfig(source=str(path)))
