"""What a person can do with a feature, on its page: name, note, mute, merge, select its pairs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from wimhf.run import Feature, Run
from wimhf.ui.app import components, editing, rule_draft
from wimhf.ui.app import page_list as pages
from wimhf.ui.words.figures import plain, shortened


def actions(run: Run, number: int) -> None:
    """Show what can be done with a feature; nothing where nothing can.

    Parameters
    ----------
    run
        The run, shared by all sessions.
    """
    editing.arrive(run, clear=False)
    with editing.curation(run) as c:
        features = c.run.feature_rows
    feature = next((feature for feature in features if feature.feature == number), None)
    if feature is None:
        return
    _badges(feature)
    editing.show_done(run)
    with components.line():
        with st.popover("Rename", icon=":material/edit:"):
            _rename(run, feature)
        with st.popover("Note", icon=":material/sticky_note_2:"):
            _note(run, feature)
        for key, now, on, off, icon in (
            ("pinned", feature.pinned, "Unpin", "Pin", "keep"),
            ("muted", feature.muted, "Unmute", "Mute", "volume_off"),
        ):
            if st.button(on if now else off, icon=f":material/{icon}:", key=f"_{key}"):
                _own(run, number, f"{off}: {'off' if now else 'on'}", **{key: not now})
        if st.button(
            "Flip poles", icon=":material/swap_horiz:", key="_turn",
            help="Describe the other pole; every sign flips with it",
        ):  # fmt: skip
            _own(run, number, "The other pole is described", flipped=not feature.flipped)
        with st.popover("Merge", icon=":material/merge:"):
            _merge(run, feature, features)
        if not feature.muted:
            _select(feature)


def _badges(feature: Feature) -> None:
    states = {"pinned": feature.pinned, "muted": feature.muted, "poles flipped": feature.flipped}
    badges = [f":gray-badge[{name}]" for name, on in states.items() if on]
    if badges:
        st.markdown(" ".join(badges))
    if feature.note:
        st.info(plain(feature.note), icon=":material/sticky_note_2:")
    if feature.members:
        st.caption(f"Holds the merged features {', '.join(map(str, feature.members))}.")


def _saved() -> bool:
    return st.form_submit_button("Save", icon=":material/check:", type="primary")


def _rename(run: Run, feature: Feature) -> None:
    number = feature.feature
    with st.form(f"_rename_{number}", border=False):
        st.caption("More of it: the response that …")
        name = st.text_input(
            "Name", feature.description or "", max_chars=500, width=460,
            label_visibility="collapsed",
        )  # fmt: skip
        if _saved():
            _own(run, number, "The feature is renamed", name=name)
    if feature.found and st.button("Take the name back", icon=":material/undo:", key="_unname"):
        _own(run, number, "The feature has the name it was found with", name=None)


def _note(run: Run, feature: Feature) -> None:
    with st.form(f"_note_{feature.feature}", border=False):
        note = st.text_area(
            "Note", feature.note or "", max_chars=500, width=460, label_visibility="collapsed"
        )
        if _saved():
            _own(run, feature.feature, "The note is kept", note=note.strip() or None)


def _merge(run: Run, feature: Feature, features: Sequence[Feature]) -> None:
    number = feature.feature
    for member in feature.members:
        if st.button(f"Take feature {member} out", key=f"_out_{member}"):
            _own(run, member, f"Feature {member} is alone again", merged_into=None)
    if feature.members:
        return
    others = {other.feature: other for other in features if other is not feature}
    with st.form(f"_merge_{number}", border=False):
        into = st.selectbox(
            "Into", list(others), index=None, placeholder="another feature",
            format_func=lambda n: f"{n} · {shortened(others[n].description or '?', 60)}",
        )  # fmt: skip
        st.caption("Both count as one from then on, and its effect is measured anew.")
        if st.form_submit_button("Merge", icon=":material/merge:") and into is not None:
            editing.change(
                run,
                lambda c: c.own(number, merged_into=into),
                lambda _: f"Feature {number} is merged into {into}.",
                leave=lambda: pages.go("feature", feature=into),
            )


def _own(run: Run, number: int, done: str, **words: object) -> None:
    editing.change(
        run,
        lambda c: c.own(number, "", **words),
        lambda edit: f"{done} (edit {edit.number}).",
    )


def _select(feature: Feature) -> None:
    """Hand the feature's pairs over to Curate, as a rule that is not applied yet."""
    rewarded = (feature.effect or 0) >= 0
    rule = {"when": {"feature": feature.feature, "rewarded": rewarded}, "then": "flip"}
    pages.link(
        "curate", "Select these pairs", icon=":material/rule:", rule=rule_draft.compact(rule),
        help="Build a rule of the pairs in which the feature is active",
    )  # fmt: skip
