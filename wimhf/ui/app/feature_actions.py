"""What a person can do with a feature, on its page: name, note, mute, pin, merge, turn, select."""

from __future__ import annotations

from typing import Any

import streamlit as st

from wimhf.run import Run
from wimhf.ui.app import editing as curating
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import rule_draft as drafting
from wimhf.ui.words.figures import plain, shortened

Row = dict[str, Any]


def actions(run: Run, feature: int) -> None:
    """Show what can be done with a feature; nothing where nothing can.

    Parameters
    ----------
    run
        The run, shared by all sessions.
    feature
        The feature's number.
    """
    curating.arrive(run, clear=False)
    with curating.curation(run) as c:
        rows = c.run.features.to_dicts()
    row = next((row for row in rows if row["feature"] == feature), None)
    if row is None:
        return
    _badges(row, rows)
    curating.said(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("Rename", icon=":material/edit:"):
            _rename(run, row)
        with st.popover("Note", icon=":material/sticky_note_2:"):
            _note(run, row)
        for key, on, off, icon in (
            ("pinned", "Unpin", "Pin", "keep"), ("muted", "Unmute", "Mute", "volume_off"),
        ):  # fmt: skip
            if st.button(on if row[key] else off, icon=f":material/{icon}:", key=f"_{key}"):
                _own(run, feature, {key: not row[key]}, f"{off}: {'off' if row[key] else 'on'}")
        if st.button(
            "Turn", icon=":material/swap_horiz:", key="_turn",
            help="Describe the other pole; every sign turns with it",
        ):  # fmt: skip
            _own(run, feature, {"flipped": not row["flipped"]}, "The other pole is described")
        with st.popover("Merge", icon=":material/merge:"):
            _merge(run, row, rows)
        if not row["muted"]:
            _select(row)


def _badges(row: Row, rows: list[Row]) -> None:
    told = [name for key, name in (("pinned", "pinned"), ("muted", "muted"),
                                   ("flipped", "turned")) if row[key]]  # fmt: skip
    if told:
        st.markdown(" ".join(f":gray-badge[{name}]" for name in told))
    if row["note"]:
        st.info(plain(row["note"]), icon=":material/sticky_note_2:")
    if row["members"]:
        st.caption(f"Holds the merged features {', '.join(map(str, row['members']))}.")


def _rename(run: Run, row: Row) -> None:
    with st.form(f"_rename_{row['feature']}", border=False):
        st.caption("More of it: the response that …")
        name = st.text_input(
            "Name", row["description"] or "", max_chars=500, width=460,
            label_visibility="collapsed",
        )  # fmt: skip
        if st.form_submit_button("Save", icon=":material/check:", type="primary"):
            _own(run, row["feature"], {"name": name}, "The feature is renamed")
    if row["found"] and st.button("Take the name back", icon=":material/undo:", key="_unname"):
        _own(run, row["feature"], {"name": None}, "The feature has the name it was found with")


def _note(run: Run, row: Row) -> None:
    with st.form(f"_note_{row['feature']}", border=False):
        note = st.text_area(
            "Note", row["note"] or "", max_chars=500, width=460, label_visibility="collapsed"
        )
        if st.form_submit_button("Save", icon=":material/check:", type="primary"):
            _own(run, row["feature"], {"note": note.strip() or None}, "The note is kept")


def _merge(run: Run, row: Row, rows: list[Row]) -> None:
    others = {one["feature"]: one for one in rows if one["feature"] != row["feature"]}
    if row["members"]:
        for member in row["members"]:
            if st.button(f"Take feature {member} out", key=f"_out_{member}"):
                _own(run, member, {"merged_into": None}, f"Feature {member} is alone again")
        return
    with st.form(f"_merge_{row['feature']}", border=False):
        into = st.selectbox(
            "Into", list(others), index=None, placeholder="another feature",
            format_func=lambda n: f"{n} · {shortened(others[n]['description'] or '?', 60)}",
        )  # fmt: skip
        st.caption("Both count as one from then on, and its effect is measured anew.")
        if st.form_submit_button("Merge", icon=":material/merge:") and into is not None:
            with curating.attempt():
                with curating.curation(run) as c:
                    edit = c.own(row["feature"], merged_into=into)
                curating.done(f"Feature {row['feature']} is merged into {into}.", edit.number)
                pages.go("feature", feature=into)


def _own(run: Run, feature: int, said: dict[str, Any], told: str) -> None:
    with curating.attempt():
        with curating.curation(run) as c:
            edit = c.own(feature, **said)
        curating.done(f"{told} (edit {edit.number}).", edit.number)
        st.rerun()


def _select(row: Row) -> None:
    """Hand the feature's pairs over to Curate, as a rule that is not applied yet."""
    rewarded = (row["effect"] or 0) >= 0
    rule = {"when": {"feature": row["feature"], "rewarded": rewarded}, "then": "flip"}
    pages.link(
        "curate", "Select these pairs", icon=":material/rule:", rule=drafting.compact(rule),
        help="Build a rule of the pairs in which the feature is active",
    )  # fmt: skip
