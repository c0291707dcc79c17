"""Review: the suspects, one at a time, by keyboard."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, pair_rows, pair_view
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.suspect_queue import Queue, queue_after
from wimhf.ui.words.figures import plain, share

KEYS = (
    ("Keep", "K", "right as it is", "done"), ("Flip", "F", "the other one is better", "swap_horiz"),
    ("Tie", "T", "neither is better", "drag_handle"), ("Drop", "D", "leave it out", "delete"),
    ("Skip", "S", "later", "skip_next"), ("Undo", "U", "take the last decision back", "undo"),
)  # fmt: skip
OUTCOMES = {"Keep": "kept as it is", "Flip": "flipped", "Tie": "a tie now", "Drop": "dropped"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Review", opened)
    with editing.curation(opened.run) as c:
        queue = queue_after(c.suspects(decided=True), state.number("after", 0))
        row = pair_rows.row_of(c.pairs, queue.at)
        if row is not None:
            pair, reasons = pair_rows.pair_row(c.pairs, row), c.reasons(str(queue.at))
    if not queue.total:
        _nothing(opened)
        return
    _progress(queue)
    if row is None:
        _end(opened, queue)
        return
    _decide(opened, queue, pair["pair_id"])
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    pair_view.show(
        pair, formatted=formatted,
        remark=f"models that never saw it expect the other label at {share(queue.suspicion)}",
    )  # fmt: skip
    st.subheader("Why it is here", anchor=False)
    st.caption("What models that never saw this pair say of its label, in log odds.")
    pair_view.reasons(reasons)


def _progress(queue: Queue) -> None:
    decided = queue.total - queue.open
    skipped = f" · {queue.skipped:,} skipped before this one" if queue.skipped else ""
    st.progress(
        decided / queue.total, text=f"{decided:,} of {queue.total:,} suspects decided{skipped}"
    )


def _decide(opened: Opened, queue: Queue, pair_id: str) -> None:
    """Show what can be decided; a key does what its button does.

    The buttons belong to the pair, so that a key pressed too soon, or when somebody else has
    decided the pair, decides nothing of the one that comes next.
    """
    mine = st.session_state.get("_decided") or []
    with st.container(horizontal=True, gap="small", key="decide"):
        for name, key, words, icon in KEYS:
            pressed = st.button(
                name, shortcut=key, key=f"_{name.lower()}_{pair_id}", help=words.capitalize(),
                icon=f":material/{icon}:", disabled=name == "Undo" and not mine,
                type="primary" if name in ("Keep", "Flip") else "secondary",
            )  # fmt: skip
            if pressed:
                with editing.attempt():
                    _act(opened, queue, pair_id, name)
    last = st.session_state.pop("_last", None)
    if last:
        st.caption(plain(last))


def _act(opened: Opened, queue: Queue, pair_id: str, name: str) -> None:
    if name == "Skip":
        state.put("after", queue.rank)
        st.session_state["_last"] = "Skipped: it comes again when you start over."
    elif name == "Undo":
        _undo(opened)
    else:
        with editing.curation(opened.run) as c:
            keep = name == "Keep"
            edit = c.dismiss(pair_id) if keep else c.accept(pair_id, name.lower())
        mine = [*(st.session_state.get("_decided") or []), (edit.number, queue.rank)]
        st.session_state["_decided"] = mine
        st.session_state["_last"] = f"The pair before is {OUTCOMES[name]} (edit {edit.number})."
    st.rerun()


def _undo(opened: Opened) -> None:
    """Take this session's last decision back, and show its pair again."""
    *rest, (number, rank) = st.session_state["_decided"]
    st.session_state["_decided"] = rest
    with editing.curation(opened.run) as c:
        c.undo(number)
    st.session_state["_last"] = f"Edit {number} is undone."
    st.query_params["after"] = str(rank - 1)


def _end(opened: Opened, queue: Queue) -> None:
    if queue.open:
        components.empty(
            "The end of the list", f"{queue.open:,} suspects were skipped and are still open."
        )
        if st.button("Start over", icon=":material/restart_alt:", key="_over"):
            state.forget("after")
            st.rerun()
    else:
        components.empty("All suspects are decided", "Look at what came of it, or export.")
        pages.link("curate", "What came of it", icon=":material/history:", tab="History")
        pages.link("export", "Export", icon=":material/download:")
    if st.session_state.get("_decided") and st.button(
        "Undo the last decision", icon=":material/undo:", key="_undo_end", shortcut="U"
    ):
        with editing.attempt():
            _undo(opened)
            st.rerun()


def _nothing(opened: Opened) -> None:
    judged = opened.run.facts("suspects").get("n_judged")
    among = "" if judged is None else f" of the {judged:,} that could be judged"
    components.empty(
        "No label is suspect", f"No pair{among} has a label that models which never saw it would "
        "not have given.",
    )  # fmt: skip


page()
