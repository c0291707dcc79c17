"""What became of a concept that was added or taken out in the background."""

from __future__ import annotations

import streamlit as st

from wimhf.pipeline import JobState, forget_job, read_job, restart_job
from wimhf.ui.app import components, editing
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.concept_rows import ConceptRow
from wimhf.ui.app.jobs_panel import warnings
from wimhf.ui.words.figures import duration, plain, sentence
from wimhf.ui.words.own_concepts import differ_sentence, learned_lines
from wimhf.ui.words.unflagged import unflagged

REPORT = "report.html"


def show_change(opened: Opened, rows: list[ConceptRow]) -> None:
    """Say what became of the last change to the run's own concepts, until it is closed."""
    job = read_job(opened.run.path)
    if job is None or job.change is None or job.under_way or "id" not in job.change:
        return
    with st.container(border=True, gap="small", key="change"):
        if job.status == "done":
            _report_anew(opened)
            _done(job, next((row for row in rows if row.id == job.change["id"]), None))
        elif job.status == "cancelled":
            st.info("Nothing was changed: it was cancelled.", icon=":material/cancel:")
        else:
            st.error(plain(unflagged(job.error or "It failed.")), icon=":material/error:")
        warnings(job)
        _actions(opened, job)


def _done(job: JobState, row: ConceptRow | None) -> None:
    took = duration(job.updated - job.started)
    name = "" if job.change is None else str(job.change["id"])
    if row is None:
        st.markdown(
            f":material/check_circle: {plain(name)} was taken out; everything else is counted "
            f"again, in {took}."
        )
        return
    st.markdown(
        f":material/check_circle: **{plain(row.concept.title)}** is added, and all findings are "
        f"counted again, in {took}."
    )
    for line in (*learned_lines(row.record), differ_sentence("it", row.differ)):
        st.caption(plain(sentence(line)))
    if row.reason is not None:
        st.markdown(f"It is no feature: {plain(sentence(row.reason))}")
    elif row.feature is not None:
        st.markdown(f"**{plain(row.feature.sentence)}**")


def _actions(opened: Opened, job: JobState) -> None:
    with components.line():
        if job.status == "done":
            pages.link("overview", "All findings", icon=":material/insights:")
            if job.change is not None and job.change["do"] != "remove":
                pages.link("feature", "Its pairs", icon=":material/compare_arrows:",
                           feature=job.change["id"])  # fmt: skip
        elif st.button("Try again", icon=":material/restart_alt:", key="_again"):
            with editing.attempt():
                restart_job(opened.run.path)
                st.rerun()
        if st.button("Close", icon=":material/close:", key="_close_change", type="tertiary"):
            forget_job(opened.run.path)
            st.rerun()


def _report_anew(opened: Opened) -> None:
    """Write the run's report again, where it has one that is older than its findings."""
    place = opened.run.path / REPORT
    if not place.is_file() or place.stat().st_mtime_ns >= opened.stamp[0]:
        return
    from wimhf.ui.report import render_report

    with editing.attempt(), st.spinner("Writing the report again"):
        opened.run.folder.write_text(REPORT, render_report(opened.run))
