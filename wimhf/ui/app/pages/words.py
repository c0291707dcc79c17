"""Words: what each term means, once."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

WORDS = Path(__file__).parents[1] / "words.md"
"""The same text as docs/words.md, which is not installed."""


def page() -> None:
    """Lay the page out."""
    title, _, text = WORDS.read_text(encoding="utf-8").partition("\n")
    st.title(title.lstrip("# "), anchor=False)
    st.markdown(text)


page()
