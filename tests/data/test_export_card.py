"""The change card adds up, tells what is known and nothing else, and shows words as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.curated_pairs import ANY, curated, edited
from wimhf.data.cards import export_fault
from wimhf.data.export import ChangeFacts, change_card, export_pairs
from wimhf.data.formats.sources import parts_of
from wimhf.errors import ExportError
from wimhf.ui.cli.main import app

PLAIN = {"pairs": 10, "written": 8, "rows_written": 8, "left_out": {"tie": 2}}
WHOLE: dict[str, Any] = PLAIN | {
    "rounded": 1, "edited": {"flipped": 3, "dropped": 1}, "source": "raw.jsonl",
    "source_sha256": "ab" * 32, "rows_read": 12, "rows_with_pairs": 10,
    "rejected": {"empty response": 2}, "target": "trl", "container": "jsonl",
    "output": "out.jsonl", "output_sha256": "cd" * 32,
    "edits": [{
        "number": 1, "who": "kim", "time": "2025-01-02", "why": "a | b\n<script>",
        "rule": "*x* `y`", "pairs": 4,
    }],
    "effects": [
        {"description": "more praise", "before": [12.3, 8.0, 16.0], "after": [1.04, -2.0, 4.0]},
        {"description": "hedges", "before": None, "after": [3.0, 1.0, 5.0]},
    ],
    "figures": [
        {"name": "AUC", "before": 0.71, "after": 0.654},
        {"name": "labelled", "before": 123456, "after": 120000.0, "unit": "pairs"},
    ],
    "warnings": ("mind this",),
}  # fmt: skip


def table_widths(text: str) -> set[int]:
    """Return by how much rows of one table differ in their number of cells."""
    widths: set[int] = set()
    for block in text.split("\n\n"):
        rows = [line for line in block.split("\n") if line.startswith("|")]
        widths.add(len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}))
    return widths


def test_a_card_without_figures_is_still_right() -> None:
    text, told = change_card(PLAIN)
    assert "| **Pairs written** | **8** |" in text
    assert "Effects" not in text
    assert "Edits" not in text
    assert told["written"] + sum(told["left_out"].values()) == told["pairs"]


def test_a_whole_card_tells_everything() -> None:
    text, told = change_card(WHOLE)
    for words in (
        "raw.jsonl", "ab" * 32, "out.jsonl", "cd" * 32, "| Rows read | 12 |",
        "| Rejected: empty response | 2 |", "| Pairs edited | 4 (3 flipped, 1 dropped) |",
        "| Left out: tie | 2 |", "+12.3 [+8.0, +16.0]", "+1.0 [-2.0, +4.0]", "| hedges | – |",
        "| AUC | 0.71 | 0.654 |",
        "| labelled | 123,456 pairs | 120,000 pairs |", "- mind this",
    ):  # fmt: skip
        assert words in text
    assert json.loads(json.dumps(told, allow_nan=False)) == json.loads(json.dumps(told))
    assert told["effects"][0]["before"] == (12.3, 8.0, 16.0)


def test_words_cannot_break_the_card() -> None:
    text, _ = change_card(WHOLE)
    assert r"a \| b &lt;script&gt;" in text
    assert r"\*x\* \`y\`" in text
    assert table_widths(text) <= {0, 1}


def test_long_words_are_cut() -> None:
    text, _ = change_card(WHOLE | {"edits": [{"number": 1, "why": "w" * 1000}]})
    assert max(map(len, text.split("\n"))) < 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"written": 9}, {"left_out": {}}, {"edited": {"set": 11}},
        {"rows_read": 20}, {"rows_with_pairs": 13},
    ],
)  # fmt: skip
def test_numbers_that_do_not_add_up_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ExportError, match="does not add up"):
        change_card(WHOLE | wrong)


def test_facts_that_are_unknown_are_refused() -> None:
    with pytest.raises(ExportError, match="not understood"):
        change_card(PLAIN | {"mood": 1})
    with pytest.raises(ExportError, match="not understood"):
        ChangeFacts.of(PLAIN | {"edits": [{"who": "kim"}]})


def test_every_export_has_its_cards(tmp_path: Path) -> None:
    table = edited(curated(ANY), 0, label=0.0)  # flipped
    table = edited(table, 1, label=0.5)  # tied
    table = edited(table, 2, kept=False, label=0.0)  # dropped counts once
    table = edited(table, 3, weight=0.5)
    table = edited(table, 9, label=1.0)  # set
    facts = {"source": "raw.jsonl", "rows_read": 12, "rejected": {"empty response": 2}}
    done = export_pairs(table, "trl", tmp_path / "o.jsonl", card=facts)
    text, told = done.cards[0].read_text(), json.loads(done.cards[1].read_text())
    assert [card.name for card in done.cards] == ["o.jsonl.card.md", "o.jsonl.card.json"]
    assert told["edited"] == {"dropped": 1, "flipped": 1, "set": 1, "tied": 1, "weighted": 1}
    assert told["written"] == done.pairs
    assert told["left_out"] == done.left_out == {"dropped": 1, "tie": 2}
    assert told["output_sha256"] == done.sha256
    assert done.sha256 in text
    assert "| Rows read | 12 |" in text


def test_rows_that_do_not_add_up_stop_the_export(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not add up"):
        export_pairs(curated(ANY), "trl", tmp_path / "o.jsonl", card={"rows_read": 2})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["o.jsonl", "folder"])
def test_an_export_that_is_not_what_its_card_tells_of_is_said(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    done = export_pairs(
        curated(ANY), "native", place, container=None if "." in name else "datasets"
    )
    assert export_fault(place) == ""
    file = place if place.is_file() else sorted(place.rglob("*.arrow"))[0]
    whole = file.read_bytes()
    told = []
    for damaged in (whole[:-1], whole[:50] + b"!" + whole[51:], b""):
        file.write_bytes(damaged)
        told.append(export_fault(place))
    file.unlink()
    assert all("is not what its change card" in said for said in (*told, export_fault(place)))
    file.write_bytes(whole)
    for card in ("", "[]", "{}", '{"output_sha256": 3}', "[" * 100_000):
        done.cards[1].write_text(card)
        assert export_fault(place)
    done.cards[1].unlink()
    assert export_fault(place) is None


def test_a_reader_of_an_export_hears_of_it(tmp_path: Path) -> None:
    export_pairs(curated(ANY), "native", tmp_path / "o.jsonl")
    assert parts_of((str(tmp_path / "o.jsonl"),), None)[0].note is None
    with (tmp_path / "o.jsonl").open("a") as stream:
        stream.write("\n")
    assert "o.jsonl.card.json" in str(parts_of((str(tmp_path / "o.jsonl"),), None)[0].note)
    said = CliRunner().invoke(app, ["verify", str(tmp_path / "o.jsonl")])
    assert said.exit_code == 2
    assert "1 damaged" in said.output


@pytest.mark.parametrize("name", [".", "..", "/", "x" * 250, "nothing/x"])
def test_what_can_have_no_card_has_none(name: str) -> None:
    assert export_fault(Path(name)) is None
