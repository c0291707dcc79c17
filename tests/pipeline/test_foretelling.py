"""What an analysis will take is told before it, and only where it is worth telling."""

from __future__ import annotations

from pathlib import Path

import pytest

import wimhf
from tests.conftest import toy_config, toy_rows, write_rows
from wimhf.base import Config, Event, preset_named
from wimhf.errors import ConfigError
from wimhf.pipeline import Size, foretelling, sent_away, unreckoned


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


def test_what_goes_to_a_server_is_told_with_its_price() -> None:
    size = Size(1_000, 2_000, 1_000, 4_300.0, 0.0, 0)
    away = {"encoder": "openai:text-embedding-3-small"}
    dear = Config.from_dict({"embed": away | {"price": 0.13}})
    assert sent_away(size, dear) == (
        "some 2.0 million tokens go to openai:text-embedding-3-small: about $0.26"
    )
    unknown = sent_away(size, Config.from_dict({"embed": away}))
    assert unknown.endswith("their price is not known (--embed-price)")
    assert sent_away(size, Config()) == ""
    few = sent_away(Size(10, 20, 10, 430.0, 0.0, 0), dear)
    assert few == "some 2 thousand tokens go to openai:text-embedding-3-small: less than a cent"
    assert Config.from_dict(dict(preset_named("paper").settings)).embed.price == 0.02


@pytest.mark.parametrize("price", [-1.0, float("inf"), float("nan")])
def test_a_price_is_a_number_of_dollars(price: float) -> None:
    with pytest.raises(ConfigError, match="price"):
        Config.from_dict({"embed": {"price": price}})
