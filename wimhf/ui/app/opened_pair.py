"""One pair opened on Explore: its texts, its features, reasons, and what can be done."""

from __future__ import annotations

from typing import Any

import streamlit as st

from wimhf.curate import Curation
from wimhf.ui.app import editing as curating
from wimhf.ui.app import pair_charts as explore_charts
from wimhf.ui.app import pair_rows as pair_tables
from wimhf.ui.app import pair_view
from wimhf.ui.app.chosen_run import Opened

ACTIONS = {
    "Flip": ("flip", "swap_horiz"), "Tie": ("tie", "drag_handle"), "Drop": ("drop", "delete"),
    "Restore": ("restore", "settings_backup_restore"),
}  # fmt: skip


def show(opened: Opened) -> None:
    """Show the pair that the URL names; nothing where it names none."""
    pair_id = st.query_params.get("pair")
    if not pair_id:
        return
    with curating.curation(opened.run) as c:
        row = pair_tables.row_of(c.pairs, pair_id)
        if row is not None:
            pair = pair_tables.pair_row(c.pairs, row)
            bars = _bars(c, opened, row, pair["label"])
            reasons = c.reasons(pair_id).to_dicts()
            decision = c.decisions.get(pair_id, "")
    with st.container(border=True):
        if row is None:
            st.warning("There is no such pair in this run.")
            _close()
            return
        _bar(opened, pair_id)
        told = {"dismissed": "decided: right as it is", "accepted": "decided: mended"}
        pair_view.show(pair, told=told.get(decision, ""))
        st.subheader("Its features", anchor=False)
        if bars:
            st.altair_chart(explore_charts.pair_codes(bars))
        else:
            st.caption("No feature tells these responses apart.")
        st.subheader("The model's reasons", anchor=False)
        st.caption("What models that never saw this pair say of the source's label, in log odds.")
        pair_view.reasons(reasons)


def _bars(c: Curation, opened: Opened, row: int, label: float | None) -> list[dict[str, Any]]:
    shown = [one for one in opened.rows if not one.get("muted")]
    codes = pair_tables.codes_of(c.facts, [one["feature"] for one in shown], row)
    return pair_tables.code_bars(codes, shown, label)


def _bar(opened: Opened, pair_id: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, (action, icon) in ACTIONS.items():
            if st.button(name, icon=f":material/{icon}:", key=f"_one_{action}"):
                with curating.attempt():
                    with curating.curation(opened.run) as c:
                        edit = c.edit(pair_id, action)
                    curating.done(f"{name}: pair {pair_id}, edit {edit.number}.", edit.number)
                    st.rerun()
        for by, name in (("difference", "Differ alike"), ("responses", "Say alike")):
            if st.button(name, icon=":material/join_inner:", key=f"_like_{by}"):
                st.query_params.update({"like": pair_id, "by": by})
                st.query_params.pop("from", None)
                st.rerun()
        _close()


def _close() -> None:
    if st.button("Close", icon=":material/close:", key="_close_pair", type="tertiary"):
        st.query_params.pop("pair", None)
        st.rerun()
