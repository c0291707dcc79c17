"""One concept: what is known of it, how right it is, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from wimhf.concepts import Concept
from wimhf.pipeline import removal, start_change
from wimhf.run import Run
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.concept_rows import ConceptRow
from wimhf.ui.words.checks import precision_sentence, precision_short, recall_sentence
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import plain, sentence, share
from wimhf.ui.words.own_concepts import differ_sentence, learned_lines


def card(opened: Opened, row: ConceptRow) -> None:
    """Show one concept of the list."""
    concept = row.concept
    with st.container(border=True, gap="small", key="concept_card"):
        with components.line():
            st.subheader(plain(concept.title), anchor=False, width="stretch")
            if st.button("Close", icon=":material/close:", key="_close_concept", type="tertiary"):
                state.forget("concept")
                st.rerun()
        area = "your own" if row.own else concept.area.replace("_", " ")
        st.caption(f"`{concept.id}` · {plain(area)}")
        st.markdown(
            f"More of it: the response that **{plain(concept.more)}**. Less of it: the one that "
            f"{plain(concept.less)}."
        )
        st.markdown(plain(_found(row)))
        for line in learned_lines(row.record):
            st.caption(plain(sentence(line)))
        _proof(opened.run, concept)
        _sought(concept)
        _actions(opened, row)


def _found(row: ConceptRow) -> str:
    said = sentence(differ_sentence("It", row.differ))
    if row.reason is not None:
        return f"{said} It is no feature: {sentence(row.reason)}"
    return said if row.feature is None else f"{said} {row.feature.sentence}"


def proof(run: Run, feature: ShownFeature) -> None:
    """Show how right a concept that is a feature is, and lead to checking it."""
    concept = next((one.concept for one in run.concepts.features if one.concept.id == feature.id),
                   None)  # fmt: skip
    if concept is None:
        return
    with components.line(border=True, key="proof"):
        with st.container(gap="xxsmall", width="stretch"):
            _proof(run, concept)
        check_link(concept.id)


def tile(run: Run, feature: ShownFeature) -> tuple[str, str, str]:
    """Return a tile of how right a concept is, where somebody was asked."""
    checked = run.checks.get(feature.id or "")
    if checked is None or checked.precision is None:
        return "Known concept", "by definition", "What it counts is what its words say"
    return "Right when found", share(checked.precision), precision_short(checked)


def check_link(name: str) -> None:
    """Lead to checking a concept."""
    pages.link("check", "Check it", icon=":material/rule_settings:", concept=name,
               help="Say pair by pair whether it is really there")  # fmt: skip


def _proof(run: Run, concept: Concept) -> None:
    checked = run.checks.get(concept.id)
    if checked is None:
        st.caption("Nobody has checked yet whether it is really there where it is found.")
        return
    st.markdown(plain(precision_sentence(concept.more, checked)))
    if checked.asked_misses:
        st.caption(plain(recall_sentence(checked)))


def _sought(concept: Concept) -> None:
    """Show what in a text gives a concept away."""
    lists = {"Words": concept.words, "Patterns": concept.patterns, "Unless": concept.without}
    if not any(lists.values()):
        return
    with st.expander("What gives it away", icon=":material/search:"):
        for name, sought in lists.items():
            if sought:
                st.caption(name)
                st.code("\n".join(sought), language=None, wrap_lines=True)


def _actions(opened: Opened, row: ConceptRow) -> None:
    with components.line():
        if row.reason is None:
            check_link(row.id)
        if row.feature is not None:
            pages.link("feature", "Pairs", icon=":material/arrow_forward:",
                       feature=row.feature.feature)  # fmt: skip
        if row.own:
            with st.popover("Remove", icon=":material/delete:"):
                _remove(opened, row)


def _remove(opened: Opened, row: ConceptRow) -> None:
    if not editing.may_write(opened.run):
        return
    learned = row.record is not None
    st.markdown(
        "It is taken out, and everything is counted again without it. "
        + ("What was learned and marked is gone then." if learned else "Its words are gone then.")
    )
    if st.button("Remove it", type="primary", icon=":material/delete:", key="_remove"):
        with editing.attempt():
            start_change(opened.run, removal(row.id))
            state.forget("concept")
            st.rerun()
