"""Adding a concept by a question to the language model that the run names."""

from __future__ import annotations

import streamlit as st

from wimhf.base import server_address
from wimhf.pipeline import question_change, question_demand, start_change
from wimhf.ui.app import components, concept_names, editing
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain, sentence

SAMPLE, LEAST, MOST = 200, 20, 2_000


def form(opened: Opened, writable: bool) -> None:
    """Ask for a question, say what asking takes, ask it."""
    llm = opened.run.config.llm
    if llm.model is None:
        st.info(
            "A question needs a language model, and this run names none. Name its features with "
            "one first; questions go to the same.", icon=":material/smart_toy:",
        )  # fmt: skip
        pages.link("features", "Name with a language model", icon=":material/smart_toy:")
        return
    st.caption(
        f"Asked of {plain(llm.model)} at {plain(server_address(llm.base_url).shown)}, which the "
        "run names: of a sample of pairs in both orders; its answers are carried to all pairs."
    )
    question = st.text_input(
        "Which response …?", key="_question", max_chars=500,
        placeholder="is warmer towards the user",
    )  # fmt: skip
    named = concept_names.ask(opened.run, "question")
    sample = st.number_input("Pairs it is asked about", LEAST, MOST, SAMPLE, 20, key="_sample")
    demand = components.cached(
        opened, "demand", lambda: question_demand(opened.run, llm, int(sample)), sample
    )
    st.markdown(plain(sentence(demand.words)))
    agreed = demand.within or st.checkbox(
        "That is above the run's budget; spend it all the same", key="_agreed"
    )
    asked = " ".join((question or "").split())
    if st.button(
        "Ask and add it", type="primary", icon=":material/smart_toy:", key="_add_question",
        disabled=not writable or named is None or not asked or not agreed,
    ):  # fmt: skip
        with editing.attempt():
            if named is not None:
                change = question_change(named, asked, int(sample), agreed=agreed)
                start_change(opened.run, change)
                pages.go("concepts")
