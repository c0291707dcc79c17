"""Check: whether a concept is really there, pair by pair, by keyboard."""

from __future__ import annotations

import streamlit as st

from wimhf.concepts import Concept
from wimhf.curate import Check, record_check, sample_checks
from wimhf.run import HIT, MISS, feature_concept, standing_answers
from wimhf.ui.app import check_keys, components, editing, safe_html
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.check_keys import Asking
from wimhf.ui.app.check_queue import CheckQueue, key_of, queue_of
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.checks import check_question, precision_sentence, recall_sentence
from wimhf.ui.words.figures import plain

SIZES = (10, 20, 50, 100)
DEFAULT = 20
"""Pairs of each kind."""
KINDS = {HIT: "pairs in which it is found", MISS: "pairs most like these in which it is not found"}
TITLES = {
    HIT: ("Left: it is found here", "Right: less of it, or none"),
    MISS: ("Left: if anywhere, then here", "Right"),
}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    name = st.query_params.get("concept")
    if not name:
        components.empty("No concept is chosen", "Choose one from the list.")
        pages.link("concepts", "All concepts", icon=":material/sell:")
        return
    concept, _ = feature_concept(opened.run, name)
    editing.head(f"Check: {concept.title}", opened)
    size = _size()
    checks = components.cached(
        opened, "checks", lambda: sample_checks(opened.run, name, size), name, size
    )
    asking = Asking(
        concept.id, "it is there", "it is not", standing_answers(opened.run, concept),
        lambda key, said: record_check(opened.run, name, key[1], key[0], said, editing.who()),
        editing.may_write(opened.run),
    )  # fmt: skip
    queue = queue_of(
        checks, asking.standing, asking.again,
        with_skipped=st.query_params.get("skipped") == "1",
    )  # fmt: skip
    _result(opened, concept)
    if queue.at is None:
        _end(concept, queue, asking)
    else:
        _ask(opened, concept, queue, queue.at, asking)


def _size() -> int:
    wanted = state.number("n", DEFAULT)
    return wanted if wanted in SIZES else DEFAULT


def _result(opened: Opened, concept: Concept) -> None:
    """Say how right the concept is, as far as it was asked about."""
    checked = opened.run.checks.get(concept.id)
    if checked is None:
        st.caption(
            "A detector is a claim about texts. Answer pair by pair whether it is right; every "
            "answer is kept at once, so you can stop and go on another time."
        )
        return
    with st.container(border=True, gap="xsmall", key="result"):
        st.markdown(f"**{plain(precision_sentence(concept.more, checked))}**")
        if checked.asked_misses or not checked.asked:
            st.caption(plain(recall_sentence(checked)))


def _ask(
    opened: Opened, concept: Concept, queue: CheckQueue[Check], at: Check, asking: Asking
) -> None:
    done, total = queue.answered[at.kind], queue.total[at.kind]
    skipped = f" · {queue.skipped} skipped" if queue.skipped else ""
    st.progress(done / total, text=f"{done} of {total} {KINDS[at.kind]}{skipped}")
    question = check_question(concept.more, at.kind, "the left one", "the right one")
    st.subheader(plain(question), anchor=False)
    check_keys.buttons(asking, key_of(at))
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    turns = opened.run.pair_table.row(at.row, named=True).get("turns")
    asked = safe_html.prompt(at.prompt, turns)
    st.html(safe_html.blind_html(asked, TITLES[at.kind], (at.more, at.less), formatted))
    st.caption(
        f"pair `{at.pair_id}` · marked words are in that response only · which one was preferred "
        "is not shown, so that it does not sway you"
    )
    _others(concept)


def _end(concept: Concept, queue: CheckQueue[Check], asking: Asking) -> None:
    if not sum(queue.total.values()):
        components.empty(
            "There is nothing to ask about", "It is found in no pair outside of the fitting ones."
        )
    else:
        check_keys.at_the_end(asking, queue.skipped)
    _others(concept)


def _others(concept: Concept) -> None:
    """Lead on: more pairs, the pairs of the feature, all concepts."""
    with components.line():
        st.session_state["_size"] = _size()
        st.selectbox(
            "Pairs of each kind", SIZES, key="_size", width=160, label_visibility="collapsed",
            format_func=lambda n: f"{n} pairs of each kind",
            on_change=lambda: state.put("n", st.session_state["_size"], DEFAULT),
        )  # fmt: skip
        pages.link("feature", "All its pairs", icon=":material/compare_arrows:", feature=concept.id)
        pages.link("concepts", "All concepts", icon=":material/sell:", concept=concept.id)


page()
