"""Compare: what other data, or groups of these, reward differently; and what a mixture says."""

from __future__ import annotations

import streamlit as st

from wimhf.compare import Comparison, Mixture, dividing_columns
from wimhf.errors import WimhfError
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import compare_charts, compare_rows, components, run_charts, shift_panel
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.comparison import (
    ComparedRow,
    compared_rows,
    contested_sentences,
    distance_sentences,
    mixture_sentences,
    unmeasured_sentences,
)
from wimhf.ui.words.figures import plain, points, sentence
from wimhf.ui.words.models import EXPLAINED, model_sentences
from wimhf.ui.words.unflagged import unflagged

DRAWN = 15
"""Columns drawn, those that differ most surely first."""


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    st.title("Compare", anchor=False)
    st.caption(
        "What this run's labels reward, against other data, between groups of its own pairs, or "
        "before and after curation. Concepts mean the same everywhere; effects in points of win "
        "rate, with controls."
    )
    way = st.segmented_control(
        "Against", compare_rows.WAYS, key="against", bind="query-params",
        default=compare_rows.RUNS,
    )  # fmt: skip
    if way == compare_rows.TRAINED:
        shift_panel.show(opened)
        return
    comparison = _chosen(opened, way or compare_rows.RUNS)
    if comparison is None:
        return
    rows = compared_rows(comparison)
    _camps(comparison)
    mixture = _mixture(opened, comparison)
    _contested(comparison, rows, mixture)
    _opened(comparison, rows)
    _whole(comparison, rows)
    _models(comparison)


def _chosen(opened: Opened, way: str) -> Comparison | None:
    """Ask what to compare with; None, and what is missing, where nothing was chosen."""
    with st.spinner("Comparing"):
        if way == compare_rows.GROUPS:
            return _groups(opened)
        if way == compare_rows.CURATED:
            if not opened.run.edited:
                components.empty(
                    "Nothing is curated yet", "Change labels first; then both are compared here."
                )
                pages.link("curate", "Curate", icon=":material/rule:")
                return None
            return compare_rows.of_labels(opened)
        return _runs(opened)


def _runs(opened: Opened) -> Comparison | None:
    others = compare_rows.other_runs(opened)
    if not others:
        components.empty(
            "There is no other run", "Analyze other pairs first; or compare groups of this run."
        )
        pages.link("start", "Start an analysis", icon=":material/upload_file:")
        return None
    chosen = st.multiselect(
        "Runs", others, key="with", bind="query-params", placeholder="One or more other runs",
        max_selections=5,
    )  # fmt: skip
    if not chosen:
        components.empty("Choose a run", "Name one or more above to compare this one with.")
        return None
    features = st.segmented_control(
        "Features", compare_rows.FEATURES, key="features", bind="query-params",
        default=compare_rows.CONCEPTS,
        help="What dictionaries discovered needs vectors of one encoder. A shared one is learned "
        "on as many pairs of each run; that takes a while the first time.",
    )  # fmt: skip
    try:
        return compare_rows.of_runs(opened, chosen, features or compare_rows.CONCEPTS)
    except WimhfError as error:
        components.empty("This cannot be compared", plain(sentence(unflagged(str(error)))))
        return None


def _groups(opened: Opened) -> Comparison | None:
    columns = components.cached(opened, "dividing columns", lambda: dividing_columns(opened.run))
    if not columns:
        components.empty(
            "No column names groups",
            "A column with few values divides the pairs: annotator, subset, model, language, …; "
            "this source has none.",
        )
        return None
    by = st.selectbox(
        "Column", columns, key="by", bind="query-params", index=None,
        placeholder="A column of the pairs or their source",
    )  # fmt: skip
    if by is None:
        components.empty("Choose a column", "Its values are the groups that are compared.")
        return None
    return compare_rows.of_groups(opened, by)


def _camps(comparison: Comparison) -> None:
    shown = comparison.camps[:6]
    components.tiles([
        (plain(camp.name), f"{camp.labelled:,}", f"labelled pairs of {camp.pairs:,}")
        for camp in shown
    ])  # fmt: skip
    if len(comparison.camps) > len(shown):
        st.caption(f"and {len(comparison.camps) - len(shown)} more groups")
    for note in comparison.notes:
        st.warning(plain(sentence(unflagged(note))), icon=":material/info:")


def _mixture(opened: Opened, comparison: Comparison) -> Mixture | None:
    """Ask for the mixture's shares; return what it says; None of labels, which do not mix."""
    if comparison.by == "labels":
        return None
    first, *others = (plain(camp.name) for camp in comparison.camps)
    rest = f"the rest is {others[0]}" if len(others) == 1 else "the others share the rest"
    percent = st.slider(
        f"Share of {first} in the mixture, in percent; {rest}", 0, 100, 50, 5, key="share",
        bind="query-params",
    )  # fmt: skip
    with st.spinner("Mixing"):
        return compare_rows.mixed(opened, comparison, percent)


def _contested(comparison: Comparison, rows: list[ComparedRow], mixture: Mixture | None) -> None:
    st.header("What differs", anchor=False)
    told = contested_sentences(comparison, 5)
    for said in told:
        st.markdown(plain(said))
    if not told:
        st.markdown("Nothing is rewarded differently beyond chance; the widest gaps are below.")
    components.legend(compare_charts.camp_colours(comparison, mixture))
    event = st.altair_chart(
        compare_charts.camps_chart(comparison, rows[:DRAWN], mixture), on_select="rerun",
        selection_mode=run_charts.PICKED, key="gaps",
    )  # fmt: skip
    st.caption("Choose a line to see pairs of each.")
    picked = run_charts.picked(event)
    if picked is not None:
        state.put("column", comparison.columns[picked].id)
    for said in mixture_sentences(comparison, mixture) if mixture else ():
        st.markdown(plain(said))


def _opened(comparison: Comparison, rows: list[ComparedRow]) -> None:
    """Show the pairs of every camp that the chosen column tells apart most."""
    number = comparison.number(st.query_params.get("column", ""))
    if number is None:
        return
    row = next(row for row in rows if row.number == number)
    st.header(plain(f"{row.title}: pairs"), anchor=False)
    st.markdown(plain(row.sentence))
    st.caption(
        "The response with more of it stands left; marked words are in that response only; the "
        "framed response was preferred."
    )
    for place, camp in enumerate(comparison.camps[:4]):
        effect = points(row.cells[place]["effect"])
        st.subheader(plain(f"{camp.name}: {effect} points"), anchor=False)
        shown = compare_rows.camp_pairs(comparison, place, number)
        if not shown:
            reason = row.cells[place]["effect_reason"] or "its responses never differ in it"
            st.caption(plain(sentence(reason)))
        components.pairs(shown)


def _whole(comparison: Comparison, rows: list[ComparedRow]) -> None:
    st.header("As a whole", anchor=False)
    for said in (*distance_sentences(comparison), *unmeasured_sentences(comparison)):
        st.markdown(plain(said))
    st.header("All columns", anchor=False)
    number = st.column_config.NumberColumn
    signed = ["Gap", *(f"in {camp.name}" for camp in comparison.camps)]
    st.dataframe(
        compare_rows.table(comparison, rows).to_pandas(), hide_index=True, height=500,
        on_select=lambda: _open(comparison, rows), key="_columns", placeholder="–",
        selection_mode=["single-row", "single-cell"],
        column_config={name: number(format="%+.1f") for name in signed},
    )  # fmt: skip


def _models(comparison: Comparison) -> None:
    """Show how models are rated before and after curation, where pairs name them."""
    if comparison.models.is_empty():
        return
    st.header("Models", anchor=False)
    for said in model_sentences(comparison.models):
        st.markdown(plain(said))
    st.dataframe(compare_rows.models(comparison.models).to_pandas(), hide_index=True)
    st.caption(plain(EXPLAINED))


def _open(comparison: Comparison, rows: list[ComparedRow]) -> None:
    at = components.clicked_row(st.session_state["_columns"])
    if at is not None and at < len(rows):
        state.put("column", comparison.columns[rows[at].number].id)


page()
