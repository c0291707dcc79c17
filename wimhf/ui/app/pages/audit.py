"""Audit: what the labels do with every concern, for somebody to sign before training."""

from __future__ import annotations

import polars as pl
import streamlit as st

from wimhf.ui.app import components
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.audit import VERDICTS, AuditLine, audit_lines

MARKS = {"rewarded": "▲ rewarded", "penalised": "▼ penalised"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    st.title("Audit", anchor=False)
    if not opened.run.concepts.counted:
        components.empty(
            "No audit", "This run was made before there was one; analyze its source again."
        )
        return
    st.caption(
        "A fixed table of concerns and what the labels do with more of each, with controls "
        "accounted for (length by itself). No evidence: the effect is within 5 points of none. "
        "Undecided: it may be more. "
        "⚠ marks what the labels teach in the worrying direction. Choose a row to see its pairs."
    )
    lines = sorted(
        audit_lines(opened.run.audit, opened.features),
        key=lambda line: (not line.worrying, VERDICTS.index(line.row["verdict"])),
    )
    counts = {name: sum(line.row["verdict"] == name for line in lines) for name in VERDICTS}
    components.tiles([
        ("Worrying", f"{sum(line.worrying for line in lines)}", "rewarded the wrong way round"),
        ("Rewarded or penalised", f"{counts['rewarded'] + counts['penalised']}", "beyond chance"),
        ("No evidence", f"{counts['no evidence']}", "within 5 points of none"),
        ("Undecided", f"{counts['undecided']}", "more pairs would settle it"),
        ("Cannot be measured", f"{counts['cannot be measured']}", "too few pairs differ in it"),
    ])  # fmt: skip
    chosen = st.pills(
        "Only", VERDICTS, selection_mode="multi", key="verdict", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    shown = [line for line in lines if not chosen or line.row["verdict"] in chosen]
    _table(opened, shown)


def _table(opened: Opened, lines: list[AuditLine]) -> None:
    frame = pl.DataFrame({
        "Concern": [("⚠ " if line.worrying else "") + line.row["title"] for line in lines],
        "More of it": [line.row["more"] for line in lines],
        "The labels": [MARKS.get(line.row["verdict"], line.row["verdict"]) for line in lines],
        "Points of win rate": [line.size for line in lines],
        "Could have seen": [line.seen.removeprefix("could have seen ") for line in lines],
        "Pairs to settle it": [line.settled for line in lines],
        "Differ in": [line.row["differ"] for line in lines],
    })  # fmt: skip
    event = st.dataframe(
        frame.to_pandas(), hide_index=True, height=min(38 + 35 * len(lines), 1900), placeholder="",
        on_select="rerun", selection_mode=["single-row", "single-cell"], key="table",
        column_config={
            "More of it": st.column_config.TextColumn(width=240),
            "Points of win rate": st.column_config.TextColumn(width=230),
            "Could have seen": st.column_config.TextColumn(
                width=120, help="The smallest effect that four of five such data sets would show"
            ),
            "Pairs to settle it": st.column_config.NumberColumn(format="localized", width=110),
            "Differ in": st.column_config.NumberColumn(format="localized", width=80),
        },
    )  # fmt: skip
    row = components.clicked_row(event)
    if row is not None and row < len(lines) and lines[row].row["feature"] is not None:
        pages.go("feature", feature=lines[row].row["feature"])


page()
