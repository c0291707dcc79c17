"""Check: whether a concept is really there, pair by pair, by keyboard."""

from __future__ import annotations

import streamlit as st

from wimhf.concepts import Concept
from wimhf.curate import Check, record_check, sample_checks
from wimhf.run import HIT, MISS, feature_concept, standing_answers
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, safe_html
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.check_queue import CheckQueue, Key, key_of, queue_of
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.checks import check_question, precision_sentence, recall_sentence
from wimhf.ui.words.figures import plain

SIZES = (10, 20, 50, 100)
DEFAULT = 20
"""Pairs of each kind."""
KEYS = (
    ("Yes", "Y", "it is there", "check"), ("No", "N", "it is not", "close"),
    ("Skip", "S", "cannot be told", "skip_next"),
    ("Undo", "U", "take the last answer back", "undo"),
)  # fmt: skip
ANSWERS: dict[str, bool | None] = {"Yes": True, "No": False, "Skip": None}
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
    again: Key | None = st.session_state.get("_check_again", {}).get(name)
    queue = queue_of(
        checks, standing_answers(opened.run, concept), again,
        with_skipped=st.query_params.get("skipped") == "1",
    )  # fmt: skip
    _result(opened, concept)
    writable = editing.may_write(opened.run)
    if queue.at is None:
        _end(opened, concept, queue, writable)
    else:
        _ask(opened, concept, queue, queue.at, writable)


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


def _ask(opened: Opened, concept: Concept, queue: CheckQueue, at: Check, writable: bool) -> None:
    done, total = queue.answered[at.kind], queue.total[at.kind]
    skipped = f" · {queue.skipped} skipped" if queue.skipped else ""
    st.progress(done / total, text=f"{done} of {total} {KINDS[at.kind]}{skipped}")
    question = check_question(concept.more, at.kind, "the left one", "the right one")
    st.subheader(plain(question), anchor=False)
    _buttons(opened, concept, at, writable)
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    turns = opened.run.pair_table.row(at.row, named=True).get("turns")
    asked = safe_html.prompt(at.prompt, turns)
    st.html(safe_html.blind_html(asked, TITLES[at.kind], (at.more, at.less), formatted))
    st.caption(
        f"pair `{at.pair_id}` · marked words are in that response only · which one was preferred "
        "is not shown, so that it does not sway you"
    )
    _others(concept)


def _buttons(opened: Opened, concept: Concept, at: Check, writable: bool) -> None:
    """Show what can be answered; a key does what its button does.

    The buttons belong to the pair, so that a key pressed too soon answers nothing of the next one.
    """
    mine = _mine(concept)
    with st.container(horizontal=True, gap="xsmall", key="answers"):
        for name, key, words, icon in KEYS:
            pressed = st.button(
                name, shortcut=key, key=f"_{name.lower()}_{at.kind}_{at.pair_id}",
                help=words.capitalize(), icon=f":material/{icon}:",
                disabled=not writable or (name == "Undo" and not mine),
                type="primary" if name in ("Yes", "No") else "secondary",
            )  # fmt: skip
            if pressed:
                with editing.attempt():
                    _undo(opened, concept) if name == "Undo" else _answer(opened, at, name)
                    st.rerun()


def _mine(concept: Concept) -> list[tuple[Key, bool | None]]:
    """Return what this session answered of a concept: which pair, and what was said before."""
    every: dict[str, list[tuple[Key, bool | None]]] = st.session_state.get("_checked") or {}
    return every.get(concept.id, [])


def _remember(concept: Concept, mine: list[tuple[Key, bool | None]], again: Key | None) -> None:
    every = st.session_state.get("_checked") or {}
    st.session_state["_checked"] = every | {concept.id: mine}
    st.session_state["_check_again"] = {} if again is None else {concept.id: again}


def _answer(opened: Opened, at: Check, name: str) -> None:
    known = standing_answers(opened.run, at.concept).get(key_of(at))
    record_check(opened.run, at.concept.id, at.pair_id, at.kind, ANSWERS[name], editing.who())
    before = None if known is None else known.answer
    _remember(at.concept, [*_mine(at.concept), (key_of(at), before)], None)


def _undo(opened: Opened, concept: Concept) -> None:
    """Take this session's last answer back, and ask about its pair again."""
    *rest, ((kind, pair_id), before) = _mine(concept)
    record_check(opened.run, concept.id, pair_id, kind, before, editing.who())
    _remember(concept, rest, (kind, pair_id))


def _end(opened: Opened, concept: Concept, queue: CheckQueue, writable: bool) -> None:
    if not sum(queue.total.values()):
        components.empty(
            "There is nothing to ask about", "It is found in no pair outside of the fitting ones."
        )
    elif queue.skipped:
        components.empty("The end of the list", f"{queue.skipped} pairs were skipped.")
        if st.query_params.get("skipped") != "1" and st.button(
            "Ask about the skipped ones", icon=":material/restart_alt:", key="_over"
        ):
            state.put("skipped", 1)
            st.rerun()
    else:
        components.empty("All of these are answered", "Ask about more for narrower bounds.")
    if _mine(concept) and st.button(
        "Undo the last answer", icon=":material/undo:", key="_undo_end", shortcut="U",
        disabled=not writable,
    ):  # fmt: skip
        with editing.attempt():
            _undo(opened, concept)
            st.rerun()
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
