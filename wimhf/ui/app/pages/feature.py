"""Feature: both poles in words, what is known of it, and the pairs it tells apart."""

from __future__ import annotations

from typing import Any

import streamlit as st

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, feature_pairs
from wimhf.ui.app import feature_actions as owning
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import run_charts as charts
from wimhf.ui.app import run_rows as tables
from wimhf.ui.app.chosen_run import Opened, Row
from wimhf.ui.words.figures import between, chance, decimal, plain, points, sentence, share
from wimhf.ui.words.findings import sentence as finding

MOST = 60  # pairs shown at most


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    feature = state.number("feature", -1, least=-1)
    row = opened.row(feature)
    if row is None:
        components.empty("No such feature", "Choose one from the table.")
        pages.link("features", "All features", icon=":material/format_list_bulleted:")
        return
    _head(opened, row)
    owning.actions(opened.run, feature)
    _statistics(opened, row)
    _pairs(opened, row)


def _head(opened: Opened, row: Row) -> None:
    before, after = tables.neighbours(opened.rows, row["feature"])
    with st.container(horizontal=True, vertical_alignment="center"):
        if before is not None:
            pages.link("feature", "Before", icon=":material/chevron_left:", feature=before)
        if after is not None:
            pages.link("feature", "Next", icon=":material/chevron_right:", feature=after)
    st.title(plain(f"Feature {row['feature']}"), anchor=False)
    alert = tables.concerned(opened.preference).get(row["feature"])
    left, right = st.columns(2)
    with left.container(border=True):
        st.caption("More of it: the response that")
        st.markdown(f"**{plain(row['description'] or 'is not described')}**")
    with right.container(border=True):
        st.caption("Less of it: the response that")
        st.markdown(plain(row.get("opposite") or "has less of that"))
    st.markdown(plain(finding(row)))
    if not row["understood"]:
        st.warning(
            f"Not understood: {plain(row['why'])}. The words above are a best guess, not to be "
            "relied on; the pairs below are.",
            icon=":material/help:",
        )
    if alert is not None:
        st.warning(f"A concern: {plain(alert['why'])}.", icon=":material/warning:")


def _statistics(opened: Opened, row: Row) -> None:
    components.tiles([
        ("Effect, points", points(row["effect"]),
         between(row["effect_low"], row["effect_high"]) or str(row["effect_reason"] or "")),
        ("With nothing held", points(tables.raw_effect(row)),
         "What the win rate says by itself, length and all"),
        ("Prevalence", share(row["prevalence"]),
         f"{row['n_active'] or 0:,} labelled pairs in which it is active"),
        ("Fidelity", decimal(row["fidelity"]),
         between(row["fidelity_low"], row["fidelity_high"], decimal) or str(row["why"])),
    ])  # fmt: skip
    left, right = st.columns([2, 3], gap="large")
    with left:
        components.facts(_facts(row))
    with right:
        codes = _codes(opened, row)
        tab_codes, tab_subsets = st.tabs(["Sizes of the code", "Effect by subset"])
        with tab_codes:
            if len(codes):
                st.altair_chart(charts.codes(feature_pairs.code_rows(codes)))
            else:
                st.caption("The feature is active in no pair.")
        with tab_subsets:
            _subsets(opened, row)


def _facts(row: Row) -> list[tuple[str, str]]:
    told = [
        ("q", chance(row["q"])),
        ("p, all features together", chance(row["joint_p"])),
        ("Selected in random halves", share(row["selection_frequency"])),
        ("Stability over seeds", decimal(row["stability"])),
        ("Names the right side", share(row["sign_accuracy"])),
        ("Described by", row["author"] or "–"),
    ]
    return [*told, ("Named before", row["found"])] if row.get("found") else told


def _subsets(opened: Opened, row: Row) -> None:
    subsets = opened.preference["subsets"]
    rows = [] if subsets["reason"] else tables.subset_rows(opened.run, row["feature"])
    chart = charts.subsets(rows)
    if chart is None:
        st.caption(plain(sentence(subsets["reason"] or "It could be estimated in no subset")))
        return
    st.altair_chart(chart)
    if row["heterogeneity_p"] is not None:
        told = f"Equal effects in all: p {chance(row['heterogeneity_p'])}"
        told += "; it flips: one subset rewards what another penalises" if row["flips"] else ""
        st.caption(plain(sentence(told)))


def _codes(opened: Opened, row: Row) -> Any:
    return components.cached(
        opened, "codes", lambda: feature_pairs.feature_codes(opened.run, row), row["feature"]
    )


def _pairs(opened: Opened, row: Row) -> None:
    st.header("Pairs", anchor=False)
    st.caption(
        "The response with more of the feature stands left; marked words are in that response "
        "only; the framed response was preferred."
    )
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    tabs = st.tabs(list(feature_pairs.WAYS), key="pairs", bind="query-params")
    for tab, (way, told) in zip(tabs, feature_pairs.WAYS.items(), strict=True):
        if tab.open:
            with tab:
                _way(opened, row, way, told, formatted)


def _way(opened: Opened, row: Row, way: str, told: str, formatted: bool) -> None:
    codes = _codes(opened, row)
    chosen = feature_pairs.chosen_pairs(codes, way, row["effect"], state.number("draw", 0))
    if chosen.is_empty():
        st.caption("There is none." if len(codes) else "The feature is active in no pair.")
        return
    count = state.number("n", components.PAGE, least=1, most=MOST)
    shown = feature_pairs.with_texts(opened.run, chosen.head(count))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(shown)} of {len(chosen):,} pairs: {told}.", width="stretch")
        if way == "Random":
            st.button("Draw others", icon=":material/casino:", on_click=_raise, args=("draw", 0, 1))
    components.pairs(shown, formatted=formatted)
    if len(shown) < min(len(chosen), MOST):
        st.button(
            "Show more", icon=":material/expand_more:", on_click=_raise,
            args=("n", components.PAGE, components.PAGE),
        )  # fmt: skip


def _raise(name: str, default: int, by: int) -> None:
    st.query_params[name] = str(state.number(name, default) + by)


page()
