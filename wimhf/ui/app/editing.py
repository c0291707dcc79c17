"""The curation that all sessions of a run share, and the name each of them signs with.

Tables of a run are held once, whoever looks at it; a lock lets one session at a time at them. The
edit log is read again at every use, so that each session sees what the others did.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from wimhf.curate import Curation, State, open_curation
from wimhf.errors import WimhfError
from wimhf.run import Edit, Run, somebody
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain

LONGEST_NAME = 60
OF_A_RUN = ("_done", "_decided", "_last", "_made", "_checked", "_check_again", "_marked",
            "_evaluated")  # fmt: skip
"""What a session remembers of one run only: numbers of edits mean others in another one."""
IN_THE_URL = (
    "pair", "like", "by", "health", "from", "box", "column", "value", "after", "rule", "shown",
    "check",
)  # fmt: skip
EVERY = 4.0
"""Seconds between two looks at whether somebody else has changed the run."""


@dataclass(frozen=True)
class Shared:
    """What sessions share of a run: its own tables, and who may use them now."""

    run: Run
    state: State
    lock: threading.RLock = field(default_factory=threading.RLock)


@contextmanager
def curation(run: Run) -> Iterator[Curation]:
    """Give the curation of a run, signed with the session's name, to this session alone.

    Raises
    ------
    RunError
        If the run is not finished or its log is damaged.
    """
    with alone(run) as shared:
        own = open_curation(shared.run, who())
        own.state = shared.state
        yield own


@contextmanager
def alone(run: Run) -> Iterator[Shared]:
    """Give what sessions share of a run to this one alone; also outside of a session."""
    shared = _shared(str(run.path), state.stamp_of(run.path)[0])
    with shared.lock:
        yield shared


@st.cache_resource(max_entries=3, show_spinner="Opening the run")
def _shared(path: str, stamp: int) -> Shared:
    run = state.shared_run(path)
    return Shared(run, State(run))


def who() -> str:
    """Return the name the session's edits are signed with."""
    return str(st.session_state.get("_who") or somebody())


def arrive(run: Run, *, clear: bool = True) -> None:
    """Forget what the session knows of another run, where it comes from one.

    Parameters
    ----------
    clear
        Also what the URL says of that run's pairs and rules.
    """
    before, now = st.session_state.get("_at_run"), str(run.path)
    st.session_state["_at_run"] = now
    if before in (None, now):
        return
    for name in OF_A_RUN:
        st.session_state.pop(name, None)
    if clear:
        state.forget(*IN_THE_URL)


def head(title: str, opened: Opened) -> None:
    """Show a page's title with the name its edits are signed with; follow what others do."""
    arrive(opened.run)
    with components.line():
        st.title(title, anchor=False, width="stretch")
        with st.popover(plain(who()), icon=":material/person:", type="tertiary"):
            st.text_input(
                "Sign edits as", value=who(), key="_sign", max_chars=LONGEST_NAME, on_change=_sign,
                help="Stands beside each of your edits in the history and on change cards",
            )  # fmt: skip
    _follow(str(opened.run.path), opened.stamp)


def _sign() -> None:
    st.session_state["_who"] = " ".join(str(st.session_state["_sign"] or "").split())


@st.fragment(run_every=EVERY)
def _follow(path: str, stamp: state.Stamp) -> None:
    """Show the page anew when somebody else has changed the run."""
    if state.stamp_of(Path(path)) != stamp:
        st.rerun()


def may_write(run: Run) -> bool:
    """Say whether the run's folder can be written; where not, tell the page's reader so."""
    if os.access(run.path, os.W_OK):
        return True
    st.info(
        f"{plain(str(run.path))} cannot be written: everything can be looked at, nothing answered, "
        "added or removed.", icon=":material/lock:",
    )  # fmt: skip
    return False


@contextmanager
def attempt() -> Iterator[None]:
    """Show an error that a person can mend where it happened, and go on with the page."""
    try:
        yield
    except WimhfError as error:
        components.failure(error)


def change(
    run: Run,
    make: Callable[[Curation], Edit],
    words: Callable[[Edit], str],
    *,
    undoable: bool = True,
    leave: Callable[[], None] = st.rerun,
) -> None:
    """Change a run, and say so on the page that follows; show an error where it happened.

    Parameters
    ----------
    words
        Says what was done.
    undoable
        Offer to undo it there.
    leave
        Goes to the page that follows.
    """
    with attempt():
        with curation(run) as c:
            edit = make(c)
        remember(words(edit), edit.number if undoable else None)
        leave()


def remember(text: str, number: int | None = None) -> None:
    """Remember what was just done, for ``show_done`` on the page that follows.

    Parameters
    ----------
    number
        The edit's number, where it can be undone.
    """
    st.session_state["_done"] = (text, number)


def show_done(run: Run) -> None:
    """Say what was just done, once, and let it be undone."""
    text, number = st.session_state.get("_done") or ("", None)
    if not text:
        return
    with components.line(border=True):
        st.markdown(f":material/check_circle: {plain(text)}", width="stretch")
        if number is not None and st.button("Undo", icon=":material/undo:", key="_undo_done"):
            change(
                run, lambda c: c.undo(number), lambda _: f"Edit {number} is undone.",
                undoable=False,
            )  # fmt: skip
        if st.button("Close", icon=":material/close:", key="_close_done", type="tertiary"):
            st.session_state.pop("_done", None)
            st.rerun()
