"""Feature: both poles in words, what is known of it, and the pairs it tells apart."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, feature_figures, feature_head, feature_pairs
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.feature_codes import codes_of
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import counted

MOST = 60  # pairs shown at most


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    feature = opened.feature(state.feature_number(opened))
    if feature is None:
        components.empty("No such feature", "Choose one from the table.")
        pages.link("features", "All features", icon=":material/format_list_bulleted:")
        return
    feature_head.head(opened, feature)
    feature_figures.figures(opened, feature)
    _pairs(opened, feature)


def _pairs(opened: Opened, feature: ShownFeature) -> None:
    st.header("Pairs", anchor=False)
    st.caption(
        "The response with more of the feature stands left; the framed response was preferred. "
        "Marked words are in that response only; responses that share little are not marked."
    )
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    tabs = st.tabs(list(feature_pairs.WAYS), key="pairs", bind="query-params")
    for tab, way in zip(tabs, feature_pairs.WAYS, strict=True):
        if tab.open:
            with tab:
                _way(opened, feature, way, formatted)


def _way(opened: Opened, feature: ShownFeature, way: str, formatted: bool) -> None:
    codes = codes_of(opened, feature)
    chosen = feature_pairs.chosen_pairs(codes, way, feature.effect, state.number("draw", 0))
    if chosen.is_empty():
        st.caption("There is none." if len(codes) else "The feature is active in no pair.")
        return
    count = state.number("n", components.PAGE, least=1, most=MOST)
    shown = feature_pairs.with_texts(opened.run, chosen.head(count))
    with components.line():
        st.caption(
            f"{len(shown)} of {counted(len(chosen), 'pair')}: {feature_pairs.WAYS[way]}.",
            width="stretch",
        )
        if way == "Random":
            st.button("Draw others", icon=":material/casino:", on_click=_raise, args=("draw", 0, 1))
    components.pairs(shown, formatted=formatted)
    if len(shown) < min(len(chosen), MOST):
        st.button(
            "Show more", icon=":material/expand_more:", on_click=_raise,
            args=("n", components.PAGE, components.PAGE),
        )  # fmt: skip


def _raise(name: str, default: int, by: int) -> None:
    state.put(name, state.number(name, default) + by)


page()
