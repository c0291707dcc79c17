"""What several pages show: states, links, findings, pairs.

Text from the data reaches the page through ``figures.plain`` (in Markdown) or ``texts`` (in HTML),
never by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, TypeVar

import streamlit as st

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import safe_html as texts
from wimhf.ui.app.chosen_run import Opened, Row
from wimhf.ui.words.figures import between, chance, plain, points, share

T = TypeVar("T")
SIGNS = {"rewarded": ("▲", "green"), "punished": ("▼", "orange")}
PAGE = 5
"""Pairs that are shown at once."""


def need_run() -> Opened:
    """Return the chosen run, or show what to do where there is none and end the page.

    Raises
    ------
    RunError
        If the chosen run is not there, not finished or cannot be read.
    """
    found = state.opened()
    if found is not None:
        return found
    empty("No run is chosen", "Choose one above, or analyze your preference pairs first.")
    pages.link("start", "Start an analysis", icon=":material/upload_file:")
    st.stop()


def failure(error: Exception) -> None:
    """Show an error in one line, as it is."""
    st.error(plain(str(error)), icon=":material/error:")


def empty(title: str, text: str) -> None:
    """Say that there is nothing to show, and what to do."""
    st.subheader(title, anchor=False)
    st.markdown(text)


def cached(opened: Opened, name: str, make: Callable[[], T], *parts: Any) -> T:
    """Return what ``make`` gives for this state of the run, made once for all sessions.

    Parameters
    ----------
    name
        What it is.
    parts
        What else it depends on.
    """
    made: T = _made((*opened.key, name, *parts), make)
    return made


@st.cache_resource(max_entries=200, show_spinner=False)
def _made(key: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    return _make()


def feature_link(row: Row, label: str | None = None) -> None:
    """Link to a feature, by its description."""
    pages.link("feature", plain(label or row["label"]), feature=row["feature"])


def finding(row: Row, sentence: str) -> None:
    """Show one finding as a card: points, sentence, interval; it links to the feature."""
    sign, colour = SIGNS.get(row["verdict"], ("○", "gray"))
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**:{colour}[{sign} {points(row['effect'])}]** points", width="stretch")
            pages.link("feature", "Pairs", icon=":material/arrow_forward:", feature=row["feature"])
        st.markdown(plain(sentence))
        q = chance(row["q"])
        told = "" if q.startswith("<") else "= "
        st.caption(
            f"95% interval {between(row['effect_low'], row['effect_high'])} · q {told}{q} · "
            f"in {share(row['prevalence'])} of pairs".replace("<", "\\<")
        )


def pairs(rows: Sequence[Row], *, formatted: bool = True) -> None:
    """Show pairs with their responses side by side.

    Parameters
    ----------
    rows
        From ``feature_pairs.with_texts``: ``more`` and ``less`` are the responses, ``more_won``
        the label of the first, ``code`` its size.
    formatted
        Render the texts' Markdown.
    """
    for row in rows:
        st.caption(
            f"pair `{row['pair_id']}` · row {row['source_row'] + 1:,} of the source · "
            f"size {row['code']:.2f}"
        )
        st.html(texts.pair_html(row, formatted=formatted))


def tiles(values: Sequence[tuple[str, str, str]]) -> None:
    """Show figures in a row: label, value, and a line below it."""
    columns = st.columns(len(values))
    for column, (label, value, below) in zip(columns, values, strict=True):
        with column.container(border=True, gap="xxsmall", height="stretch"):
            st.metric(label, value)
            st.caption(plain(below))


def facts(values: Sequence[tuple[str, str]]) -> None:
    """Show a two-column table of names and figures; both are escaped."""
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in values
    )
    st.html(f'<table class="facts"><tbody>{lines}</tbody></table>')
