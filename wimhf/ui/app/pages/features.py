"""Features: all of them in one table that can be searched, narrowed and sorted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from wimhf.ui.app import components
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import run_rows as tables
from wimhf.ui.app.chosen_run import Opened, Row

GREY = "color: #8b8e95"


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    st.title("Features", anchor=False)
    concerns = tables.concerned(opened.preference)
    rows = _narrowed(opened, concerns)
    st.caption(
        f"{len(rows)} of {len(opened.rows)} features. Greyed ones have no description that holds "
        "on held-out pairs; ⚠ marks a concern. Choose a row to open it; a heading sorts."
    )
    if not rows:
        components.empty("No feature passes", "Take a filter away, or search for something else.")
        return
    _table(rows, concerns)


def _narrowed(opened: Opened, concerns: dict[int, Row]) -> list[Row]:
    """Ask what to show; the answers live in the URL."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    find = left.text_input(
        "Search", key="find", type="search", bind="query-params", live=True,
        placeholder="Words of the description, or a number",
    )  # fmt: skip
    sort = right.selectbox("Order", list(tables.SORTS), key="sort", bind="query-params")
    show = st.pills(
        "Only", tables.CHIPS, selection_mode="multi", key="show", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return tables.filtered(opened.rows, show or (), find or "", sort or "", concerns)


def _table(rows: list[Row], concerns: dict[int, Row]) -> None:
    frame = tables.feature_frame(rows, concerns).to_pandas()
    weak = [not row["understood"] or bool(row.get("muted")) for row in rows]
    styled = frame.style.apply(lambda line: [GREY if weak[line.name] else ""] * len(line), axis=1)
    event = st.dataframe(
        styled, hide_index=True, height=min(40 + 66 * len(rows), 1000), on_select="rerun",
        selection_mode=["single-row", "single-cell"], key="table", column_config=_columns(),
        placeholder="–", row_height=66,
    )  # fmt: skip
    chosen = _chosen(event)
    if chosen is not None and chosen < len(rows):
        pages.go("feature", feature=rows[chosen]["feature"])


def _chosen(event: Any) -> int | None:
    """Return the row that was clicked, by its mark or in any of its cells."""
    selection = event["selection"]
    if selection["rows"]:
        return int(selection["rows"][0])
    return int(selection["cells"][0][0]) if selection["cells"] else None


def _columns() -> dict[str, Any]:
    config, number = st.column_config, st.column_config.NumberColumn
    return {
        "No.": number(width=44),
        "The side with more of it …": config.TextColumn(width=340),
        "Labels": config.TextColumn(width=120),
        "Effect": number(
            format="%+.1f", width=64,
            help="Change in the win rate of the side with more, in points; controls held",
        ),
        "95% interval": config.TextColumn(width=92),
        "Raw": number(
            format="%+.1f", width=60, help="The same with nothing held: length and all"
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
