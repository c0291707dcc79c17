"""Background analyses on a page: live progress, cancelling, what became of them."""

from __future__ import annotations

import streamlit as st

from wimhf.pipeline import JobState, cancel_job, forget_job, list_jobs, read_job, restart_job
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import editing, naming_form
from wimhf.ui.app import page_list as pages
from wimhf.ui.words.figures import duration, plain, share
from wimhf.ui.words.unflagged import unflagged

EVERY = 1.0
"""Seconds between two looks at a job under way."""


def jobs_panel() -> None:
    """Show the analyses of the runs folder that are under way or have ended unseen."""
    for job in list_jobs(state.runs_folder()):
        with st.container(border=True, key=f"job_{job.started:.3f}".replace(".", "_")):
            if job.under_way:
                _live(job)
            else:
                _ended(job)


def ticker() -> None:
    """Show on every page but Start how far the analyses are that are under way."""
    if any(job.under_way for job in list_jobs(state.runs_folder())):
        st.fragment(_tick, run_every=2 * EVERY)()


def _tick() -> None:
    under_way = [job for job in list_jobs(state.runs_folder()) if job.under_way]
    for job in under_way:
        through, left = job.outlook()
        told = f"{doing(job)}: {share(through)}"
        told += "" if left is None else f", about {duration(left)} left"
        pages.link("start", plain(told), icon=":material/hourglass_top:")
    if not under_way:
        pages.link("start", "An analysis has ended", icon=":material/done_all:")


def in_the_way() -> bool:
    """Show the job that is at work on the chosen run, or left it unfinished; say if there is one.

    What has been counted anew is announced where concepts are listed.
    """
    name = state.chosen_name()
    job = None if name is None else read_job(state.runs_folder() / name)
    if job is None or not (job.under_way or not _finished(job)):
        return False
    st.subheader("This run is being worked on", anchor=False)
    st.caption("Its pages come back by themselves; the work goes on if you close this one.")
    with st.container(border=True):
        _live(job) if job.under_way else _ended(job)
    return True


def _finished(job: JobState) -> bool:
    return any(entry.finished for entry in state.entries() if entry.name == job.name)


def doing(job: JobState) -> str:
    """Say what a job does."""
    change = job.change
    if change is None:
        return f"Analyzing {job.name}"
    if change["do"] == "name":
        return f"{job.name}: naming features with {change['llm']['model']}"
    if change["do"] == "remove":
        return f"{job.name}: taking {change['id']} out and counting again"
    return f"{job.name}: adding {change['id']} and counting again"


def _live(job: JobState) -> None:
    st.fragment(_watch, run_every=EVERY)(job.name)


def _watch(name: str) -> None:
    job = read_job(state.runs_folder() / name)
    if job is None or not job.under_way:
        st.rerun(scope="app")
    st.markdown(f"**{plain(doing(job))}**")
    titles = dict(job.plan)
    order = list(titles)
    at = order.index(job.stage) if job.stage in titles else -1
    steps = [
        f":green[✓ {title}]" if place < at else f"**{title}**" if place == at else f":gray[{title}]"
        for place, title in enumerate(titles.values())
    ]
    through, left = job.outlook()
    st.progress(through, text=_progress(job, left))
    if steps:
        st.caption("  ·  ".join(steps))
    warnings(job)
    asked = st.session_state.get(f"_cancel_{name}") == job.started
    label = "Cancelling …" if asked else "Cancel"
    if st.button(label, icon=":material/close:", key=f"cancel_{name}", disabled=asked):
        st.session_state[f"_cancel_{name}"] = job.started
        cancel_job(job.run)
        st.rerun(scope="fragment")


def _progress(job: JobState, left: float | None) -> str:
    text = plain(job.message or "starting")
    if job.total:
        text += f": {job.done:,} of {job.total:,} {job.unit} ({share(job.done / job.total)})"
    if job.rate and job.rate >= 1:
        text += f" · {job.rate:,.0f} {job.unit} a second"
    if left is not None:
        text += f" · about {duration(left)} left in all"
    return text


def warnings(job: JobState) -> None:
    """Show what a job warned of, folded."""
    if job.warnings:
        many = "1 warning" if len(job.warnings) == 1 else f"{len(job.warnings)} warnings"
        with st.expander(many, icon=":material/warning:"):
            for warning in job.warnings:
                st.markdown(plain(unflagged(warning)))


def _ended(job: JobState) -> None:
    name = plain(job.name)
    if job.status == "done":
        took = duration(job.updated - job.started)
        what = "analyzed" if job.change is None else "counted again"
        st.success(f"**{name}** is {what}, in {took}.", icon=":material/check_circle:")
    elif job.status == "cancelled":
        st.info(f"**{name}** was cancelled; what was finished is kept.", icon=":material/cancel:")
    else:
        st.error(f"**{name}** failed: {plain(unflagged(job.error or ''))}", icon=":material/error:")
    warnings(job)
    with st.container(horizontal=True):
        if job.status == "done" and st.button(
            "Open", type="primary", icon=":material/insights:", key=f"open_{job.name}"
        ):
            forget_job(job.run)
            state.choose(job.name)
            pages.go("overview")
        if job.status != "done" and st.button(
            "Go on with it", icon=":material/play_arrow:", key=f"again_{job.name}"
        ):
            with editing.attempt():
                restart_job(job.run, naming_form.session_key())
                st.rerun()
        if st.button("Dismiss", key=f"forget_{job.name}"):
            forget_job(job.run)
            st.rerun()
