"""Add: a concept of your own, by words, by marked pairs or by a question to a model."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import add_pairs, add_question, add_words, components, editing
from wimhf.ui.app import chosen_run as state

WAYS = {"words": add_words.form, "pairs": add_pairs.form, "question": add_question.form}
FIRST = "words"
TITLES = {"words": "By words", "pairs": "By marked pairs", "question": "By a question"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Add a concept", opened)
    wanted = st.query_params.get("way", FIRST)
    st.session_state["_way"] = wanted if wanted in WAYS else FIRST
    way = st.segmented_control(
        "How", list(WAYS), key="_way", required=True, format_func=TITLES.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: state.put("way", st.session_state["_way"]),
    )  # fmt: skip
    writable = editing.may_write(opened.run)
    WAYS[way or FIRST](opened, writable)


page()
