"""The curation that all sessions of a run share, and the name each of them signs with.

Tables of a run are held once, whoever looks at it; a lock lets one session at a time at them. The
edit log is read again at every use, so that each session sees what the others did.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from wimhf.curate import Curation, State, open_curation
from wimhf.errors import WimhfError
from wimhf.run import Run, open_run, somebody
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain

LONGEST_NAME = 60
OF_A_RUN = ("_done", "_decided", "_last", "_made")
"""What a session remembers of one run only: numbers of edits mean others in another one."""
IN_THE_URL = ("pair", "like", "by", "from", "box", "column", "value", "after", "rule", "shown")
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
        mine = open_curation(shared.run, who())
        mine.state = shared.state
        yield mine


@contextmanager
def alone(run: Run) -> Iterator[Shared]:
    """Give what sessions share of a run to this one alone; also outside of a session."""
    shared = _shared(str(run.path), _stamp(run.path)[0])
    with shared.lock:
        yield shared


@st.cache_resource(max_entries=3, show_spinner="Opening the run")
def _shared(path: str, stamp: int) -> Shared:
    run = open_run(path)
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
    for name in IN_THE_URL if clear else ():
        st.query_params.pop(name, None)


def head(title: str, opened: Opened) -> None:
    """Show a page's title with the name its edits are signed with; follow what others do."""
    arrive(opened.run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
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
def _follow(path: str, stamp: Any) -> None:
    """Show the page anew when somebody else has changed the run."""
    if _stamp(Path(path)) != stamp:
        st.rerun()


def _stamp(path: Path) -> state.Stamp:
    """Return when a run's manifest and edits last changed, as ``state.Opened`` is known by."""
    files = (path / state.MANIFEST, path / state.EDITS)
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)  # type: ignore[return-value]


@contextmanager
def attempt() -> Iterator[None]:
    """Show an error that a person can mend where it happened, and go on with the page."""
    try:
        yield
    except WimhfError as error:
        components.failure(error)


def done(text: str, number: int | None = None) -> None:
    """Remember what was just done, for ``said`` to tell on the page that follows.

    Parameters
    ----------
    number
        The edit's number, where it can be undone.
    """
    st.session_state["_done"] = (text, number)


def said(run: Run) -> None:
    """Tell what was just done, once, and let it be undone."""
    text, number = st.session_state.get("_done") or ("", None)
    if not text:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small"):
        st.markdown(f":material/check_circle: {plain(text)}", width="stretch")
        if number is not None and st.button("Undo", icon=":material/undo:", key="_undo_done"):
            with attempt():
                with curation(run) as c:
                    c.undo(number)
                done(f"Edit {number} is undone.")
                st.rerun()
        if st.button("Close", icon=":material/close:", key="_close_done", type="tertiary"):
            st.session_state.pop("_done", None)
            st.rerun()
