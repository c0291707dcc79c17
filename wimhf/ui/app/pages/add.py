"""Add: a concept of your own, by words, by marked pairs or by a question to a model."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import add_pairs, add_question, add_words, components, editing
from wimhf.ui.app import page_list as pages

WAYS = {"words": add_words.form, "pairs": add_pairs.form, "question": add_question.form}
TITLES = {"words": "By words", "pairs": "By marked pairs", "question": "By a question to a model"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Add a concept", opened)
    with components.line():
        way = st.segmented_control(
            "How", list(WAYS), key="way", bind="query-params", required=True, default="words",
            format_func=TITLES.__getitem__, label_visibility="collapsed", width="stretch",
        )  # fmt: skip
        pages.link("concepts", "All concepts", icon=":material/sell:")
    writable = editing.may_write(opened.run)
    WAYS[way or "words"](opened, writable)


page()
