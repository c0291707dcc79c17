"""Review: the suspects, one at a time, by keyboard."""

from __future__ import annotations

import streamlit as st

from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, pair_view, suspect_queue
from wimhf.ui.app import editing as curating
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import pair_rows as pair_tables
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain

KEYS = (
    ("Keep", "K", "right as it is", "done"), ("Flip", "F", "the other one is better", "swap_horiz"),
    ("Tie", "T", "neither is better", "drag_handle"), ("Drop", "D", "leave it out", "delete"),
    ("Skip", "S", "later", "skip_next"), ("Undo", "U", "take the last decision back", "undo"),
)  # fmt: skip
SAID = {"Keep": "kept as it is", "Flip": "flipped", "Tie": "a tie now", "Drop": "dropped"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    curating.head("Review", opened)
    with curating.curation(opened.run) as c:
        suspects = c.suspects(decided=True)
        queue = suspect_queue.queue(suspects, state.number("after", 0))
        pair, reasons = None, []
        if queue.at is not None:
            row = pair_tables.row_of(c.pairs, queue.at)
            if row is not None:
                pair = pair_tables.pair_row(c.pairs, row)
                reasons = c.reasons(queue.at).to_dicts()
    if not queue.total:
        _nothing(opened)
        return
    _progress(queue)
    if pair is None:
        _end(opened, queue)
        return
    _decide(opened, queue, pair["pair_id"])
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    pair_view.show(
        pair, formatted=formatted,
        told=f"models that never saw it expect the other label at {100 * queue.suspicion:.0f}%",
    )  # fmt: skip
    st.subheader("Why it is here", anchor=False)
    st.caption("What models that never saw this pair say of its label, in log odds.")
    pair_view.reasons(reasons)


def _progress(queue: suspect_queue.Queue) -> None:
    done = queue.total - queue.open
    st.progress(done / queue.total, text=_counted(queue))


def _counted(queue: suspect_queue.Queue) -> str:
    skipped = f" · {queue.skipped:,} skipped before this one" if queue.skipped else ""
    done = queue.total - queue.open
    return f"{done:,} of {queue.total:,} suspects decided{skipped}"


def _decide(opened: Opened, queue: suspect_queue.Queue, pair_id: str) -> None:
    """Show what can be decided; a key does what its button does.

    The buttons belong to the pair, so that a key pressed too soon, or when somebody else has
    decided the pair, decides nothing of the one that comes next.
    """
    mine = st.session_state.get("_decided") or []
    with st.container(horizontal=True, gap="small", key="decide"):
        for name, key, told, icon in KEYS:
            pressed = st.button(
                name, shortcut=key, key=f"_{name.lower()}_{pair_id}", help=told.capitalize(),
                icon=f":material/{icon}:", disabled=name == "Undo" and not mine,
                type="primary" if name in ("Keep", "Flip") else "secondary",
            )  # fmt: skip
            if pressed:
                with curating.attempt():
                    _act(opened, queue, pair_id, name)
    _told()


def _act(opened: Opened, queue: suspect_queue.Queue, pair_id: str, name: str) -> None:
    if name == "Skip":
        st.query_params["after"] = str(queue.rank)
        st.session_state["_last"] = "Skipped: it comes again when you start over."
    elif name == "Undo":
        _undo(opened)
    else:
        with curating.curation(opened.run) as c:
            if name == "Keep":
                edit = c.dismiss(pair_id)
            else:
                edit = c.accept(pair_id, name.lower())
        mine = [*(st.session_state.get("_decided") or []), (edit.number, queue.rank)]
        st.session_state["_decided"] = mine
        st.session_state["_last"] = f"The pair before is {SAID[name]} (edit {edit.number})."
    st.rerun()


def _undo(opened: Opened) -> None:
    """Take this session's last decision back, and show its pair again."""
    *rest, (number, rank) = st.session_state["_decided"]
    st.session_state["_decided"] = rest
    with curating.curation(opened.run) as c:
        c.undo(number)
    st.session_state["_last"] = f"Edit {number} is undone."
    st.query_params["after"] = str(rank - 1)


def _told() -> None:
    last = st.session_state.pop("_last", None)
    if last:
        st.caption(plain(last))


def _end(opened: Opened, queue: suspect_queue.Queue) -> None:
    if queue.open:
        components.empty(
            "The end of the list", f"{queue.open:,} suspects were skipped and are still open."
        )
        if st.button("Start over", icon=":material/restart_alt:", key="_over"):
            st.query_params.pop("after", None)
            st.rerun()
    else:
        components.empty("All suspects are decided", "Look at what came of it, or export.")
        pages.link("curate", "What came of it", icon=":material/history:", tab="History")
        pages.link("export", "Export", icon=":material/download:")
    if st.session_state.get("_decided") and st.button(
        "Undo the last decision", icon=":material/undo:", key="_undo_end", shortcut="U"
    ):
        with curating.attempt():
            _undo(opened)
            st.rerun()


def _nothing(opened: Opened) -> None:
    judged = opened.run.facts("suspects").get("n_judged")
    told = "" if judged is None else f" of the {judged:,} that could be judged"
    components.empty(
        "No label is suspect", f"No pair{told} has a label that models which never saw it would "
        "not have given.",
    )  # fmt: skip


page()
