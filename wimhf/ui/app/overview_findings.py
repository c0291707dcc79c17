"""What Overview says of the labels: findings by theme, what is neutral, the audit."""

from __future__ import annotations

from collections import Counter
from html import escape

import streamlit as st

from wimhf.curate import Standing
from wimhf.ui.app import components
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.safe_html import marked_html
from wimhf.ui.words import themes, views
from wimhf.ui.words.audit import audit_lines
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import between, ending, plain, points, share
from wimhf.ui.words.telling import TellingPair, telling_pair

DOTS: dict[themes.Light, str] = {
    "red": ":red[●]", "amber": ":orange[●]", "green": ":green[●]", "cannot tell": ":gray[○]",
}  # fmt: skip
ARROWS = {True: ":green[▲]", False: ":orange[▼]"}


def findings(opened: Opened, standing: Standing, headlines: views.Headlines) -> None:
    """Show the first findings by theme, each with its size and one pair."""
    shown = themes.themes(headlines)
    if not shown:
        st.markdown("Nothing with a name is rewarded or penalised beyond what chance would give.")
    for theme in shown:
        st.subheader(plain(theme.title), anchor=False)
        for feature in theme.features:
            _finding(opened, standing, feature, headlines.folded.get(feature.feature, []))
    more = themes.more(headlines, sum(len(theme.features) for theme in shown))
    if more:
        pages.link("features", more, icon=":material/arrow_forward:", show="significant")


def _finding(
    opened: Opened, standing: Standing, feature: ShownFeature, folded: list[ShownFeature]
) -> None:
    told = feature.told or 0.0
    with st.container(border=True, gap="xsmall"):
        with components.line():
            st.markdown(
                f"{ARROWS[told > 0]} **{plain(feature.title)}**, {themes.sized(feature)}. "
                f"{plain(feature.sentence)}", width="stretch",
            )  # fmt: skip
            components.pairs_link(feature.feature)
        note = f"in {share(feature.prevalence)} of pairs"
        if folded:
            note += " · much the same: " + "; ".join(other.title for other in folded[:3])
        st.caption(plain(note))
        pair = components.cached(
            opened, "telling",
            lambda: telling_pair(opened.run, feature.feature, told, standing.touched),
            (feature.feature, told > 0, standing.curated),
        )  # fmt: skip
        if pair is not None:
            st.html(example_html(pair))


def example_html(pair: TellingPair) -> str:
    """Return a pair in short: the preferred response, and the other; everything is escaped."""
    more = '<span class="has">more of it</span>'
    won, lost = (pair.more, pair.less) if pair.more_won else (pair.less, pair.more)
    one, two = (more, "") if pair.more_won else ("", more)
    return (
        f'<div class="telling"><p class="asked">{escape(ending(pair.prompt, 140))}</p>'
        f"<div><p><b>✓ preferred</b> {one}<br>{marked_html(won)}</p>"
        f"<p><b>not preferred</b> {two}<br>{marked_html(lost)}</p></div></div>"
    )


def neutral(standing: Standing, features: list[ShownFeature]) -> None:
    """Show what is measured and left alone by the labels."""
    st.header("Measured, and neutral", anchor=False)
    found = themes.neutral(features)
    if not found:
        st.markdown(
            "Of nothing that differs between responses is it sure that the labels leave it alone: "
            "there are too few pairs to say so."
        )
        return
    st.markdown(
        "Responses differ in these, and the labels take no side (surely within 5 points of none):"
    )
    for feature in found:
        components.feature_link(
            feature,
            f"{feature.title}: in {share(feature.prevalence)} of pairs, {points(feature.effect)} "
            f"points ({between(feature.effect_low, feature.effect_high)})",
        )


def audit(standing: Standing) -> None:
    """Show the lights of the audit; the red and amber ones lead to their pairs."""
    st.header("Audit", anchor=False)
    if not standing.audit:
        st.caption("This run was made before there was one; analyze its source again.")
        return
    lines = audit_lines(standing.audit, standing.features)
    lights = [themes.light(row) for row in standing.audit]
    counts = Counter(lights)
    st.markdown(
        " · ".join(f"{DOTS[light]} **{counts[light]}** {light}" for light in themes.LIGHTS)
        + f", of {len(lines)} concerns"
    )
    for wanted in ("red", "amber"):
        for light, line in zip(lights, lines, strict=True):
            if light == wanted:
                with components.line():
                    st.markdown(
                        f"{DOTS[light]} **{plain(line.row['title'])}**: {line.row['verdict']}, "
                        f"{plain(line.said)}", width="stretch",
                    )  # fmt: skip
                    if line.row["feature"] is not None:
                        components.pairs_link(line.row["feature"])
    pages.link("audit", "The whole table", icon=":material/gavel:")
    st.caption(
        " · ".join(f"{DOTS[light]} {plain(words)}" for light, words in themes.LIGHTS.items())
    )
