"""Overview: what the data measure, what the labels reward, what to look at before training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from wimhf.ui.app import components
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import run_charts as charts
from wimhf.ui.app import run_rows as tables
from wimhf.ui.app.chosen_run import Opened, Row
from wimhf.ui.words import views
from wimhf.ui.words.figures import between, decimal, plain, points, sentence, share
from wimhf.ui.words.findings import subject

MEASURED = 6
SHOWN_EFFECTS = 40
MARKS = {"serious": ":material/error:", "warning": ":material/warning:", "note": ":material/info:"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    read = opened.run.facts("read")
    source = Path(opened.run.config.read.source).name
    st.title(plain(source), anchor=False)
    st.markdown(
        f"{read['n_pairs']:,} pairs of responses, {len(opened.rows)} features of how the two "
        "differ, and what the labels make of each."
    )
    _tiles(opened)
    health = opened.run.folder.read_json("health.json")
    _alerts(opened, health)
    _findings(opened)
    _effects(opened)
    _explained(opened)
    _data(opened, health)


def _tiles(opened: Opened) -> None:
    summary = opened.preference
    named = opened.run.facts("name")
    found = views.headlines(opened.features)
    recovered = views.known(summary["auc_recovered"])
    components.tiles([
        ("Pairs", f"{opened.run.facts('read')['n_pairs']:,}",
         f"{summary['n_labelled']:,} with a label, {summary['n_ties']:,} of them ties"),
        ("Features understood", f"{named.get('n_understood', 0)} of {len(opened.rows)}",
         "Their description holds on pairs it was not made from"),
        ("Rewarded or penalised", "–" if summary["reason"] else f"{found['expressed']}",
         summary["reason"] or "Effects beyond chance, among all features tested"),
        ("Black box recovered", share(recovered["value"]) if recovered else "–",
         f"{between(recovered['low'], recovered['high'], share)} of what the whole embedding "
         "predicts" if recovered else _no_auc(summary)),
    ])  # fmt: skip


def _no_auc(summary: Row) -> str:
    why = summary["reason"] or summary["auc_reason"] or summary["auc_recovered_reason"]
    return str(why or "not measured")


def _alerts(opened: Opened, health: Row) -> None:
    """Show what to look at before training: concerns first, then the data."""
    summary = opened.preference
    if summary["reason"]:
        st.warning(
            f"What the labels reward cannot be estimated: {plain(summary['reason'])}.",
            icon=":material/help:",
        )
    open_, _ = tables.health_items(health)
    if not summary["alerts"] and not open_:
        return
    st.header("Look at this before you train", anchor=False)
    for alert in summary["alerts"]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_alert(alert), width="stretch")
            if alert.get("feature") is not None:
                pages.link("feature", "Pairs", icon=":material/arrow_forward:",
                           feature=alert["feature"])  # fmt: skip
    for item in open_:
        mark = MARKS[item["severity"]]
        advice = f" :gray[{plain(sentence(item['advice']))}]" if item["advice"] else ""
        st.markdown(f"{mark} **{plain(item['title'])}.** {plain(sentence(item['said']))}{advice}")


def _alert(alert: Row) -> str:
    why = f" {plain(sentence(alert['why']))}" if alert["why"] else ""
    return (
        f":material/warning: The labels reward a response that **{plain(alert['rewards'])}**: "
        f"{points(alert['effect'])} points of win rate "
        f"({between(alert['low'], alert['high'])}).{why}"
    )


def _findings(opened: Opened) -> None:
    if opened.preference["reason"]:
        _measured(opened)
        return
    st.header("What the labels reward", anchor=False)
    found = views.headlines(opened.features)
    if not (found["rewarded"] or found["punished"]):
        st.markdown("No understood feature is rewarded or penalised beyond what chance would give.")
    else:
        sides = st.columns(2, gap="medium")
        titles = (("Rewarded", "rewarded"), ("Penalised", "punished"))
        for side, (title, verdict) in zip(sides, titles, strict=True):
            with side:
                st.subheader(title, anchor=False)
                if not found[verdict]:
                    st.caption(f"No understood feature is {title.lower()} beyond chance.")
                for row in found[verdict]:
                    components.finding(row, row["sentence"])
    more = found["expressed"] - found["understood"]
    if more:
        st.caption(
            f"{more} more {'has' if more == 1 else 'have'} an effect but no description that can "
            "be trusted; the table of features has them."
        )
    _measured(opened)


def _measured(opened: Opened) -> None:
    st.header("What the data measure", anchor=False)
    common = tables.measured(opened.rows, MEASURED)
    if not common:
        st.markdown("No feature’s description holds on pairs it was not made from.")
        return
    st.markdown("How the two responses of a pair differ most often, whatever the label says:")
    for row in common:
        often, link = st.columns([1, 6], gap="small")
        often.markdown(f"**{share(row['prevalence'])}** of pairs")
        text = subject(row).replace("The response that", "One response", 1)
        with link:
            components.feature_link(row, text)


def _effects(opened: Opened) -> None:
    known = views.effects(list(opened.rows))["rows"]
    if not known:
        return
    st.header("Effects", anchor=False)
    held = ", with length held fixed" if "length" in opened.preference["controls"] else ""
    st.markdown(
        "How much more or less often the side with more of a feature wins, in points of win "
        f"rate{held}. Grey could be chance (q ≥ .05) or is not understood. Click a line to open "
        "the feature."
    )
    strongest = sorted(known, key=lambda row: -abs(row["effect"]))[:SHOWN_EFFECTS]
    kept = {row["feature"] for row in strongest}
    event = st.altair_chart(
        charts.effects([row for row in known if row["feature"] in kept]),
        on_select="rerun", selection_mode=charts.PICKED, key="effects",
    )  # fmt: skip
    if len(known) > len(strongest):
        st.caption(f"The {len(strongest)} strongest of {len(known)} are shown.")
    feature = charts.picked(event)
    if feature is not None:
        pages.go("feature", feature=feature)


def _explained(opened: Opened) -> None:
    summary = opened.preference
    st.header("How much of the labels this explains", anchor=False)
    models = views.models(summary)["rows"]
    recovered, length = (
        views.known(summary["auc_recovered"]),
        views.known(summary["auc"].get("length")),
    )
    if recovered:
        st.markdown(
            f"The features recover **{share(recovered['value'])} "
            f"({between(recovered['low'], recovered['high'], share)})** of what a black box that "
            "sees the whole embedding can predict of the labels."
        )
    else:
        st.markdown(f"Not measured: {plain(_no_auc(summary))}.")
    if length:
        interval = between(length["low"], length["high"], lambda value: decimal(value, 3))
        st.markdown(
            "Knowing only which response is longer, and by how much, gives an AUC of "
            f"**{decimal(length['value'], 3)} ({interval})**; .5 is a coin toss."
        )
    if models:
        st.altair_chart(charts.intervals(models, "AUC on pairs not seen, 95% interval", 0.5))


def _data(opened: Opened, health: Row) -> None:
    st.header("Labels and lengths", anchor=False)
    left, right = st.columns(2, gap="large")
    labels = components.cached(opened, "labels", lambda: tables.label_rows(opened.run))
    with left:
        st.altair_chart(charts.labels(labels))
    with right:
        lengths = components.cached(opened, "lengths", lambda: tables.length_rows(opened.run))
        if lengths:
            st.altair_chart(charts.lengths(lengths))
        else:
            st.caption("No pair has a label that decides between two responses.")
    _, others = tables.health_items(health)
    with st.expander(f"{len(others)} more checks of the data", icon=":material/checklist:"):
        for item in others:
            _line(item)


def _line(item: dict[str, Any]) -> None:
    mark = ":green[✓]" if item["severity"] == "ok" else ":blue[·]"
    st.markdown(f"{mark} **{plain(item['title'])}.** {plain(sentence(item['said']))}")


page()
