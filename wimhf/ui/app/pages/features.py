"""Features: all of them in one table that can be searched, narrowed and sorted."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from wimhf.ui.app import components, naming_form, run_rows
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.features import ShownFeature

GREY = "color: #8b8e95"


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    st.title("Features", anchor=False)
    concerns = run_rows.concerned(opened.summary)
    features = _narrowed(opened, concerns)
    st.caption(
        f"{len(features)} of {len(opened.features)} features. Greyed ones have no description that "
        "holds on held-out pairs; ⚠ marks a concern. Choose a row to open it; a heading sorts."
    )
    if not features:
        components.empty("No feature passes", "Take a filter away, or search for something else.")
        return
    _table(features, concerns)
    naming_form.form(opened)


def _narrowed(opened: Opened, concerns: Collection[int]) -> list[ShownFeature]:
    """Ask what to show; the answers live in the URL."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    find = left.text_input(
        "Search", key="find", type="search", bind="query-params", live=True,
        placeholder="Words of the description, or a number",
    )  # fmt: skip
    sort = right.selectbox("Order", list(run_rows.SORTS), key="sort", bind="query-params")
    show = st.pills(
        "Only", run_rows.CHIPS, selection_mode="multi", key="show", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return run_rows.filtered(opened.features, show or (), find or "", sort or "", concerns)


def _table(features: list[ShownFeature], concerns: Collection[int]) -> None:
    frame = run_rows.feature_frame(features, concerns).to_pandas()
    weak = [not feature.understood or feature.muted for feature in features]
    styled = frame.style.apply(lambda line: [GREY if weak[line.name] else ""] * len(line), axis=1)
    event = st.dataframe(
        styled, hide_index=True, height=min(40 + 66 * len(features), 1000), on_select="rerun",
        selection_mode=["single-row", "single-cell"], key="table", column_config=_columns(),
        placeholder="–", row_height=66,
    )  # fmt: skip
    chosen = components.clicked_row(event)
    if chosen is not None and chosen < len(features):
        pages.go("feature", feature=features[chosen].feature)


def _columns() -> dict[str, ColumnConfig]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "No.": number(width=44),
        "The side with more of it …": text(width=340),
        "Kind": text(width=84),
        "Labels": text(width=120),
        "Effect": number(
            format="%+.1f", width=64,
            help="Change in the win rate of the side with more, in points, length controlled for",
        ),
        "95% interval": text(width=92),
        "Raw": number(
            format="%+.1f", width=60, help="The same without controls: length and all"
        ),
        "Beside": number(
            format="%+.1f", width=64,
            help="The same, the other findings controlled for too; empty where it is none",
        ),
        "q": number(
            format="%.2g", width=76,
            help="Share of false alarms to expect among findings this strong",
        ),
        "Prevalence": number(
            format="%.0f%%", width=84,
            help="Share of pairs in which it tells the responses apart",
        ),
        "Fidelity": number(
            format="%.2f", width=70,
            help="Correlation, on held-out pairs, of what the description says and the feature",
        ),
        "Stability": number(
            format="%.2f", width=72, help="Cosine with its match in a dictionary of another seed"
        ),
        "Selected": number(
            format="%.0f%%", width=74, help="Share of random halves in which the L1 path takes it"
        ),
    }  # fmt: skip


page()
