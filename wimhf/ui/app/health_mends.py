"""What is wrong with the data, each finding with its pairs and its mends, ready to be seen."""

from __future__ import annotations

import streamlit as st

from wimhf.curate import Offer, offers
from wimhf.ui.app import components, rule_draft
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words import severity
from wimhf.ui.words.figures import plain, sentence, upper_first


def links(opened: Opened, finding: str) -> None:
    """Lead from a finding to its pairs and to its mends; nothing where it has no pairs."""
    offer = _offers(opened).get(finding)
    if offer is None:
        return
    pages.link("explore", upper_first(offer.look), icon=":material/search:", health=finding)
    for mend in offer.mends:
        rule = rule_draft.compact(mend.rule(finding))
        pages.link(
            "curate", upper_first(mend.words), icon=":material/build:", rule=rule,
            help="Opens as a rule with a preview; nothing is changed before you apply it",
        )  # fmt: skip


def panel(opened: Opened) -> None:
    """Show the findings that concern single pairs and can be mended, the worst first."""
    health: severity.Health = opened.run.folder.read_json("health.json")
    offered = _offers(opened)
    urgent, others = severity.parted_checks(health)
    known = [
        check for check in (*urgent, *others)
        if check["id"] in offered and offered[check["id"]].mends and check["severity"] != "ok"
    ]  # fmt: skip
    if not known:
        return
    st.subheader("What the data’s own findings offer", anchor=False)
    for check in known:
        with st.container(border=True, gap="xsmall", key=f"mend_{check['id']}"):
            st.markdown(f"**{plain(check['title'])}.** {plain(sentence(check['said']))}")
            with components.line():
                links(opened, check["id"])


def _offers(opened: Opened) -> dict[str, Offer]:
    def count() -> dict[str, Offer]:
        return offers(opened.run.table("health_pairs.parquet")["item"].to_list())

    return components.cached(opened, "offers", count)
