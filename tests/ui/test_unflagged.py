"""What the app shows speaks of its own controls, not of the command line."""

import ast
import re
from pathlib import Path

import pytest

import wimhf
from wimhf.base import SETTINGS
from wimhf.ui.words.mends import app_mend, terminal_mend
from wimhf.ui.words.unflagged import unflagged

FLAG = re.compile(r"(?<![\w-])--[a-z]")
PACKAGES = ("base", "data", "learn", "describe", "run", "pipeline", "curate", "compare", "stats")


def messages() -> list[str]:
    """Return every text of the packages behind the app that has a flag in it, parts filled in."""
    found = []
    for package in PACKAGES:
        for path in (Path(wimhf.__file__).parent / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = [getattr(one, "value", None) for one in node.values]
                    text = "".join(one if isinstance(one, str) else "x" for one in parts)
                else:
                    text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and FLAG.search(text) and "``" not in text:
                    found.append(text)
    return found


def test_no_message_keeps_a_flag() -> None:
    known = messages()
    assert len(known) > 30
    assert [text for text in known if FLAG.search(unflagged(text))] == []


def test_a_setting_is_called_as_the_form_calls_it() -> None:
    for one in SETTINGS:
        said = unflagged(f"change {one.option}, or leave it")
        assert "--" not in said
        assert said.startswith("change “")


@pytest.mark.parametrize("text", ["nothing -- at all", "a-b --", "x--y", "5 - 3 --- 2"])
def test_what_is_no_flag_stays(text: str) -> None:
    assert unflagged(text) == text


def test_what_health_advises_names_the_setting_apart() -> None:
    for path in (Path(wimhf.__file__).parent / "data" / "health").glob("*.py"):
        assert not FLAG.search(path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    "setting",
    [("group", "first-turn"), ("map", "label=COLUMN"), ("control", "style"), ("format", "trl")],
)
def test_a_mend_is_said_for_its_place(setting: tuple[str, str]) -> None:
    name, value = setting
    assert terminal_mend("mend it", setting) == f"mend it (--{name} {value})"
    said = app_mend("mend it", setting)
    assert not FLAG.search(said)
    assert value in said
    assert "“" in said
    assert app_mend("mend it", None) == terminal_mend("mend it", None) == "mend it"
