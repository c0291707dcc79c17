"""The head of a feature's page: its name as the title, its poles, two pairs that show it."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import components, feature_actions, feature_pairs, run_rows, safe_html
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.feature_codes import codes_of
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import plain, upper_first

EXAMPLES = 2
KINDS = {True: "known concept", False: "discovered"}


def head(opened: Opened, feature: ShownFeature) -> None:
    """Show what a feature is, what can be done with it and where it is seen best."""
    _which(opened, feature)
    st.title(plain(upper_first(feature.label)), anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _words(feature)
        _warnings(opened, feature)
        feature_actions.actions(opened.run, feature.feature)
    with right:
        _examples(opened, feature)


def _which(opened: Opened, feature: ShownFeature) -> None:
    """Say which feature it is, and lead to its neighbours."""
    order = [one.feature for one in opened.features]
    place = order.index(feature.feature) + 1
    before, after = run_rows.neighbours(opened.features, feature.feature)
    with components.line(key="which"):
        st.caption(
            f"Feature {feature.feature} · {KINDS[feature.is_concept]} · {place:,} of "
            f"{len(order):,} in the order of the table", width="stretch",
        )  # fmt: skip
        if before is not None:
            pages.link("feature", "Previous", icon=":material/chevron_left:", feature=before)
        if after is not None:
            pages.link("feature", "Next", icon=":material/chevron_right:", feature=after)


def _words(feature: ShownFeature) -> None:
    st.markdown(
        f"**More of it:** the response that {plain(feature.description or 'is not described')}  \n"
        f"**Less of it:** the response that {plain(feature.opposite or 'has less of that')}"
    )
    st.markdown(plain(feature.sentence))


def _warnings(opened: Opened, feature: ShownFeature) -> None:
    if not feature.understood:
        st.warning(
            f"{'Partly' if feature.partly else 'Not'} understood: {plain(feature.why)}. The words "
            "above are a best guess, not to be relied on; the pairs are.",
            icon=":material/help:",
        )
    alert = run_rows.concerned(opened.summary).get(feature.feature)
    if alert is not None:
        st.warning(f"A concern: {plain(alert['why'])}.", icon=":material/warning:")


def _examples(opened: Opened, feature: ShownFeature) -> None:
    """Show the pairs in which it is strongest, in a few lines each."""
    strongest = feature_pairs.chosen_pairs(codes_of(opened, feature), "Strongest", None, 0)
    shown = feature_pairs.with_texts(opened.run, strongest.head(EXAMPLES))
    for pair in shown:
        st.html(safe_html.short_html(pair))
    if not shown:
        st.caption("The feature is active in no pair.")
