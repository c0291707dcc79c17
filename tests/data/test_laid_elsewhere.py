"""Rows laid out by other processes are those that this one lays out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from wimhf.base.config import ReadConfig
from wimhf.data.formats import Source, read_pairs
from wimhf.data.formats import read as reading
from wimhf.errors import InputError

ROWS: list[dict[str, Any]] = [
    {
        "asked": f"p{n % 7}", "response_a": f"x{n % 5}", "response_b": "" if n % 11 == 0 else "y",
        "label": "?" if n % 13 == 0 else str(n % 2), "annotator": f"w{n % 3}", "extra": n,
    }
    for n in range(200)
]  # fmt: skip


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a few rows be many; return how many processes were asked for, each time."""
    asked: list[int] = []

    class Engine(reading.ProcessEngine):
        def __init__(self, processes: int) -> None:
            asked.append(processes)
            super().__init__(processes)

    for name, few in {"SAMPLE_ROWS": 10, "CHUNK": 10, "FEW": 20, "MANY": 30}.items():
        monkeypatch.setattr(reading, name, few)
    monkeypatch.setattr(reading, "ProcessEngine", Engine)
    monkeypatch.setattr(reading, "processors", lambda: 2)
    monkeypatch.setattr("wimhf.data.containers.read.TABLE_ROWS", 10)
    return asked


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    pl.DataFrame(rows).write_parquet(path)
    return path


def everything(source: Source) -> tuple[object, ...]:
    rejects = source.rejects.to_dicts()
    rows = source.scan_rows().collect().to_dicts()
    return source.pairs.to_dicts(), rejects, rows, source.notes, source.parts, source.n_rows


@pytest.mark.parametrize("also", [False, True])
@pytest.mark.parametrize("label", [None, "w1"])
def test_whoever_lays_rows_out(
    tmp_path: Path, elsewhere: list[int], monkeypatch: pytest.MonkeyPatch, label: str | None,
    also: bool,
) -> None:  # fmt: skip
    first, second = (
        written(tmp_path / "a.parquet", ROWS),
        written(tmp_path / "b.parquet", ROWS[::-1]),
    )
    config = ReadConfig(
        source=str(first), also=(str(second),) if also else (), label=label,
        columns={"prompt": "asked"},
    )  # fmt: skip
    there = read_pairs(config)
    assert elsewhere == [2] * (1 + also)
    monkeypatch.setattr(reading, "processors", lambda: 1)
    assert everything(read_pairs(config)) == everything(there)
    assert len(elsewhere) == 1 + also
    assert there.rejects.height
    assert there.notes.unread == ("extra",)


def test_a_limit_that_leaves_few_rows_starts_no_process(
    tmp_path: Path, elsewhere: list[int]
) -> None:
    path = written(tmp_path / "a.parquet", ROWS)
    given = ReadConfig(source=str(path), columns={"prompt": "asked"}, limit=45)
    assert read_pairs(given).n_rows == 45
    assert elsewhere == []


def test_a_file_that_cannot_be_read_to_its_end_says_so(
    tmp_path: Path, elsewhere: list[int]
) -> None:
    rows = [{"prompt": f"p{n}", "chosen": "z" * 3000, "rejected": "y"} for n in range(4_000)]
    rows[-5]["chosen"] = "z" * 100_000
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match=r"line 3,996 of .* is longer"):
        read_pairs(ReadConfig(source=str(path), max_line=50_000))
    assert elsewhere == [2]


DEEP = '{"prompt": "p", "chosen": "z", "rejected": "y", "more": DEEP}'


@pytest.mark.parametrize("odd", [DEEP, "}"])
def test_odd_rows_come_through(
    tmp_path: Path, elsewhere: list[int], monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    rows = [{"prompt": f"p{n}", "chosen": "z" * 3000, "rejected": "y"} for n in range(2_000)]
    lines = [json.dumps(row) for row in rows]
    lines[1_500] = odd.replace("DEEP", "[" * 700 + "]" * 700)
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    there = read_pairs(ReadConfig(source=str(path)))
    assert elsewhere == [2]
    monkeypatch.setattr(reading, "processors", lambda: 1)
    here = read_pairs(ReadConfig(source=str(path)))
    assert there.pairs.equals(here.pairs)
    assert there.scan_rows().collect().equals(here.scan_rows().collect())
    assert len(there.pairs) + len(there.rejects) == 2_000
