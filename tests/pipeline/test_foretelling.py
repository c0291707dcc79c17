"""What an analysis will take is told before it, and only where it is worth telling."""

from __future__ import annotations

from pathlib import Path

import pytest

import wimhf
from tests.conftest import toy_config, toy_rows, write_rows
from wimhf.base import Config, Event
from wimhf.pipeline import foretelling, unreckoned


def told(tmp_path: Path, name: str) -> list[str]:
    events: list[Event] = []
    source = write_rows(tmp_path / f"{name}.jsonl", toy_rows(120))
    wimhf.analyze(source, tmp_path / name, toy_config(), progress=events.append)
    return [event.message for event in events if "of memory" in event.message]


def test_a_long_analysis_tells_time_and_memory_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foretelling, "WORTH_TELLING", 1e6)
    assert told(tmp_path, "short") == []
    monkeypatch.setattr(foretelling, "WORTH_TELLING", 0.0)
    (line,) = told(tmp_path, "long")
    assert line.startswith("about ")
    assert "GB of memory from here on this machine" in line
    assert "tokens" not in line


def test_what_nothing_is_known_of_is_said_to_come_on_top() -> None:
    named = Config.from_dict({"embed": {"encoder": "owner/big"}, "llm": {"model": "gpt-5"}})
    assert unreckoned(named) == "embedding with owner/big and naming by gpt-5 on top of it"
    assert unreckoned(Config()) == ""
