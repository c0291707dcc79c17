"""Annotators, two by two: how far they agree."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from wimhf.run import agreement_of, overall_agreement
from wimhf.ui.app import components
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.agreement import EXPLAINED, annotator_name, matrix_members, pair_sentences
from wimhf.ui.words.figures import between, decimal, plain, share


def show(opened: Opened, people: pl.DataFrame, *, ids: bool) -> None:
    """Show the matrix; nothing where no two annotators judged enough pairs both."""
    table = components.cached(opened, "agreement", lambda: agreement_of(opened.run))
    if table.is_empty():
        return
    st.header("How far they agree", anchor=False)
    overall = overall_agreement(opened.run)
    if overall is not None:
        st.markdown(f"{plain(overall)}.")
    for said in pair_sentences(table, people, ids=ids):
        st.markdown(plain(said))
    members = matrix_members(table)
    data = _cells(table, people, members, ids=ids)
    names = [annotator_name(people, number, ids=ids) for number in members]
    base = alt.Chart(data).encode(
        x=alt.X("one:N", sort=names, title=None),
        y=alt.Y("two:N", sort=names, title=None),
        tooltip=[
            *(alt.Tooltip(f"{name}:N") for name in ("one", "two", "agree", "interval", "kappa")),
            alt.Tooltip("shared:Q", title="pairs"),
        ],
    )
    fill = base.mark_rect().encode(
        color=alt.Color("value:Q", title="agree", scale=alt.Scale(scheme="greens"),
                        legend=alt.Legend(format="%"))
    )  # fmt: skip
    text = base.mark_text(fontSize=12).encode(text="agree:N")
    st.altair_chart(alt.layer(fill, text).properties(height=60 + 40 * len(members)))
    st.caption(plain(EXPLAINED))


def _cells(
    table: pl.DataFrame, people: pl.DataFrame, members: list[int], *, ids: bool
) -> pl.DataFrame:
    cells = []
    for row in table.iter_rows(named=True):
        if row["first"] in members and row["second"] in members:
            one, two = (annotator_name(people, row[name], ids=ids) for name in ("first", "second"))
            said = {
                "agree": share(row["agreement"]), "kappa": decimal(row["kappa"]),
                "interval": between(row["low"], row["high"], share), "shared": row["shared"],
                "value": row["agreement"],
            }  # fmt: skip
            cells += [said | {"one": one, "two": two}, said | {"one": two, "two": one}]
    return pl.DataFrame(cells)
