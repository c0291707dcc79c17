"""Annotators: whose preferences the labels are, and who departs from the rest."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from wimhf.run import AnnotatorView, annotators_of, reasons_of
from wimhf.ui.app import agreement_panel, components
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chart_parts import COLOURS, signed
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import between, plain, points, share
from wimhf.ui.words.people import SEEN, labels_used, people, verdict
from wimhf.ui.words.reasons import reason_sentences, reasons_summary

SUBJECTIVE = 20


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    st.title("Annotators", anchor=False)
    if not opened.run.manifest.outputs("annotators"):
        components.empty(
            "Not compared yet",
            "This run was made before annotators were; analyze its source again.",
        )
        return
    view = annotators_of(opened.run)
    if view.reason:
        components.empty(
            "Annotators cannot be compared",
            f"{view.reason[0].upper()}{view.reason[1:]}. A column called annotator, annotator_id, "
            "worker or the like names who gave each label.",
        )
        _reasons(opened)
        return
    for said in verdict(view):
        st.markdown(plain(said))
    _subjective(view)
    _gain(view)
    _people(opened, view)
    agreement_panel.show(opened, view.people, ids=bool(st.session_state.get("ids")))
    _reasons(opened)


def _reasons(opened: Opened) -> None:
    """Show whether annotators' reasons speak of what labels reward, where there are any."""
    found = components.cached(opened, "reasons", lambda: reasons_of(opened.run))
    if found is None:
        return
    st.header("What they say why", anchor=False)
    for said in (reasons_summary(found), *reason_sentences(found)):
        st.markdown(plain(said))


def _subjective(view: AnnotatorView) -> None:
    st.header("Where they differ most", anchor=False)
    st.markdown(
        "The effect of each feature in points of win rate: the line covers nine in ten annotators, "
        "the dot is their average. The most subjective come first. Click one to see its pairs."
    )
    shown = view.features.filter(pl.col("tau") >= SEEN).head(SUBJECTIVE)
    if shown.is_empty():
        st.caption("As far as can be seen, all annotators weigh every feature alike.")
        return
    data = shown.select(
        "feature", name="description", low="low_taste", high="high_taste", effect="pooled",
        sure=pl.col("subjectivity_q").fill_null(1.0) < 0.05,
    )  # fmt: skip
    pick = alt.selection_point(name="picked", fields=["feature"], on="click", clear=False)
    axis = alt.Axis(labelLimit=360, labelPadding=8, labelFontSize=12)
    base = alt.Chart(data.to_pandas()).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=axis),
        opacity=alt.condition("datum.sure", alt.value(1.0), alt.value(0.45)),
        tooltip=[
            alt.Tooltip("name:N", title="More of it"),
            alt.Tooltip("effect:Q", title="On average", format="+.0f"),
            alt.Tooltip("low:Q", title="From", format="+.0f"),
            alt.Tooltip("high:Q", title="To", format="+.0f"),
        ],
    )
    points_axis = alt.Axis(tickCount=9, labelExpr=signed("+.0f"), grid=True)
    lines = base.mark_rule(strokeWidth=3, color=COLOURS["unclear"]).encode(
        x=alt.X("low:Q", title="Points of win rate", axis=points_axis, scale=alt.Scale(nice=True)),
        x2="high:Q",
    )
    dots = base.mark_point(size=90, filled=True, cursor="pointer").encode(x="effect:Q")
    chart = alt.layer(lines, dots.add_params(pick))
    event = st.altair_chart(
        chart.properties(height=28 * len(data) + 60), on_select="rerun", key="tastes"
    )
    st.caption("Faint where the difference could be chance (q ≥ .05 over everything tested).")
    picked = (event.get("selection") or {}).get("picked") or []
    if picked:
        pages.go("feature", feature=picked[0]["feature"])


def _gain(view: AnnotatorView) -> None:
    gains = view.summary["curve"].get("gains", [])
    if not gains:
        return
    st.header("What own weights are worth", anchor=False)
    st.markdown(
        "By how much an annotator's own weights predict their held-out labels better than the "
        "pooled ones do, by how many of their labels are used. A new annotator begins at none."
    )
    data = pl.DataFrame([
        {"labels": labels_used(one), "gain": one["auc"]["value"], "low": one["auc"]["low"],
         "high": one["auc"]["high"]} for one in gains
    ])  # fmt: skip
    base = alt.Chart(data.to_pandas()).encode(
        x=alt.X("labels:N", sort=None, title="Labels of each annotator, at most",
                axis=alt.Axis(labelAngle=0))
    )  # fmt: skip
    line = base.mark_line(point=True).encode(
        y=alt.Y("gain:Q", title="Gain in AUC", axis=alt.Axis(labelExpr=signed("+.3f")))
    )
    band = base.mark_area(opacity=0.25).encode(y="low:Q", y2="high:Q")
    st.altair_chart(alt.layer(band, line).properties(height=260))


def _people(opened: Opened, view: AnnotatorView) -> None:
    st.header("Who departs from the others", anchor=False)
    ids = st.toggle("Show their ids", key="ids", bind="query-params")
    rows = people(view, ids=ids)
    frame = pl.DataFrame({
        "Annotator": [one.name for one in rows],
        "Labels": [one.labels for one in rows],
        "Agrees with the consensus": [share(one.agreement) for one in rows],
        "Quality": [share(one.quality) for one in rows],
        "Departs on": ["; ".join(one.said) or "–" for one in rows],
    })  # fmt: skip
    event = st.dataframe(
        frame.to_pandas(), hide_index=True, on_select="rerun", key="people",
        selection_mode=["single-row", "single-cell"], height=min(38 + 35 * len(rows), 700),
        column_config={
            "Labels": st.column_config.NumberColumn(format="localized", width=80),
            "Agrees with the consensus": st.column_config.TextColumn(
                width=170, help="Where several annotators decided the same pairs"
            ),
            "Quality": st.column_config.TextColumn(width=80, help="As cleanlab judges it"),
        },
    )  # fmt: skip
    at = components.clicked_row(event)
    if at is not None and at < len(rows):
        state.put("annotator", str(rows[at].number))
    chosen = st.query_params.get("annotator", "")
    if chosen.isdigit():
        _profile(view, int(chosen), ids=ids)


def _profile(view: AnnotatorView, number: int, *, ids: bool) -> None:
    """Show what one annotator weighs, against the pool."""
    own = view.departures.filter(pl.col("annotator") == number)
    who = next((one for one in people(view, ids=ids) if one.number == number), None)
    if own.is_empty() or who is None:
        return
    st.subheader(f"{plain(who.name)} against the pool", anchor=False)
    table = own.join(view.features.select("feature", "description", "pooled"), on="feature")
    table = table.sort(pl.col("departure").abs(), descending=True)
    components.facts(
        [
            (row["description"], points(row["effect"]), between(row["low"], row["high"]),
             points(row["pooled"]), "departs" if row["departs"] else "")
            for row in table.head(SUBJECTIVE).iter_rows(named=True)
        ],
        ("For them", "95% interval", "For the others", ""),
    )  # fmt: skip


page()
