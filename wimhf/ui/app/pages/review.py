"""Review: the suspects, one at a time, by keyboard."""

from __future__ import annotations

import streamlit as st

from wimhf.curate import Curation, keep_opinion, opinions_of, suspect_finding
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, pair_rows, pair_view, raters_panel
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.pair_rows import CuratedPair
from wimhf.ui.app.suspect_queue import Queue, queue_after
from wimhf.ui.words.figures import counted, plain, share

KEYS = (
    ("Flip", "F", "the other one is better", "swap_horiz"), ("Keep", "K", "right as it is", "done"),
    ("Tie", "T", "neither is better", "drag_handle"), ("Drop", "D", "leave it out", "delete"),
    ("Skip", "S", "later", "skip_next"), ("Undo", "U", "take the last decision back", "undo"),
)  # fmt: skip
OUTCOMES = {"Keep": "kept as it is", "Flip": "flipped", "Tie": "a tie now", "Drop": "dropped"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Review", opened)
    second = raters_panel.second_opinions()
    with editing.curation(opened.run) as c:
        queue = _queue(c, second)
        row = pair_rows.row_of(c.pairs, queue.at)
        if row is not None:
            pair, reasons = pair_rows.pair_row(c.pairs, row), c.reasons(str(queue.at))
            finding = suspect_finding(c.state, row, reasons)
    if not queue.total:
        _nothing(opened)
        return
    _progress(queue, second)
    if row is None:
        raters_panel.panel(opened)
        _end(opened, queue, second)
        return
    if finding:
        st.markdown(f"**{plain(finding)}**")
    st.markdown(
        f"Where models are as sure as here, **{share(queue.chance)}** of labels are the one they "
        "expect. This one is not."
    )
    _decide(opened, queue, pair["pair_id"], second)
    raters_panel.panel(opened)
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    pair_view.show(_as_found(pair) if second else pair, formatted=formatted)
    st.subheader("Why it is here", anchor=False)
    st.caption("What models that never saw this pair say of its label, in log odds.")
    pair_view.reasons(reasons)


def _queue(c: Curation, second: bool) -> Queue:
    """Return where this person stands in the list."""
    judged = None
    if second:
        judged = [one for one, said in opinions_of(c.run).items() if editing.who() in said]
    return queue_after(c.suspects(decided=True), state.number("after", 0), judged)


def _as_found(pair: CuratedPair) -> CuratedPair:
    """Return a pair as the source has it, so that what others decided sways nobody."""
    found = {"label": pair["source_label"], "weight": pair["source_weight"], "kept": True}
    return {**pair, **found, "edited_by": None, "edited_because": None}  # type: ignore[typeddict-item]


def _progress(queue: Queue, second: bool) -> None:
    decided = queue.total - queue.open
    skipped = f" · {queue.skipped:,} skipped before this one" if queue.skipped else ""
    by = " by you" if second else ""
    text = f"{decided:,} of {counted(queue.total, 'suspect')} decided{by}{skipped}"
    st.progress(decided / queue.total, text=text)


def _decide(opened: Opened, queue: Queue, pair_id: str, second: bool) -> None:
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
                type="primary" if name == "Flip" else "secondary",
            )  # fmt: skip
            if pressed:
                with editing.attempt():
                    _act(opened, queue, pair_id, name, second)
    last = st.session_state.pop("_last", None)
    if last:
        st.caption(plain(last))


def _act(opened: Opened, queue: Queue, pair_id: str, name: str, second: bool) -> None:
    if name == "Skip":
        state.put("after", queue.rank)
        st.session_state["_last"] = "Skipped: it comes again when you start over."
    elif name == "Undo":
        _undo(opened)
    else:
        with editing.curation(opened.run) as c:
            number, told = _decided(c, pair_id, name, second)
        if number is not None:
            mine = st.session_state.get("_decided") or []
            st.session_state["_decided"] = [*mine, (number, pair_id, queue.rank)]
        st.session_state["_last"] = told
    st.rerun()


def _decided(c: Curation, pair_id: str, name: str, second: bool) -> tuple[int | None, str]:
    """Decide about a pair; return the edit's number, and what was done.

    The number is 0 of an opinion about a pair that somebody else decided, which changes no label,
    and None where nothing is done.
    """
    if pair_id in c.decisions:
        if not second:
            return None, "Somebody has decided that pair in the meantime; nothing was done."
        keep_opinion(c.run, pair_id, name.lower(), editing.who())
        return 0, "Your opinion of the pair before is kept; its label stays as it was decided."
    keep = name == "Keep"
    edit = c.dismiss(pair_id) if keep else c.accept(pair_id, name.lower())
    return edit.number, f"The pair before is {OUTCOMES[name]} (edit {edit.number})."


def _undo(opened: Opened) -> None:
    """Take this session's last decision back, and show its pair again."""
    *rest, (number, pair_id, rank) = st.session_state["_decided"]
    st.session_state["_decided"] = rest
    with editing.curation(opened.run) as c:
        if number:
            c.undo(number)
        else:
            keep_opinion(c.run, pair_id, None, editing.who())
    st.session_state["_last"] = f"Edit {number} is undone." if number else "It is taken back."
    st.query_params["after"] = str(rank - 1)


def _end(opened: Opened, queue: Queue, second: bool) -> None:
    if queue.open:
        still = counted(queue.open, "suspect was", "suspects were")
        components.empty("The end of the list", f"{still} skipped and still open.")
        if st.button("Start over", icon=":material/restart_alt:", key="_over"):
            state.forget("after")
            st.rerun()
    else:
        by = " by you" if second else ""
        components.empty(f"All suspects are decided{by}", "Look at what came of it, or export.")
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
