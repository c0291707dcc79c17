"""Feature: both poles in words, what is known of it, and the pairs it tells apart."""

from __future__ import annotations

import polars as pl
import streamlit as st

from wimhf.run import code_counts, feature_codes
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import (
    components,
    concept_card,
    feature_actions,
    feature_pairs,
    run_charts,
    run_rows,
)
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import between, chance, decimal, plain, points, sentence, share

MOST = 60  # pairs shown at most


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    feature = opened.feature(state.feature_number(opened))
    if feature is None:
        components.empty("No such feature", "Choose one from the table.")
        pages.link("features", "All features", icon=":material/format_list_bulleted:")
        return
    _head(opened, feature)
    feature_actions.actions(opened.run, feature.feature)
    if feature.is_concept:
        concept_card.proof(opened.run, feature)
    _statistics(opened, feature)
    _pairs(opened, feature)


def _head(opened: Opened, feature: ShownFeature) -> None:
    before, after = run_rows.neighbours(opened.features, feature.feature)
    with components.line():
        if before is not None:
            pages.link("feature", "Before", icon=":material/chevron_left:", feature=before)
        if after is not None:
            pages.link("feature", "Next", icon=":material/chevron_right:", feature=after)
    st.title(plain(f"Feature {feature.feature}"), anchor=False)
    left, right = st.columns(2)
    with left.container(border=True):
        st.caption("More of it: the response that")
        st.markdown(f"**{plain(feature.description or 'is not described')}**")
    with right.container(border=True):
        st.caption("Less of it: the response that")
        st.markdown(plain(feature.opposite or "has less of that"))
    st.markdown(plain(feature.sentence))
    if not feature.understood:
        st.warning(
            f"{'Partly' if feature.partly else 'Not'} understood: {plain(feature.why)}. The words "
            "above are a best guess, not to be relied on; the pairs below are.",
            icon=":material/help:",
        )
    alert = run_rows.concerned(opened.summary).get(feature.feature)
    if alert is not None:
        st.warning(f"A concern: {plain(alert['why'])}.", icon=":material/warning:")


def _statistics(opened: Opened, feature: ShownFeature) -> None:
    components.tiles([
        ("Effect, points", points(feature.effect),
         between(feature.effect_low, feature.effect_high) or feature.effect_reason or ""),
        ("Without controls", points(feature.raw_effect),
         "The same without control for length" if feature.equal_length else "The same here"),
        ("Prevalence", share(feature.prevalence),
         f"{feature.n_active or 0:,} labelled pairs in which it is active"),
        concept_card.tile(opened.run, feature) if feature.is_concept else
        ("Fidelity", decimal(feature.fidelity),
         between(feature.fidelity_low, feature.fidelity_high, decimal) or feature.why),
    ])  # fmt: skip
    left, right = st.columns([2, 3], gap="large")
    with left:
        components.facts(_facts(feature))
    with right:
        codes = _codes(opened, feature)
        tab_codes, tab_subsets = st.tabs(["Sizes of the code", "Effect by subset"])
        with tab_codes:
            if len(codes):
                st.altair_chart(run_charts.codes(code_counts(codes)))
            else:
                st.caption("The feature is active in no pair.")
        with tab_subsets:
            _subsets(opened, feature)


def _facts(feature: ShownFeature) -> list[tuple[str, str]]:
    facts = [
        ("q", chance(feature.q)),
        *([("Power", feature.unseen)] if feature.unseen else []),
        ("Beside the other findings", _beside(feature)),
        ("Selected in random halves", share(feature.selection_frequency)),
        ("Described by", feature.author or "–"),
    ]
    if feature.is_concept:
        facts.append(("Id, for rules", feature.id or "–"))
    else:
        known = decimal(feature.known_share)
        if feature.known_as and feature.known_share is not None:
            known += f" (most: {feature.known_as})"
        facts += [
            ("Known share", known),
            ("Stability over seeds", decimal(feature.stability)),
            ("Names the right side", share(feature.sign_accuracy)),
            ("Variance the name accounts for", share(feature.accounts)),
        ]
    return [*facts, ("Named before", feature.found)] if feature.found else facts


def _beside(feature: ShownFeature) -> str:
    if feature.joint_effect is None:
        return "–"
    alone = ", alone nothing" if feature.suppressed else ""
    ends = between(feature.joint_low, feature.joint_high)
    return f"{points(feature.joint_effect)} ({ends}){alone}"


def _subsets(opened: Opened, feature: ShownFeature) -> None:
    reason = opened.summary["subsets"]["reason"]
    effects = None if reason else run_rows.subset_effects(opened.run, feature.feature)
    if effects is None or effects.is_empty():
        st.caption(plain(sentence(reason or "It could be estimated in no subset")))
        return
    st.altair_chart(run_charts.subsets(effects))
    if feature.heterogeneity_p is not None:
        flips = "; it flips: one subset rewards what another punishes" if feature.flips else ""
        st.caption(plain(sentence(
            f"Equal effects in all: p {chance(feature.heterogeneity_p)}{flips}"
        )))  # fmt: skip


def _codes(opened: Opened, feature: ShownFeature) -> pl.DataFrame:
    number = feature.feature
    return components.cached(opened, "codes", lambda: feature_codes(opened.run, number), number)


def _pairs(opened: Opened, feature: ShownFeature) -> None:
    st.header("Pairs", anchor=False)
    st.caption(
        "The response with more of the feature stands left; marked words are in that response "
        "only; the framed response was preferred."
    )
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    tabs = st.tabs(list(feature_pairs.WAYS), key="pairs", bind="query-params")
    for tab, way in zip(tabs, feature_pairs.WAYS, strict=True):
        if tab.open:
            with tab:
                _way(opened, feature, way, formatted)


def _way(opened: Opened, feature: ShownFeature, way: str, formatted: bool) -> None:
    codes = _codes(opened, feature)
    chosen = feature_pairs.chosen_pairs(codes, way, feature.effect, state.number("draw", 0))
    if chosen.is_empty():
        st.caption("There is none." if len(codes) else "The feature is active in no pair.")
        return
    count = state.number("n", components.PAGE, least=1, most=MOST)
    shown = feature_pairs.with_texts(opened.run, chosen.head(count))
    with components.line():
        st.caption(
            f"{len(shown)} of {len(chosen):,} pairs: {feature_pairs.WAYS[way]}.", width="stretch"
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
