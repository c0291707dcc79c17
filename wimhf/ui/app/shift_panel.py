"""Compare, before and after training: whether a newer model moved as this run's labels predict."""

from __future__ import annotations

import polars as pl
import streamlit as st

from wimhf.compare import Shift
from wimhf.errors import WimhfError
from wimhf.run import models_of, open_run
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import compare_charts, compare_rows, components
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import between, chance, decimal, plain, sentence
from wimhf.ui.words.shift import Mark, kind_sentences, shift_marks, shift_sentences
from wimhf.ui.words.unflagged import unflagged

SECOND = "that of the second response"


def show(opened: Opened) -> None:
    """Ask for the pairs of an old and a new model, and show how behaviour moved."""
    st.markdown(
        "Another run holds an old and a new model's responses to the same prompts, labelled or "
        "not: did behaviour move as this run's labels predict?"
    )
    others = compare_rows.other_runs(opened)
    if not others:
        components.empty(
            "There is no other run", "Analyze pairs of an old and a new model's responses first."
        )
        pages.link("start", "Start an analysis", icon=":material/upload_file:")
        return
    name = st.selectbox(
        "Pairs of both models", others, key="moved", bind="query-params", index=None,
        placeholder="A run",
    )  # fmt: skip
    if name is None:
        components.empty("Choose a run", "Name the one that holds both models' responses.")
        return
    try:
        models = models_of(open_run(state.run_path(name)))
        after = st.selectbox(
            "The new model", [SECOND, *models], key="after", bind="query-params",
            index=1 if len(models) == 1 else 0,
        )  # fmt: skip
        with st.spinner("Comparing"):
            found = compare_rows.shifted(opened, name, None if after == SECOND else after)
    except WimhfError as error:
        components.empty("This cannot be told", plain(sentence(unflagged(str(error)))))
        return
    _shown(found)


def _shown(found: Shift) -> None:
    for said in shift_sentences(found):
        st.markdown(plain(said))
    st.header("Predicted and observed", anchor=False)
    marks = shift_marks(found)
    st.altair_chart(compare_charts.shift_chart(marks))
    st.caption(
        "A mark per concept: right is rewarded by the labels, up is more often in the new "
        "responses. Green moved as predicted, orange against it, beyond chance in both."
    )
    if len(found.kinds):
        st.header("By kind of prompt", anchor=False)
        for said in kind_sentences(found):
            st.markdown(plain(said))
        st.dataframe(_kinds(found).to_pandas(), hide_index=True)
    st.header("All concepts", anchor=False)
    st.dataframe(_concepts(marks).to_pandas(), hide_index=True)


def _kinds(found: Shift) -> pl.DataFrame:
    rows = found.kinds.to_dicts()
    return pl.DataFrame({
        "Where": [row["kind"] for row in rows], "Pairs": [row["pairs"] for row in rows],
        "R2": [decimal(row["explained"]) for row in rows],
        "95% interval": [
            between(row["explained_low"], row["explained_high"], decimal) for row in rows
        ],
    })  # fmt: skip


def _concepts(marks: list[Mark]) -> pl.DataFrame:
    rows = sorted(marks, key=lambda mark: -abs(mark["observed"]))
    return pl.DataFrame({
        "More of it": [row["title"] for row in rows],
        "Effect": [round(row["effect"], 1) for row in rows],
        "Predicted": [round(row["predicted"], 1) for row in rows],
        "Observed": [round(row["observed"], 1) for row in rows],
        "95% interval": [between(row["low"], row["high"]) for row in rows],
        "q": [chance(row["q"]) for row in rows], "Verdict": [row["verdict"] for row in rows],
    })  # fmt: skip
