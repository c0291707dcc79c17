"""Which encoder a run was made with, and the offer to look with the other."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain

OTHER = {"fast": "minilm", "minilm": "fast"}
WHY = {
    "fast": "minilm reads whole sentences: slower, and it may discover what word vectors miss",
    "minilm": "fast reads words only: quicker",
}


def line(opened: Opened) -> None:
    """Name the encoder; offer the other one."""
    made = opened.run.facts("embed").get("encoder", "")
    why = opened.run.facts("embed").get("chosen", "")
    words = f"Encoder: **{plain(made)}**" + (f", {plain(why)}" if why else "")
    other = OTHER.get(made)
    st.markdown(words)
    if other is not None:
        pages.link(
            "start", f"Analyze the same source with {other}", icon=":material/replay:",
            help=WHY[made], again=opened.name, encoder=other,
        )  # fmt: skip
