"""What may be written, what is refused in one line, and that nothing half-written stays."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import datasets
import polars as pl
import pytest

from tests.curated_pairs import ANY, BUSY, curated, edited, read_back, same_pairs
from wimhf.base.progress import Event
from wimhf.data.containers import write as containers
from wimhf.data.containers.write import runs
from wimhf.data.export import export_pairs
from wimhf.data.export import readback as validate
from wimhf.data.export import write as writing
from wimhf.data.pairs import Pair
from wimhf.errors import ExportError

WINNERS = curated(BUSY)
EVERYTHING = curated(ANY)
FORMULA = Pair("=cmd()", "@now", "plain", 1.0)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def refusal(*arguments: Any, **options: Any) -> str:
    with pytest.raises(ExportError) as caught:
        export_pairs(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_pairs_add_up_and_every_other_has_a_reason(tmp_path: Path) -> None:
    table = edited(EVERYTHING, 0, kept=False)
    table = edited(table, 1, weight=0.0)
    done = export_pairs(table, "trl", tmp_path / "o.jsonl", drop_weights=True)
    assert done.left_out == {"dropped": 1, "tie": 1, "unlabelled": 1, "weight 0": 1}
    assert done.rounded == 1
    assert done.pairs + sum(done.left_out.values()) == len(table)
    assert len(lines(tmp_path / "o.jsonl")) == done.rows == done.pairs


def test_native_leaves_out_only_what_was_dropped(tmp_path: Path) -> None:
    table = edited(edited(EVERYTHING, 0, kept=False), 1, weight=0.0)
    done = export_pairs(table, "native", tmp_path / "o.jsonl")
    assert done.left_out == {"dropped": 1}
    expected = same_pairs(table.filter("kept"), "weight")
    assert same_pairs(read_back(tmp_path / "o.jsonl"), "weight") == expected


def test_a_flip_exchanges_the_sides_and_keeps_the_size_of_the_margin(tmp_path: Path) -> None:
    pairs = [
        Pair("q", "one", "two", 1.0, strength=-2.0),
        Pair("r", "one", "two", 0.0, strength=3.0),
    ]
    export_pairs(curated(pairs), "trl", tmp_path / "before.jsonl")
    export_pairs(edited(curated(pairs), 0, label=0.0), "trl", tmp_path / "after.jsonl")
    before, after = lines(tmp_path / "before.jsonl"), lines(tmp_path / "after.jsonl")
    assert (before[0]["chosen"], before[0]["margin"]) == ("one", -2.0)
    assert (after[0]["chosen"], after[0]["margin"]) == ("two", 2.0)
    assert before[1] == after[1]


def test_margins_are_written_only_where_all_are_known(tmp_path: Path) -> None:
    pairs = [Pair("q", "one", "two", 1.0, strength=2.0), Pair("r", "one", "two", 0.0)]
    done = export_pairs(curated(pairs), "trl", tmp_path / "o.jsonl")
    assert all("margin" not in row for row in lines(tmp_path / "o.jsonl"))
    assert any("1 of 2 pairs have no strength" in warning for warning in done.warnings)


def test_equal_weights_are_no_column(tmp_path: Path) -> None:
    export_pairs(WINNERS.with_columns(weight=2.0), "trl", tmp_path / "o.jsonl")
    assert all("weight" not in row for row in lines(tmp_path / "o.jsonl"))


def test_weights_that_would_be_lost_are_refused(tmp_path: Path) -> None:
    table = edited(WINNERS, 0, weight=0.5)
    said = refusal(table, "openai", tmp_path / "o.jsonl")
    assert "openai cannot hold weights" in said
    assert "native" in said
    assert "trl" in said
    done = export_pairs(table, "openai", tmp_path / "o.jsonl", drop_weights=True)
    assert done.pairs == len(table)


def test_ties_are_refused_where_asked(tmp_path: Path) -> None:
    said = refusal(EVERYTHING, "trl", tmp_path / "o.jsonl", ties="refuse")
    assert "cannot hold the 1 ties" in said
    assert export_pairs(EVERYTHING, "native", tmp_path / "o.jsonl", ties="refuse").left_out == {}


def test_nothing_left_to_write_is_told(tmp_path: Path) -> None:
    table = curated([Pair("q", "one", "two", 0.5), Pair("q", "one", "two", None)])
    assert "nothing is left to write as trl: 1 tie, 1 unlabelled" in refusal(
        table, "trl", tmp_path / "o.jsonl"
    )


@pytest.mark.parametrize(
    ("target", "name", "said"),
    [
        ("trl-conversational", "o.csv", "cannot be kept as csv; it takes jsonl"),
        ("openai", "o.parquet", "cannot be kept as parquet; it takes jsonl"),
        ("annotated-pairs", "o.jsonl", "cannot be kept as jsonl; it takes json"),
        ("trl", "o.xlsx", "does not say what it is to be"),
        ("trl", "o.parquet.gz", "packs itself"),
        ("trl", "no/such/o.jsonl", "is not a folder"),
        ("source", "o.jsonl", "needs the untouched source rows"),
        ("trl-what", "o.jsonl", "is unknown"),
    ],
)
def test_refusals_say_what_to_do(target: str, name: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(WINNERS, target, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_container_can_be_named_beside_a_path_without_an_ending(tmp_path: Path) -> None:
    done = export_pairs(WINNERS, "trl", tmp_path / "folder", container="datasets")
    assert done.container == "datasets"
    assert "csv was asked for" in refusal(WINNERS, "trl", tmp_path / "o.jsonl", container="csv")
    assert "is unknown" in refusal(WINNERS, "trl", tmp_path / "o", container="xml")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert "is not an empty folder" in refusal(WINNERS, "trl", tmp_path / "out")
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert export_pairs(WINNERS, "trl", tmp_path / "empty").pairs == len(WINNERS)


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "parquet"])
def test_datasets_loads_the_files(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"o.{kind}"
    table = curated([pair for pair in BUSY if pair.prompt and pair.response_b != "NA"])
    export_pairs(table, "trl", path)
    builder = "json" if kind in ("jsonl", "json") else kind
    found = datasets.load_dataset(
        builder, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert found.column_names == ["prompt", "chosen", "rejected", "margin"]
    assert texts_of(found) == texts_of(read_rows(path))


def texts_of(rows: Any) -> list[tuple[str, str, str]]:
    return sorted((row["prompt"], row["chosen"], row["rejected"]) for row in rows)


def read_rows(path: Path) -> list[dict[str, Any]]:
    return list(containers.rows_of(path, path.suffix[1:]))


def test_datasets_opens_the_folder(tmp_path: Path) -> None:
    export_pairs(WINNERS, "trl-conversational", tmp_path / "out")
    export_pairs(WINNERS, "trl-conversational", tmp_path / "o.jsonl")
    found = datasets.load_from_disk(str(tmp_path / "out"))
    assert list(found) == lines(tmp_path / "o.jsonl")


def test_formulas_are_counted_or_escaped(tmp_path: Path) -> None:
    table = curated([FORMULA])
    plain = export_pairs(table, "trl", tmp_path / "plain.csv", escape_formulas=False)
    assert any("2 cells start like a formula" in warning for warning in plain.warnings)
    assert same_pairs(read_back(tmp_path / "plain.csv")) == same_pairs(table)
    safe = export_pairs(table, "trl", tmp_path / "safe.csv")
    with (tmp_path / "safe.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row == {"prompt": "'=cmd()", "chosen": "'@now", "rejected": "plain"}
    assert any("got a '" in warning for warning in safe.warnings)
    assert export_pairs(table, "trl", tmp_path / "o.jsonl", escape_formulas=True).warnings == ()


@pytest.mark.parametrize(
    ("cell", "run"),
    [("=1+1", True), ("@SUM(A1)", True), ("-1+cmd|' /C calc'!A0", True), ("+HYPERLINK(1)", True),
     ("\tx", True), ("- a list\n- of things", False), ("-5", False), ("so = it", False)],
)  # fmt: skip
def test_what_a_spreadsheet_runs(cell: str, run: bool) -> None:
    assert runs(cell) == run


def test_cells_that_pandas_takes_for_missing_are_told(tmp_path: Path) -> None:
    table = curated([Pair("q", "NA", "None", 1.0)])
    done = export_pairs(table, "trl", tmp_path / "o.csv")
    assert any("2 cells are empty or a word like NA" in warning for warning in done.warnings)


def test_extra_columns_travel_along(tmp_path: Path) -> None:
    export_pairs(WINNERS, "trl", tmp_path / "o.jsonl", extra=("pair_id", "subset"))
    assert [row["pair_id"] for row in lines(tmp_path / "o.jsonl")] == WINNERS["pair_id"].to_list()
    assert "no column mood" in refusal(WINNERS, "trl", tmp_path / "o.jsonl", extra=("mood",))
    assert "of its own" in refusal(WINNERS, "trl", tmp_path / "o.jsonl", extra=("prompt",))


def test_gzip_holds_the_same_bytes(tmp_path: Path) -> None:
    export_pairs(WINNERS, "trl", tmp_path / "o.jsonl")
    export_pairs(WINNERS, "trl", tmp_path / "o.jsonl.gz")
    assert (
        gzip.decompress((tmp_path / "o.jsonl.gz").read_bytes())
        == (tmp_path / "o.jsonl").read_bytes()
    )


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "o.jsonl").write_text("old")
    done = export_pairs(WINNERS, "trl", tmp_path / "o.jsonl")
    assert len(lines(tmp_path / "o.jsonl")) == done.rows
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "o.jsonl", "o.jsonl.card.json", "o.jsonl.card.md",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["o.jsonl", "o.csv.gz", "o.parquet", "folder"])
def test_a_full_disk_leaves_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert "is full" in refusal(WINNERS, "trl", tmp_path / kind)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_rows_are_written(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    part = tmp_path / "o.jsonl"
    part.symlink_to("/dev/full")
    with pytest.raises(OSError, match="space"):
        containers.write_file(part, "jsonl", [{"a": "x" * 10**6}], None, str)


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "mkdtemp", denied)
    assert "Permission denied" in refusal(WINNERS, "trl", tmp_path / "o.jsonl")


def test_what_does_not_read_back_gets_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "o.jsonl").write_text("old")
    whole = containers.rows_of
    monkeypatch.setattr(validate, "rows_of", lambda *a: list(whole(*a))[1:])
    assert "does not read back as written" in refusal(WINNERS, "trl", tmp_path / "o.jsonl")
    monkeypatch.setattr(validate, "rows_of", whole)
    monkeypatch.setattr(
        "wimhf.data.export.targets.trl.winner_and_loser", lambda pair: ("one", "two")
    )
    assert "as the same pairs" in refusal(WINNERS, "trl", tmp_path / "o.jsonl")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("o.jsonl", "old")]


def test_a_stop_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "check_pairs", stopped)
    with pytest.raises(KeyboardInterrupt):
        export_pairs(WINNERS, "trl", tmp_path / "o.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_json_has_not_become_null_and_half_characters_stay() -> None:
    value = containers.strict({"a": float("nan"), "b": [float("inf"), 1.5]})
    assert json.loads(containers.json_bytes(value)) == {"a": None, "b": [None, 1.5]}
    assert json.loads(containers.json_bytes({"a": "\ud800"})) == {"a": "\ud800"}
    with pytest.raises(ValueError, match="JSON"):
        containers.json_bytes({"a": float("nan")})


def test_a_table_that_no_edit_has_touched_needs_no_more_columns(tmp_path: Path) -> None:
    names = [name for name in WINNERS.columns if name in {
        "pair_id", "prompt", "response_a", "response_b", "label", "weight", "source_row", "swapped",
    }]  # fmt: skip
    done = export_pairs(WINNERS.select(names), "trl", tmp_path / "o.jsonl")
    assert done.pairs == len(WINNERS)


def test_importing_it_is_light() -> None:
    code = (
        "import sys, wimhf.data.export\n"
        "print([m for m in ('torch', 'datasets', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_labels_of_all_kinds_of_numbers_are_understood(tmp_path: Path) -> None:
    table = WINNERS.with_columns(pl.col("label").cast(pl.Float32))
    assert export_pairs(table, "native", tmp_path / "o.jsonl").pairs == len(WINNERS)


def test_progress_ends_where_it_should(tmp_path: Path) -> None:
    told: list[Event] = []
    export_pairs(WINNERS, "trl", tmp_path / "o.parquet", progress=told.append)
    assert (told[-1].done, told[-1].total) == (len(WINNERS), len(WINNERS))
