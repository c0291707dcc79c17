"""Whether numbers are of the source or of the curated data: one switch, in the address."""

from __future__ import annotations

import streamlit as st

from wimhf.curate import Standing, curated_standing, source_standing
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing
from wimhf.ui.app.chosen_run import Opened

NAMES = {"source": "Source", "curated": "Curated data"}


def standing(opened: Opened) -> Standing:
    """Ask which numbers are shown, where edits make a difference; return them.

    The answer is ``data`` in the address.
    """
    changed = 0
    if opened.run.edited:
        with editing.curation(opened.run) as c:
            changed = c.changed.height
    if not changed:
        return _source(opened)
    wanted = st.query_params.get("data", "source")
    st.session_state["_data"] = wanted if wanted in NAMES else "source"
    shown = st.segmented_control(
        "Numbers of", list(NAMES), key="_data", format_func=NAMES.__getitem__, required=True,
        on_change=lambda: state.put("data", st.session_state["_data"], "source"),
        help="The source is what was analyzed. Curated: after the edits in force, every effect "
        "measured anew.",
    )  # fmt: skip
    if shown == "curated":
        with st.spinner("Measuring what the curated labels reward"):
            return components.cached(opened, "standing", lambda: _curated(opened), ("curated",))
    st.caption(f"{changed:,} pairs have been edited since; these numbers do not know of it.")
    return _source(opened)


def _source(opened: Opened) -> Standing:
    return components.cached(opened, "standing", lambda: source_standing(opened.run), ("source",))


def _curated(opened: Opened) -> Standing:
    with editing.curation(opened.run) as c:
        return curated_standing(c.state)


def badge(standing: Standing) -> str:
    """Return a mark that says what a number is of."""
    return ":violet-badge[curated data]" if standing.curated else ":gray-badge[source]"
