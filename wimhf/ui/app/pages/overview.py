"""Overview: what the data measure, what the labels reward, what to look at before training."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from wimhf.run import Alert, label_counts, length_counts
from wimhf.ui.app import components, run_charts, run_rows
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words import severity, views
from wimhf.ui.words.audit import alert_size
from wimhf.ui.words.figures import between, plain, sentence, share, thousandths
from wimhf.ui.words.severity import CheckRow

MEASURED = 6
SHOWN_EFFECTS = 40


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    source = Path(opened.run.config.read.source).name
    st.title(plain(source), anchor=False)
    st.markdown(
        f"{opened.run.facts('read')['n_pairs']:,} pairs of responses, {len(opened.features)} "
        "features of how the two differ, and what the labels make of each."
    )
    headlines = views.headlines(opened.features)
    urgent, others = severity.parted_checks(opened.run.folder.read_json("health.json"))
    _tiles(opened, headlines)
    _alerts(opened, urgent)
    if not opened.summary["reason"]:
        _findings(headlines)
    _measured(opened)
    _effects(opened)
    _explained(opened)
    _data(opened, others)


def _tiles(opened: Opened, headlines: views.Headlines) -> None:
    summary, reason = opened.summary, opened.summary["reason"]
    understood = opened.run.facts("name").get("n_understood", 0)
    recovered = views.known(summary["auc_recovered"])
    concepts = sum(feature.is_concept for feature in opened.features)
    components.tiles([
        ("Pairs", f"{opened.run.facts('read')['n_pairs']:,}",
         f"{summary['n_labelled']:,} with a label, {summary['n_ties']:,} of them ties"),
        ("Features", f"{len(opened.features)}",
         f"{concepts} known concepts, {len(opened.features) - concepts} discovered" if concepts
         else f"{understood} of them understood"),
        ("Findings", "–" if reason else f"{headlines.findings}",
         reason or f"of {headlines.expressed} features beyond chance"),
        ("Black box recovered", share(recovered.value) if recovered else "–",
         f"{between(recovered.low, recovered.high, share)} of what it adds to what is held"
         if recovered else _no_auc(opened)),
    ])  # fmt: skip


def _no_auc(opened: Opened) -> str:
    return views.no_auc(opened.summary) or "not measured"


def _alerts(opened: Opened, checks: list[CheckRow]) -> None:
    """Show what to look at before training: concerns first, then the data."""
    alerts, reason = opened.summary["alerts"], opened.summary["reason"]
    if reason:
        st.warning(
            f"What the labels reward cannot be estimated: {plain(reason)}.", icon=":material/help:"
        )
    if not alerts and not checks:
        return
    st.header("Look at this before you train", anchor=False)
    for alert in alerts:
        with components.line(border=True):
            st.markdown(_alert(alert), width="stretch")
            if alert["feature"] is not None:
                components.pairs_link(alert["feature"])
    for check in checks:
        advice = f" :gray[{plain(sentence(check['advice']))}]" if check["advice"] else ""
        _check(severity.ICONS[check["severity"]], check, advice)


def _alert(alert: Alert) -> str:
    why = f" {plain(sentence(alert['why']))}" if alert["why"] else ""
    return (
        f":material/warning: The labels reward a response that **{plain(alert['rewards'])}**: "
        f"{alert_size(alert)}.{why}"
    )


def _check(mark: str, check: CheckRow, advice: str = "") -> None:
    st.markdown(f"{mark} **{plain(check['title'])}.** {plain(sentence(check['said']))}{advice}")


def _findings(headlines: views.Headlines) -> None:
    st.header("What the labels reward", anchor=False)
    if not (headlines.rewarded or headlines.punished):
        st.markdown("Nothing with a name is rewarded or punished beyond what chance would give.")
    else:
        left, right = st.columns(2, gap="medium")
        for side, title, features in (
            (left, "Rewarded", headlines.rewarded), (right, "Punished", headlines.punished),
        ):  # fmt: skip
            with side:
                st.subheader(title, anchor=False)
                if not features:
                    st.caption(f"Nothing with a name is {title.lower()} beyond chance.")
                for feature in features:
                    components.finding(feature, headlines.folded.get(feature.feature, ()))
    shown = len(headlines.rewarded) + len(headlines.punished)
    for feature in headlines.suppressed:
        components.feature_link(feature, f"{feature.beside} Alone it shows nothing.")
    more = headlines.expressed - shown
    if more:
        st.caption(
            f"{more} more {'is' if more == 1 else 'are'} beyond chance; what adds nothing beside "
            "the findings, or has no description that holds, is in the table of features."
        )


def _measured(opened: Opened) -> None:
    st.header("What the data measure", anchor=False)
    common = run_rows.measured(opened.features, MEASURED)
    if not common:
        st.markdown("No feature’s description holds on pairs it was not made from.")
        return
    st.markdown("How the two responses of a pair differ most often, whatever the label says:")
    for feature in common:
        often, link = st.columns([1, 6], gap="small")
        often.markdown(f"**{share(feature.prevalence)}** of pairs")
        with link:
            text = feature.subject.replace("The response that", "One response", 1)
            components.feature_link(feature, text)


def _effects(opened: Opened) -> None:
    known = views.effects(opened.features).rows
    if not known:
        return
    st.header("Effects", anchor=False)
    held = ", with length held fixed" if "length" in opened.summary["controls"] else ""
    st.markdown(
        "How much more or less often the side with more of a feature wins, in points of win "
        f"rate{held}. Grey could be chance (q ≥ .05) or is not understood. Click a line to open "
        "the feature."
    )
    strongest = sorted(known, key=run_rows.SORTS["strongest first"])[:SHOWN_EFFECTS]
    event = st.altair_chart(
        run_charts.effects([feature for feature in known if feature in strongest]),
        on_select="rerun", selection_mode=run_charts.PICKED, key="effects",
    )  # fmt: skip
    if len(known) > len(strongest):
        st.caption(f"The {len(strongest)} strongest of {len(known)} are shown.")
    picked = run_charts.picked(event)
    if picked is not None:
        pages.go("feature", feature=picked)


def _explained(opened: Opened) -> None:
    summary = opened.summary
    st.header("How much of the labels this explains", anchor=False)
    recovered = views.known(summary["auc_recovered"])
    if recovered:
        st.markdown(
            "Of what the best black box adds to what is held fixed, the features add "
            f"**{share(recovered.value)} ({between(recovered.low, recovered.high, share)})**."
        )
    else:
        st.markdown(f"Not measured: {plain(_no_auc(opened))}.")
    length = views.known(summary["auc"].get("length"))
    if length:
        st.markdown(
            "Knowing only which response is longer, and by how much, gives an AUC of "
            f"**{thousandths(length.value)} ({between(length.low, length.high, thousandths)})**; "
            ".5 is a coin toss."
        )
    models = views.models(summary).rows
    if models:
        st.altair_chart(run_charts.models(models))


def _data(opened: Opened, checks: list[CheckRow]) -> None:
    st.header("Labels and lengths", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        counts = components.cached(opened, "labels", lambda: label_counts(opened.run))
        st.altair_chart(run_charts.labels(counts))
    with right:
        lengths = components.cached(opened, "lengths", lambda: length_counts(opened.run))
        if lengths.is_empty():
            st.caption("No pair has a label that decides between two responses.")
        else:
            st.altair_chart(run_charts.lengths(lengths))
    with st.expander(f"{len(checks)} more checks of the data", icon=":material/checklist:"):
        for check in checks:
            _check(":green[✓]" if check["severity"] == "ok" else ":blue[·]", check)


page()
