"""Curate: whether models trained on the curated labels prefer what they should, on other pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from wimhf.base import Event
from wimhf.curate import open_curation
from wimhf.errors import WimhfError
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, intake, rule_draft
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain
from wimhf.ui.words.held_out import evaluation_rows, evaluation_sentences

Asked = tuple[object, ...]


def panel(opened: Opened) -> None:
    """Ask for pairs that were kept apart, and show what models prefer there, before and after."""
    st.markdown(
        "Pairs whose labels are what should be preferred, and that this run was not made from: a "
        "small model is trained on the source’s labels and another on the curated ones, and both "
        "judge them."
    )
    given = st.text_input(
        "Their path on this machine, or a data set of the hub", key="kept", bind="query-params",
        placeholder="/data/held_out.jsonl or hf:owner/name:split",
    ).strip()  # fmt: skip
    file = st.file_uploader("Or upload them", key="_kept_file")
    rule = st.query_params.get("rule")
    planned = bool(rule) and st.toggle(
        "With the rule that is being built", key="planned", bind="query-params",
        help="As if it were applied; nothing is written",
    )  # fmt: skip
    if not planned and not opened.run.edited:
        st.caption("No edit is in force yet: apply a rule, or build one and count it in here.")
        return
    name = given if file is None else f"{file.name}, {file.file_id}"
    asked = (*opened.key, name, rule if planned else None)
    pressed = st.button("Train and judge", icon=":material/model_training:", key="_judge",
                        type="primary", disabled=not name)  # fmt: skip
    if pressed:
        with editing.attempt():
            source = given if file is None else _kept(file.name, file.getbuffer())
            _judge(opened, source, rule if planned else None, asked)
    known, found = st.session_state.get("_evaluated") or (None, None)
    if found is not None and known == asked:
        _shown(found)


def _kept(name: str, content: bytes | memoryview) -> str:
    runs = state.runs_folder()
    return str(intake.source_path(runs, intake.save_upload(runs, name, content)))


def _judge(opened: Opened, source: str, rule: str | None, asked: Asked) -> None:
    """Train and judge, on tables of its own, so that nobody has to wait for it."""
    st.session_state.pop("_evaluated", None)
    with st.status("Reading the pairs", expanded=False) as status:

        def told(event: Event) -> None:
            if event.message:
                status.update(label=plain(event.message))

        try:
            found = open_curation(opened.run.path, editing.who()).evaluate(
                source, rule_draft.read_compact(rule) if rule else None, anyway=True, progress=told
            )
        except WimhfError:
            status.update(label="It could not be told", state="error")
            raise
        status.update(label="Judged", state="complete")
    st.session_state["_evaluated"] = (asked, found)


def _shown(found: Mapping[str, Any]) -> None:
    first, *others = evaluation_sentences(found)
    st.markdown(f"**{plain(first)}**")
    components.facts(evaluation_rows(found), ("Prefers the labelled side", "95% interval"))
    for said in others:
        st.markdown(plain(said))
