"""Adding a concept by marked pairs: left, right or neither, kept at once, until it is learned."""

from __future__ import annotations

from typing import Any

import streamlit as st

from wimhf.base import Ints
from wimhf.describe import MIN_MARKS, MIN_SIDED
from wimhf.errors import WimhfError
from wimhf.pipeline import Named, examples_change, learned_from, pairs_to_mark, start_change
from wimhf.run import PASSED, Draft, forget_draft, keep_draft, mark_pair, read_drafts
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, concept_names, editing, safe_html
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain, sentence
from wimhf.ui.words.own_concepts import agreement_sentence
from wimhf.ui.words.unflagged import unflagged

KEYS = (
    ("Left", "Left", "the left one has more of it", "A", "arrow_back"),
    ("Right", "Right", "the right one has more of it", "B", "arrow_forward"),
    ("Neither", "N", "both have none, or as much", "neither", "drag_handle"),
    ("Skip", "S", "cannot be told", PASSED, "skip_next"),
)
TITLES = ("Left", "Right")


def form(opened: Opened, writable: bool) -> None:
    """Ask what it is called, then serve pairs to mark."""
    drafts = read_drafts(opened.run)
    draft = drafts.get(st.query_params.get("draft", ""))
    if draft is None:
        _begin(opened, drafts, writable)
        return
    with components.line():
        st.markdown(
            f"**{plain(draft.title)}**: the response that {plain(draft.more)}", width="stretch"
        )
        if st.button("Another one", icon=":material/list:", key="_other", type="tertiary"):
            state.forget("draft")
            st.rerun()
    _progress(draft)
    _learned(opened, draft, writable)
    _mark(opened, draft, writable)


def _begin(opened: Opened, drafts: dict[str, Draft], writable: bool) -> None:
    st.caption(
        f"Where no words give it away: mark {MIN_MARKS} to 200 pairs, and what you mean is learned "
        "from the vectors of the responses. Every mark is kept at once."
    )
    for draft in drafts.values():
        with components.line(border=True):
            pages.link("add", f"Go on with {plain(draft.title)}", icon=":material/play_arrow:",
                       way=st.query_params.get("way"), draft=draft.id)  # fmt: skip
            st.caption(f"{len(draft.marks)} pairs are marked", width="stretch")
            if st.button("Throw away", icon=":material/delete:", key=f"_away_{draft.id}",
                         type="tertiary", disabled=not writable):  # fmt: skip
                with editing.attempt():
                    forget_draft(opened.run, draft.id)
                    st.rerun()
    named = concept_names.ask(opened.run, "pairs")
    if st.button("Begin", type="primary", icon=":material/play_arrow:", key="_begin",
                 disabled=not writable or named is None):  # fmt: skip
        with editing.attempt():
            if named is not None:
                keep_draft(opened.run, Draft(named.id, named.more, named.less, named.title))
                state.put("draft", named.id)
                st.rerun()


def _progress(draft: Draft) -> None:
    marked = len(draft.marks)
    st.progress(
        min(marked / MIN_MARKS, 1.0),
        text=f"{marked} of at least {MIN_MARKS} pairs marked, {draft.sided} of at least "
        f"{MIN_SIDED} with a side",
    )  # fmt: skip


def _learned(opened: Opened, draft: Draft, writable: bool) -> None:
    """Say how well what is learned does, once there are enough marks, and let it be added."""
    marks = draft.marks
    if len(marks) < MIN_MARKS or draft.sided < MIN_SIDED:
        return
    try:
        with st.spinner("Learning from the marks"):
            said = components.cached(
                opened, "learned", lambda: _agreement(opened, draft), tuple(marks.items())
            )
    except WimhfError as error:
        st.warning(plain(sentence(unflagged(str(error)))), icon=":material/do_not_disturb_on:")
        return
    with components.line(border=True):
        st.markdown(plain(sentence(said)), width="stretch")
        if st.button("Add it", type="primary", icon=":material/add_circle:", key="_add_pairs",
                     disabled=not writable):  # fmt: skip
            with editing.attempt():
                named = Named(draft.id, draft.more, draft.less, draft.title)
                start_change(opened.run, examples_change(named, marks, editing.who()))
                pages.go("concepts")


def _agreement(opened: Opened, draft: Draft) -> str:
    learned = learned_from(opened.run, draft.marks)
    return agreement_sentence(learned.agreement, learned.marked, learned.sided)


def _mark(opened: Opened, draft: Draft, writable: bool) -> None:
    says = st.text_input(
        "Only pairs of which a response says", key="says", type="search", bind="query-params",
        placeholder="All pairs, drawn evenly over prompts",
        help="What is rare is found sooner so; take care that other pairs are among the marks, too",
    )  # fmt: skip
    rows: Ints = components.cached(
        opened, "to mark", lambda: pairs_to_mark(opened.run, says or ""), says or ""
    )
    pair = _next(opened, rows, draft)
    if pair is None:
        components.empty("Every one of these pairs is marked", "Look for others above.")
    else:
        st.subheader(plain(f"Which one {draft.more}, more than the other?"), anchor=False)
    _buttons(opened, draft, None if pair is None else str(pair["pair_id"]), writable)
    if pair is None:
        return
    formatted = st.toggle("Formatted text", value=True, key="formatted", bind="query-params")
    asked = safe_html.prompt(pair["prompt"], pair.get("turns"))
    texts = pair["response_a"], pair["response_b"]
    st.html(safe_html.blind_html(asked, TITLES, texts, formatted))
    st.caption(f"pair `{pair['pair_id']}` · marked words are in that response only")


def _next(opened: Opened, rows: Ints, draft: Draft) -> dict[str, Any] | None:
    """Return the first pair that is neither marked nor passed."""
    ids = opened.run.pair_table["pair_id"]
    for row in rows.tolist():
        if ids[row] not in draft.given:
            return opened.run.pair_table.row(row, named=True)
    return None


def _buttons(opened: Opened, draft: Draft, pair_id: str | None, writable: bool) -> None:
    """Show what can be said; a key does what its button does, of this pair only."""
    last = next(reversed(draft.given), None)
    with st.container(horizontal=True, gap="xsmall", key="marks"):
        for name, key, words, mark, icon in KEYS if pair_id is not None else ():
            if st.button(
                name, shortcut=key, key=f"_{name.lower()}_{pair_id}", help=words.capitalize(),
                icon=f":material/{icon}:", disabled=not writable,
                type="secondary" if mark == PASSED else "primary",
            ):  # fmt: skip
                _give(opened, draft, str(pair_id), mark)
        if st.button(
            "Undo", shortcut="U", key=f"_undo_{pair_id}_{len(draft.given)}",
            help="Take the last mark back", icon=":material/undo:",
            disabled=not writable or last is None,
        ):  # fmt: skip
            _give(opened, draft, str(last), None)


def _give(opened: Opened, draft: Draft, pair_id: str, mark: str | None) -> None:
    with editing.attempt():
        mark_pair(opened.run, draft.id, pair_id, mark)
        st.rerun()
