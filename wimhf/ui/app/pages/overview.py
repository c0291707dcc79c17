"""Overview: what the data are, what the labels reward, what to look at before training."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from wimhf.curate import Standing
from wimhf.ui.app import (
    components,
    overview_data,
    overview_findings,
    run_charts,
    run_rows,
    standing_switch,
)
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words import themes, views
from wimhf.ui.words.features import ShownFeature, ordered
from wimhf.ui.words.figures import plain, sentence


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    st.title(plain(Path(opened.run.config.read.source).name), anchor=False)
    standing = standing_switch.standing(opened)
    features = ordered(standing.features) if standing.curated else list(opened.features)
    headlines = views.headlines(features)
    overview_data.what_they_are(opened, standing)
    reason = opened.summary["reason"]
    if reason:
        st.warning(
            f"What the labels reward cannot be estimated: {plain(reason)}.", icon=":material/help:"
        )
        _measured(features)
    else:
        st.header("What the labels reward", anchor=False)
        st.markdown(_said_of(opened, standing, headlines))
        overview_findings.findings(opened, standing, headlines)
        for feature in headlines.suppressed:
            components.feature_link(feature, f"{feature.beside} Alone it shows nothing.")
        overview_findings.neutral(standing, features)
        overview_findings.audit(standing)
    overview_data.what_is_wrong(opened, standing)
    overview_data.how_far(opened, standing, features)
    if not reason:
        _effects(standing, features)
    overview_data.distributions(opened, standing)


def _said_of(opened: Opened, standing: Standing, headlines: views.Headlines) -> str:
    held = [plain(name) for name in opened.summary["controls"]]
    controlled = f", {' and '.join(held)} controlled for" if held else ""
    return (
        f"{headlines.findings} findings, most telling first, in points of win rate{controlled}. "
        f"{standing_switch.badge(standing)}"
    )


def _measured(features: list[ShownFeature]) -> None:
    st.header("What the data measure", anchor=False)
    common = run_rows.measured(features, themes.NEUTRAL)
    if not common:
        st.markdown("No feature’s description holds on pairs it was not made from.")
    for feature in common:
        text = feature.subject.replace("The response that", "One response", 1)
        components.feature_link(feature, sentence(text))


def _effects(standing: Standing, features: list[ShownFeature]) -> None:
    """Draw the findings; the table of features has everything else."""
    drawn = [f for f in views.effects(features).rows if f.finding is not None and f.expressed]
    if not drawn:
        return
    st.header("Effects", anchor=False)
    st.markdown(
        "All findings: how much more or less often the response with more of it wins, with its "
        f"95% interval. Click a line to open it. {standing_switch.badge(standing)}"
    )
    event = st.altair_chart(
        run_charts.effects(drawn), on_select="rerun", selection_mode=run_charts.PICKED,
        key="effects",
    )  # fmt: skip
    picked = run_charts.picked(event)
    if picked is not None:
        pages.go("feature", feature=picked)


page()
