"""In the source's own schema only the labels that were changed are other ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import SHARED
from tests.curated_pairs import edited, same_pairs
from tests.family_rows import ROWS
from wimhf.base.config import ReadConfig
from wimhf.data.export import Origin, export_pairs
from wimhf.data.formats import Source, read_pairs
from wimhf.data.pairs import uncurated
from wimhf.errors import ExportError

ONE = {"prompt": "q", "chosen": "good", "rejected": "bad", "extra": {"kept": [1, None, "x"]}}
TWO = {"prompt": "r", "chosen": "fine", "rejected": "poor", "extra": {"kept": []}}
JUDGED = {"instruction": "q", "input": "", "response1": "one", "response2": "two",
          "annotator1": 1, "annotator2": 2, "annotator3": 0}  # fmt: skip
OBJECT: dict[str, Any] = {
    "metadata": {"version": "2.0", "owner": "us"},
    "annotators": {"kim": {"name": "Kim"}, "lee": {"name": "Lee"}},
    "comparisons": [
        {"id": "1", "prompt": "q", "response_a": {"text": "one"}, "response_b": {"text": "two"},
         "annotations": {"kim": {"pref": "a"}, "lee": {"pref": "b"}}},
        {"id": "2", "prompt": "r", "response_a": {"text": "une"}, "response_b": {"text": "deux"},
         "annotations": {"kim": {"pref": "b"}}},
    ],
}  # fmt: skip


def read(path: Path, **how: Any) -> tuple[Source, pl.DataFrame, Origin]:
    """Read a source, as edits find it and as an export needs it."""
    config = ReadConfig(source=str(path), **how)
    source = read_pairs(config)
    origin = Origin(source.scan_rows(), source.parts, source.layouts, config.columns, config.label)
    return source, uncurated(source.pairs), origin


def wrote(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def own(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what was written beside its own columns."""
    return {name: value for name, value in row.items() if not name.startswith("wimhf_")}


def flipped(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(label=1 - pl.col("label"), edit=pl.lit(1, pl.Int64))


@pytest.mark.parametrize("name", ROWS)
def test_untouched_rows_come_out_as_they_went_in(name: str, tmp_path: Path) -> None:
    row = ROWS[name][1]
    _, table, origin = read(wrote(tmp_path / "in.jsonl", [row, row]))
    done = export_pairs(table, "source", tmp_path / "out.jsonl", origin=origin)
    assert [own(found) for found in lines(tmp_path / "out.jsonl")] == [row, row]
    assert done.left_out == {}
    again = read_pairs(ReadConfig(source=str(tmp_path / "out.jsonl")))
    assert same_pairs(again.pairs) == same_pairs(table)


@pytest.mark.parametrize("name", ROWS)
def test_flipped_rows_are_read_back_flipped(name: str, tmp_path: Path) -> None:
    _, table, origin = read(wrote(tmp_path / "in.jsonl", [ROWS[name][1]]))
    done = export_pairs(flipped(table), "source", tmp_path / "out.jsonl", origin=origin)
    assert done.pairs == len(table)
    again = read_pairs(ReadConfig(source=str(tmp_path / "out.jsonl")))
    assert same_pairs(again.pairs) == same_pairs(flipped(table))


def test_provenance_stands_beside_the_own_columns(tmp_path: Path) -> None:
    _, table, origin = read(wrote(tmp_path / "in.jsonl", [ONE, TWO]))
    table = edited(table, 1, label=1 - table["label"][1], weight=0.5)
    done = export_pairs(table, "source", tmp_path / "out.jsonl", origin=origin)
    one, two = lines(tmp_path / "out.jsonl")
    assert own(one) == ONE
    assert own(two) == TWO | {"chosen": "poor", "rejected": "fine"}
    assert [one["wimhf_pair_id"], two["wimhf_pair_id"]] == table["pair_id"].to_list()
    assert (one["wimhf_edit"], two["wimhf_edit"], two["wimhf_edited_by"]) == (None, 1, "kim")
    assert (two["wimhf_source_label"], two["wimhf_weight"]) == (1.0, 0.5)
    assert any("wimhf_weight" in warning for warning in done.warnings)


def test_a_label_that_the_schema_cannot_say_is_left_out_and_counted(tmp_path: Path) -> None:
    _, table, origin = read(wrote(tmp_path / "in.jsonl", [ONE, TWO]))
    done = export_pairs(edited(table, 0, label=0.5), "source", tmp_path / "o.jsonl", origin=origin)
    assert done.left_out == {"label the source's schema cannot say": 1}
    assert [own(row) for row in lines(tmp_path / "o.jsonl")] == [TWO]


def test_rows_without_a_pair_and_dropped_ones_are_not_written(tmp_path: Path) -> None:
    rows = [ONE, ONE | {"chosen": " "}, TWO]
    _, table, origin = read(wrote(tmp_path / "in.jsonl", rows))
    done = export_pairs(edited(table, 0, kept=False), "source", tmp_path / "o.jsonl", origin=origin)
    assert done.left_out == {"dropped": 1}
    assert [own(row) for row in lines(tmp_path / "o.jsonl")] == [TWO]
    assert any(warning.endswith("are not written: 1") for warning in done.warnings)


def test_a_row_of_several_pairs_goes_with_one_that_is_dropped(tmp_path: Path) -> None:
    rows = [JUDGED, JUDGED | {"instruction": "r"}]
    _, table, origin = read(wrote(tmp_path / "in.jsonl", rows))
    done = export_pairs(edited(table, 0, kept=False), "source", tmp_path / "o.jsonl", origin=origin)
    assert done.left_out == {"dropped": 1, "in a row with a dropped pair": 2}
    (row,) = lines(tmp_path / "o.jsonl")
    assert own(row) == rows[1]
    assert row["wimhf_pair_id"].split(";") == table["pair_id"].to_list()[3:]


def test_an_object_stays_one(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps(OBJECT))
    _, table, origin = read(tmp_path / "in.json")
    table = edited(table, 2, kept=False)
    table = edited(table, 0, label=0.0)
    done = export_pairs(table, "source", tmp_path / "out.json", origin=origin)
    found = json.loads((tmp_path / "out.json").read_text())
    (only,) = found["comparisons"]
    assert found | {"comparisons": []} == OBJECT | {"comparisons": []}
    assert own(only) == OBJECT["comparisons"][0] | {
        "annotations": {"kim": {"pref": "b"}, "lee": {"pref": "b"}}
    }
    assert done.pairs == 2


def test_utterances_stay_where_they_stood(tmp_path: Path) -> None:
    rows = [
        {"conversation_id": c, "turn": 0, "user_id": "u", "user_prompt": "q", "model_response": m,
         "model_name": m, "score": score, "if_chosen": score > 50, "within_turn_id": n}
        for n, (m, score) in enumerate([("one", 80), ("two", 20)])
        for c in ("c1", "c2")
    ]  # fmt: skip
    _, table, origin = read(wrote(tmp_path / "in.jsonl", rows))
    export_pairs(table, "source", tmp_path / "out.jsonl", origin=origin)
    assert [own(row) for row in lines(tmp_path / "out.jsonl")] == rows
    done = export_pairs(edited(table, 0, kept=False), "source", tmp_path / "o.jsonl", origin=origin)
    assert [own(row) for row in lines(tmp_path / "o.jsonl")] == rows[1::2]
    assert (done.pairs, done.left_out) == (1, {"dropped": 1})


def test_renamed_columns_keep_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("q,left,right,who\nwhy,one,two,1\nhow,une,deux,0\n")
    columns = {"prompt": "q", "response_a": "left", "response_b": "right", "label": "who"}
    _, table, origin = read(tmp_path / "in.csv", columns=columns)
    export_pairs(edited(table, 0, label=0.0), "source", tmp_path / "out.csv", origin=origin)
    head, one, two = (tmp_path / "out.csv").read_text().splitlines()
    assert head.startswith("q,left,right,who,wimhf_pair_id")
    assert one.startswith("why,one,two,0,")
    assert two.startswith("how,une,deux,0,")


@pytest.mark.parametrize("ending", [".json", ".csv.gz", ".parquet", ""])
def test_every_container_holds_the_source(ending: str, tmp_path: Path) -> None:
    rows = [{"prompt": "q", "response_a": "one", "response_b": "two", "label": 1, "n": 2},
            {"prompt": "r", "response_a": "une", "response_b": "deux", "label": 0}]  # fmt: skip
    _, table, origin = read(wrote(tmp_path / "in.jsonl", rows))
    export_pairs(flipped(table), "source", tmp_path / f"out{ending}", origin=origin)
    again = read_pairs(ReadConfig(source=str(tmp_path / f"out{ending}")))
    assert same_pairs(again.pairs) == same_pairs(flipped(table))


def test_parts_of_several_formats_are_refused(tmp_path: Path) -> None:
    wrote(tmp_path / "one.jsonl", [ONE])
    wrote(tmp_path / "two.jsonl", [JUDGED])
    _, table, origin = read(tmp_path)
    with pytest.raises(ExportError, match="parts of several kinds"):
        export_pairs(table, "source", tmp_path / "o.jsonl", origin=origin)


@pytest.mark.parametrize(
    "name",
    ["auto_j_pairwise.jsonl", "pandalm_three_annotators.json", "hh_rlhf_harmless_test.jsonl.gz"],
)
def test_real_sources_come_out_with_only_flips_changed(name: str, tmp_path: Path) -> None:
    if not (SHARED / name).exists():
        pytest.skip(f"{SHARED / name} is not here")
    source, table, origin = read(SHARED / name, limit=300)
    picked = pl.int_range(pl.len()) % 3 == 0
    label = pl.when(picked).then(1 - pl.col("label")).otherwise("label")
    done = export_pairs(
        table.with_columns(label=label), "source", tmp_path / "out.jsonl", origin=origin
    )
    assert done.left_out == {}
    again = read_pairs(ReadConfig(source=str(tmp_path / "out.jsonl")))
    assert same_pairs(again.pairs, "annotator" if "annotator" in table.columns else "weight") == (
        same_pairs(
            table.with_columns(label=label),
            "annotator" if "annotator" in table.columns else "weight",
        )
    )
    before = {row for row in source.rows["row"]}
    kept = sum(json.dumps(own(row)) in before for row in lines(tmp_path / "out.jsonl"))
    assert 0 < kept < done.rows
