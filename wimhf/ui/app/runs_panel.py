"""The runs of the runs folder: open, rename, analyze again, go on, throw away and bring back."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import streamlit as st

from wimhf.pipeline import forget_job, read_job, restart_job
from wimhf.run import discard_run, discarded_runs, empty_trash, rename_run, restore_run
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import editing
from wimhf.ui.app import page_list as pages
from wimhf.ui.words.figures import duration, plain, shortened

RECENT = 8


def panel() -> None:
    """List the runs, the last changed first."""
    _fresh(str(state.runs_folder()))
    st.subheader("Runs", anchor=False)
    entries = state.entries()
    if not entries:
        st.caption(f"None yet in {plain(str(state.runs_folder()))}.")
    for entry in entries[:RECENT]:
        _entry(entry)
    if len(entries) > RECENT:
        with st.expander(f"{len(entries) - RECENT} more"):
            for entry in entries[RECENT:]:
                _entry(entry)
    _discarded()


@st.cache_resource(show_spinner=False)
def _fresh(runs: str) -> float:
    """Remove what was thrown away before the app was opened; done once a server."""
    empty_trash(Path(runs))
    return time.time()


def _entry(entry: state.Entry) -> None:
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if entry.finished:
                pages.link("overview", f"**{plain(entry.name)}**", icon=":material/folder_open:",
                           run=entry.name)  # fmt: skip
            else:
                state_words = "cannot be opened" if entry.unread else "not finished"
                st.markdown(f"**{plain(entry.name)}** ({state_words})")
            with st.popover("", icon=":material/more_horiz:", help=f"What to do with {entry.name}",
                            key=f"_menu_{entry.name}", type="tertiary"):  # fmt: skip
                _menu(entry)
        facts = [shortened(entry.source, 60), *_facts(entry)]
        st.caption(plain(entry.unread or " · ".join(facts)))


def _facts(entry: state.Entry) -> list[str]:
    facts = [f"{entry.n_pairs:,} pairs"] if entry.n_pairs else []
    facts += [f"{entry.n_features} discovered features"] if entry.n_features else []
    facts += [f"encoder {entry.encoder}"] if entry.encoder else []
    made = datetime.fromtimestamp(entry.changed).strftime("%Y-%m-%d %H:%M")
    return [*facts, f"{made}, {duration(max(time.time() - entry.changed, 1))} ago"]


def _menu(entry: state.Entry) -> None:
    path = state.runs_folder() / entry.name
    job = read_job(path)
    if job is not None and job.under_way:
        st.caption("It is being worked on; cancel that first.")
        return
    if (
        not entry.finished
        and job is not None
        and st.button("Go on with it", icon=":material/play_arrow:", key=f"_go_on_{entry.name}")
    ):
        with editing.attempt():
            restart_job(path)
            st.rerun()
    pages.link("start", "Analyze again with other settings", icon=":material/replay:",
               again=entry.name)  # fmt: skip
    name = st.text_input("Another name", value=entry.name, key=f"_name_{entry.name}")
    if st.button("Rename", key=f"_rename_{entry.name}", disabled=name.strip() == entry.name):
        with editing.attempt():
            rename_run(path, name.strip())
            _left(path)
    if st.button("Delete", icon=":material/delete:", key=f"_delete_{entry.name}"):
        with editing.attempt():
            discard_run(path)
            _left(path)


def _left(path: Path) -> None:
    """Forget what was known of a run that is not there any more."""
    if read_job(path) is not None:
        forget_job(path)
    if state.chosen_name() == path.name:
        state.choose(None)
    st.rerun()


def _discarded() -> None:
    for kept in discarded_runs(state.runs_folder()):
        name = kept.name.partition("-")[2]
        with st.container(horizontal=True, vertical_alignment="center", key=f"_kept_{kept.name}"):
            st.caption(f"{plain(name)} is deleted; until the app closes it can be brought back.")
            if st.button("Undo", icon=":material/undo:", key=f"_restore_{kept.name}"):
                with editing.attempt():
                    restore_run(kept)
                    st.rerun()
