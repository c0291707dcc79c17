"""What is around every page: the bar of pages, the choice of the run, errors in one line."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from wimhf.errors import WimhfError
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, jobs_panel
from wimhf.ui.app import page_list as pages

ICON = str(Path(__file__).with_name("icon.svg"))


def all_pages() -> list[st.Page]:
    """Return all pages for ``st.navigation``."""
    return [pages.page(entry.name) for entry in pages.PAGES]


def run(page: st.Page) -> None:
    """Lay out the frame and run a page in it; errors a person can mend are shown in one line."""
    st.html(Path(__file__).with_name("style.css"))
    state.announce(page.title)
    state.read_ahead()
    _bar(page.title)
    if page.title != pages.PAGES[0].title:
        jobs_panel.ticker()
    try:
        if page.title == pages.PAGES[0].title or not jobs_panel.in_the_way():
            page.run()
            if page.title != "Words":
                pages.link("words", "What the words mean", icon=":material/help:")
    except WimhfError as error:
        components.failure(error)


def _bar(title: str) -> None:
    with components.line("bar"):
        st.markdown("**WIMHF**", width="content")
        for entry in pages.PAGES:
            if entry.in_bar:
                pages.link(entry.name, entry.title)
            elif entry.title == title:
                about = {entry.param: st.query_params.get(entry.param)} if entry.param else {}
                pages.link(entry.name, entry.title, icon=entry.icon, **about)
        _chooser()


def _chooser() -> None:
    """Let another run be chosen."""
    names = [entry.name for entry in state.entries() if entry.finished]
    chosen = state.chosen_name()
    if chosen is not None and chosen not in names:
        names = [chosen, *names]
    if not names:
        return
    st.session_state["_chooser"] = chosen
    st.selectbox(
        "Run", names, key="_chooser", index=None if chosen is None else 0, on_change=_chosen,
        placeholder="Choose a run", label_visibility="collapsed", width=180,
    )  # fmt: skip


def _chosen() -> None:
    state.forget("feature", "concept", "draft")
    state.choose(st.session_state["_chooser"])
