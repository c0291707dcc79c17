"""The pages there are, and links between them.

To add a page, write ``pages/NAME.py``, which runs from top to bottom, and list it in ``PAGES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from wimhf.ui.app import chosen_run as state


@dataclass(frozen=True)
class Entry:
    """A page of the app.

    Attributes
    ----------
    name
        Its file in pages/ and its path in the URL.
    in_bar
        Whether the bar always leads to it; other pages do where not.
    param
        What such a page reads from its URL to know what it is about.
    """

    name: str
    title: str
    icon: str
    in_bar: bool = True
    param: str = ""


FOLLOW = "<script>document.querySelector('.st-key-leave a').click()</script>"
PAGES = (
    Entry("start", "Start", ":material/upload_file:"),
    Entry("overview", "Overview", ":material/insights:"),
    Entry("audit", "Audit", ":material/gavel:"),
    Entry("features", "Features", ":material/format_list_bulleted:"),
    Entry("feature", "Feature", ":material/compare_arrows:", in_bar=False, param="feature"),
    Entry("concepts", "Concepts", ":material/sell:"),
    Entry("check", "Check", ":material/rule_settings:", in_bar=False, param="concept"),
    Entry("add", "Add", ":material/add_circle:", in_bar=False, param="way"),
    Entry("annotators", "Annotators", ":material/groups:"),
    Entry("compare", "Compare", ":material/balance:"),
    Entry("explore", "Explore", ":material/travel_explore:"),
    Entry("review", "Review", ":material/fact_check:"),
    Entry("curate", "Curate", ":material/rule:"),
    Entry("export", "Export", ":material/download:"),
    Entry("words", "Words", ":material/help:", in_bar=False),
)


def page(name: str) -> st.Page:
    """Return a page by its name, as Streamlit takes it."""
    entry = next(entry for entry in PAGES if entry.name == name)
    file = Path(__file__).parent / "pages" / f"{name}.py"
    return st.Page(file, title=entry.title, icon=entry.icon, default=entry is PAGES[0])


def link(
    name: str, label: str, icon: str | None = None, help: str | None = None, **params: object
) -> None:
    """Show a link to a page of the chosen run.

    Parameters
    ----------
    label
        Markdown; text from the data goes through ``figures.plain`` first.
    params
        What the page reads from its URL, e.g. ``feature=3``; None leaves it out.
    """
    st.page_link(page(name), label=label, icon=icon, help=help, query_params=state.view(**params))


def go(name: str, **params: object) -> None:
    """Leave for a page of the chosen run; nothing after it is run.

    A link is followed, since ``st.switch_page`` leaves one step too many for the Back button.
    """
    with st.container(key="leave"):
        link(name, "Go on", None, None, **params)
    st.html(FOLLOW, unsafe_allow_javascript=True)
    st.stop()
