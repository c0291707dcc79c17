"""What the data hold is shown on a terminal, and never obeyed by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from tests.conftest import write_rows
from wimhf.base import Event
from wimhf.data.export.card import _cell
from wimhf.errors import WimhfError
from wimhf.ui.cli.asking import say_aside
from wimhf.ui.cli.console import Watcher, print_json, put, say, terminal
from wimhf.ui.cli.main import app
from wimhf.ui.report.markdown import _safe

OBEYED = ("\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\x7f", "\u202e", "\u2067", "\x08")
HOSTILE = "now".join(OBEYED)


def harmless(said: str) -> bool:
    return not any(
        sent in said for one in OBEYED for sent in one if not sent.isalnum() and sent not in "[;]"
    )


def test_every_way_to_print_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    table.add_row(Text(HOSTILE, "bold"))
    say(HOSTILE, "bold")
    say(Text.assemble((HOSTILE, "red"), HOSTILE))
    terminal(force_terminal=False, width=400).print(table)
    put(HOSTILE)
    put(HOSTILE, err=True)
    say_aside(HOSTILE, bold=True)
    print_json({HOSTILE: [HOSTILE]})
    with Watcher() as watcher:
        watcher(Event("read", message=HOSTILE, level="warning"))
    said = capsys.readouterr()
    assert "x1b" in said.out
    assert "x1b" in said.err
    assert harmless(said.out)
    assert harmless(said.err)


def test_colours_stay_colours(capsys: pytest.CaptureFixture[str]) -> None:
    terminal(force_terminal=True, width=80).print(Text("a\x1b[5mb", "red"))
    said = capsys.readouterr().out
    assert "\x1b[31m" in said
    assert "\x1b[5m" not in said
    assert "a\\x1b[5mb" in said


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    value: dict[str, Any] = {HOSTILE: ["漢\n字", HOSTILE], "x": "\u2028"}
    print_json(value)
    said = capsys.readouterr().out
    assert json.loads(said) == value
    assert harmless(said)


def test_a_hostile_source_is_inspected_and_refused_harmlessly(tmp_path: Path) -> None:
    rows = [
        {"prompt": f"{HOSTILE} {n}", "chosen": f"{HOSTILE} yes {n}", "rejected": f"no {n}"}
        for n in range(30)
    ]
    file = write_rows(tmp_path / f"a{OBEYED[1]}.jsonl", rows)
    done = CliRunner().invoke(app, ["inspect", str(file)])
    assert done.exit_code == 0, done.output
    assert harmless(done.output)
    wrong = write_rows(tmp_path / "wrong.jsonl", [{f"{HOSTILE}": 1}] * 3)
    refused = CliRunner().invoke(app, ["inspect", str(wrong)])
    assert isinstance(refused.exception, WimhfError)
    assert harmless(str(refused.exception))
    assert all(harmless(line) for line in refused.exception.screen)


def test_a_card_shows_it() -> None:
    assert harmless(_cell(HOSTILE))
    assert pl.Series([_cell(HOSTILE)]).str.contains("x1b").all()


def test_words_from_right_to_left_are_isolated_once(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("שלום")
    table.add_row(Text("עולם 12", "bold"))
    terminal(force_terminal=False, width=400).print(table)
    say("שלום 12")
    put("שלום 12")
    said = capsys.readouterr().out
    assert said.count("\u2068") == said.count("\u2069") == 4
    assert "\\u" not in said
    assert _safe("שלום 12 \u202e| x") == "\u2068שלום\u2069 12 \\\\u202e\\| x"
    assert _cell("שלום 12 | x") == "\u2068שלום\u2069 12 \\| x"
