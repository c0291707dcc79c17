"""What was read by label maps, roles and choices of pairs goes back into the source's own rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests import answer_rows
from wimhf.base.config import ReadConfig
from wimhf.data.export import Origin, export_pairs
from wimhf.data.formats import read_pairs
from wimhf.data.pairs import uncurated
from wimhf.errors import ExportError

Row = dict[str, Any]


def exported(folder: Path, rows: list[Row], **settings: Any) -> list[Row]:
    """Flip every pair of a source and return the rows that are written back."""
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = read_pairs(ReadConfig(source=str(path), **settings))
    given = {name: value for name, value in settings.items() if name != "format"}
    origin = Origin(source.scan_rows(), source.parts, source.layouts, **given)
    table = uncurated(source.pairs).with_columns(
        label=1 - pl.col("label"), edit=pl.lit(1, pl.Int64)
    )
    out = folder / "out.jsonl"
    done = export_pairs(table, "source", out, origin=origin)
    assert done.pairs == len(table)
    again = read_pairs(ReadConfig(source=str(out), **settings))
    assert sorted(again.pairs["label"]) == sorted(table["label"])
    written = [json.loads(line) for line in out.read_text().splitlines()]
    return [{k: v for k, v in row.items() if not k.startswith("wimhf_")} for row in written]


BATTLE: Row = {"prompt": "q", "response_a": "x", "response_b": "y"}


@pytest.mark.parametrize(
    ("codes", "settings"),
    [
        (("A>>B", "B>>A"), {}), ((1, 2), {}), ((1, -1), {}), (("left", "right"), {}),
        (("model_a", "model_b"), {}), (("response_a", "response_b"), {}),
        (("fine", "poor"), {"label_map": {"fine": "a", "poor": "b"}}),
        ((7, 9), {"label_map": {"7": "a", "9": "b"}}),
    ],
)  # fmt: skip
def test_labels_are_written_in_the_codes_of_the_source(
    codes: tuple[object, object], settings: dict[str, Any], tmp_path: Path
) -> None:
    rows = [BATTLE | {"prompt": f"q{n}", "winner": codes[n % 2]} for n in range(8)]
    found = exported(tmp_path, rows, **settings)
    assert found == [row | {"winner": codes[1 - n % 2]} for n, row in enumerate(rows)]


def test_system_and_history_stay_in_their_columns(tmp_path: Path) -> None:
    rows = [
        {"system": "s", "history": [["a", "b"]], "prompt": f"q{n}", "chosen": "x", "rejected": "y"}
        for n in range(4)
    ]
    found = exported(tmp_path, rows)
    assert found == [row | {"chosen": "y", "rejected": "x"} for row in rows]


def test_roles_of_ones_own_stay_as_they_are_spelled(tmp_path: Path) -> None:
    def talk(n: int, text: str) -> list[Row]:
        return [{"role": "Kim", "content": f"q{n}"}, {"role": "Nova", "content": text}]

    rows = [{"chosen": talk(n, "x"), "rejected": talk(n, "y")} for n in range(4)]
    found = exported(tmp_path, rows, roles={"Kim": "user", "Nova": "assistant"})
    assert found == [{"chosen": r["rejected"], "rejected": r["chosen"]} for r in rows]


def test_answers_in_rows_of_their_own_stay_where_they_were(tmp_path: Path) -> None:
    rows = [
        row | {"prompt": f"q{n}"} for row in answer_rows.HELPSTEER for n in range(4)
    ]  # fmt: skip
    found = exported(tmp_path, rows)
    swapped = {4: 1, 1: 4}
    assert found == [row | {"helpfulness": swapped[row["helpfulness"]]} for row in rows]


def test_ranks_that_were_compared_in_part_say_why_they_are_not_written(tmp_path: Path) -> None:
    rows = [answer_rows.NECTAR | {"prompt": f"q{n}"} for n in range(3)]
    with pytest.raises(ExportError, match="the source's schema cannot say"):
        exported(tmp_path, rows, pairs="adjacent")
