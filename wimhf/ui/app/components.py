"""What several pages show: states, links, findings, pairs.

Text from the data reaches the page through ``figures.plain`` (in Markdown) or ``safe_html`` (in
HTML), never by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import safe_html
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.feature_pairs import FeaturePair
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import between, chance, plain, points, sentence, share
from wimhf.ui.words.labels import Verdict
from wimhf.ui.words.unflagged import unflagged

T = TypeVar("T")
SIGNS: Mapping[Verdict, tuple[str, str]] = {
    "rewarded": ("▲", "green"),
    "penalised": ("▼", "orange"),
}
PAGE = 5
"""Pairs that are shown at once."""


def need_run() -> Opened:
    """Return the chosen run, or show what to do where there is none and end the page.

    Raises
    ------
    RunError
        If the chosen run is not there, not finished or cannot be read.
    """
    opened = state.opened()
    if opened is not None:
        return opened
    empty("No run is chosen", "Choose one above, or analyze your preference pairs first.")
    pages.link("start", "Start an analysis", icon=":material/upload_file:")
    st.stop()


def failure(error: Exception) -> None:
    """Show an error in one line, in the words of the app."""
    st.error(plain(unflagged(str(error))), icon=":material/error:")


def empty(title: str, text: str) -> None:
    """Say that there is nothing to show, and what to do."""
    st.subheader(title, anchor=False)
    st.markdown(text)


def cached(opened: Opened, name: str, make: Callable[[], T], *parts: object) -> T:
    """Return what ``make`` gives for this state of the run, made once for all sessions.

    Parameters
    ----------
    name
        What it is.
    parts
        What else it depends on.
    """
    return cast("T", _made((*opened.key, name, *parts), make))


@st.cache_resource(max_entries=200, show_spinner=False)
def _made(key: tuple[object, ...], _make: Callable[[], object]) -> object:
    return _make()


def line(key: str | None = None, *, border: bool = False) -> DeltaGenerator:
    """Return a container whose parts stand side by side, level with one another."""
    return st.container(key=key, horizontal=True, vertical_alignment="center", border=border)


def clicked_row(event: object) -> int | None:
    """Return the row of a table that was clicked, by its mark or in any of its cells."""
    selection = cast("Mapping[str, Any]", event)["selection"]
    if selection["rows"]:
        return int(selection["rows"][0])
    return int(selection["cells"][0][0]) if selection["cells"] else None


def feature_link(feature: ShownFeature, label: str) -> None:
    """Link to a feature, by its description."""
    pages.link("feature", plain(label), feature=feature.feature)


def finding(feature: ShownFeature, folded: Sequence[ShownFeature] = ()) -> None:
    """Show one finding as a card: points, sentence, interval; it links to the feature.

    Parameters
    ----------
    folded
        Features that say nearly the same.
    """
    sign, colour = SIGNS.get(feature.verdict, ("○", "gray"))
    with st.container(border=True, gap="xsmall"):
        with line():
            st.markdown(f"**:{colour}[{sign} {points(feature.told)}]** points", width="stretch")
            pairs_link(feature.feature)
        st.markdown(plain(feature.sentence))
        q = chance(feature.q)
        equals = "" if q.startswith("<") else "= "
        beside = "" if feature.joint_effect is None else (
            f"{points(feature.joint_effect)} beside the other findings · "
        )  # fmt: skip
        st.caption(
            f"measured {points(feature.effect)}, 95% interval "
            f"{between(feature.effect_low, feature.effect_high)} · {beside}"
            f"q {equals}{q} · in {share(feature.prevalence)} of pairs".replace("<", "\\<")
        )
        if feature.fit:
            st.caption(plain(sentence(feature.fit)))
        if folded:
            same = "; ".join(other.label for other in folded)
            st.caption(f"Nearly the same: {plain(same)}")


def pairs_link(feature: int) -> None:
    """Link to the pairs that a feature tells apart."""
    pages.link("feature", "Pairs", icon=":material/arrow_forward:", feature=feature)


def pairs(shown: Iterable[FeaturePair], *, formatted: bool = True) -> None:
    """Show pairs with their responses side by side.

    Parameters
    ----------
    formatted
        Render the texts' Markdown.
    """
    for pair in shown:
        st.caption(
            f"pair `{pair['pair_id']}` · row {pair['source_row'] + 1:,} of the source · "
            f"size {pair['code']:.2f}"
        )
        st.html(safe_html.pair_html(pair, formatted=formatted))


def folded(key: str, label: str, icon: str, show: Callable[[], object]) -> None:
    """Show a part that is made only when somebody opens it, and without the rest of its page.

    Parameters
    ----------
    key
        Its parameter of the address, which says whether it is open.
    """
    _folded(key, label, icon, show)


@st.fragment
def _folded(key: str, label: str, icon: str, show: Callable[[], object]) -> None:
    part = st.expander(label, icon=icon, key=key, bind="query-params")
    with part:
        if part.open:
            show()


def legend(colours: Mapping[str, str]) -> None:
    """Say what colours mean, on as many lines as it takes."""
    parts = (
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in colours.items()
    )
    st.html(f'<p class="legend">{"".join(parts)}</p>')


def tiles(values: Sequence[tuple[str, str, str]]) -> None:
    """Show figures in a row: label, value, and a line below it."""
    columns = st.columns(len(values))
    for column, (label, value, below) in zip(columns, values, strict=True):
        with column.container(border=True, gap="xxsmall", height="stretch"):
            st.metric(label, value)
            st.caption(plain(below))


def facts(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> None:
    """Show a table of names and figures, escaped; ``head`` names the columns of figures."""
    st.html(facts_html(rows, head))


def facts_html(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    """Return a table of names and figures as HTML; everything in it is escaped."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{_cells(values)}</tr>' for name, *values in rows
    )
    heading = f"<thead><tr><th></th>{_cells(head)}</tr></thead>" if head else ""
    return f'<table class="facts">{heading}<tbody>{body}</tbody></table>'


def _cells(values: Iterable[str]) -> str:
    return "".join(f"<td>{escape(value)}</td>" for value in values)
