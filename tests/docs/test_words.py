"""The page of words: short, once each, and the same in the app."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE, re.M)
WORDS = [word for word, _ in ROWS if word not in ("word", "---")]


def test_every_word_is_explained_once_in_one_sentence() -> None:
    assert len(WORDS) == len(set(WORDS)) == 60
    for word, meaning in ROWS:
        assert ". " not in meaning, word
        assert len(meaning) < 140, word


def test_the_app_shows_the_same_page() -> None:
    shown = ROOT / "wimhf" / "ui" / "app" / "words.md"
    assert shown.read_text(encoding="utf-8") == PAGE


def test_readme_leads_to_it_and_stays_short() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/words.md" in readme
    assert readme.count("\n") <= 130
