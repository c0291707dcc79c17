"""Concepts: everything that is counted by name, how right it is, and your own."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, concept_card, concept_rows, editing
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.change_result import show_change
from wimhf.ui.app.concept_rows import ConceptRow


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Concepts", opened)
    if not opened.run.concepts.counted:
        components.empty(
            "No concepts", "This run was made before they were counted; analyze its source again."
        )
        return
    rows = concept_rows.concept_rows(opened.run, opened.features)
    show_change(opened, rows)
    own = sum(row.own for row in rows)
    st.caption(
        f"What the responses do, as far as it can be counted: {len(rows)} concepts, {own} of them "
        "added to this run. Choose one to see what gives it away, to check it or to take it out."
    )
    with components.line():
        pages.link("add", "Add a concept", icon=":material/add_circle:", way="words")
    chosen = next((row for row in rows if row.id == st.query_params.get("concept")), None)
    if chosen is not None:
        concept_card.card(opened, chosen)
    _table(_narrowed(rows), len(rows), opened.summary["n_labelled"])


def _narrowed(rows: list[ConceptRow]) -> list[ConceptRow]:
    """Ask what to show; the answers live in the URL."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    find = left.text_input(
        "Search", key="find", type="search", bind="query-params", live=True,
        placeholder="Words of what is said of it",
    )  # fmt: skip
    areas = sorted({row.concept.area for row in rows})
    shown = right.multiselect(
        "Areas", areas, key="areas", bind="query-params", placeholder="All of them",
        format_func=lambda area: area.replace("_", " "),
    )  # fmt: skip
    chips = st.pills(
        "Only", concept_rows.CHIPS, selection_mode="multi", key="only", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return concept_rows.filtered(rows, find or "", shown, chips or ())


def _table(rows: list[ConceptRow], total: int, labelled: int) -> None:
    st.caption(f"{len(rows)} of {total} concepts")
    if not rows:
        components.empty("No concept passes", "Take a filter away, or search for something else.")
        return
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        concept_rows.table(rows, labelled).to_pandas(), hide_index=True,
        height=min(40 + 36 * len(rows), 900), selection_mode=["single-row", "single-cell"],
        key="_concepts", on_select=lambda: _open(rows), placeholder="–",
        column_config={
            "Concept": text(width=190),
            "More of it: the response that …": text(width=300),
            "Area": text(width=110),
            "Differ in": number(
                format="localized", width=80, help="Labelled pairs whose sides it tells apart"
            ),
            "Of pairs": number(
                format="%.1f%%", width=76, help="The same as a share of the labelled pairs"
            ),
            "95% interval": text(width=110),
            "Effect": number(
                format="%+.1f", width=70,
                help="Change in the win rate of the side with more, in points, with controls "
                "accounted for; empty where it is no feature",
            ),
            "Right when found": text(
                width=130, help="As far as it was checked, with the lower end of the 95% interval"
            ),
        },
    )  # fmt: skip


def _open(rows: list[ConceptRow]) -> None:
    at = components.clicked_row(st.session_state["_concepts"])
    if at is not None and at < len(rows):
        state.put("concept", rows[at].id)


page()
