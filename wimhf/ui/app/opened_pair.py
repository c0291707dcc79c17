"""One pair opened on Explore: its texts, its features, reasons, and what can be done."""

from __future__ import annotations

import streamlit as st

from wimhf.base import Ints
from wimhf.curate import Curation, pair_codes
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, pair_charts, pair_rows, pair_view
from wimhf.ui.app.chosen_run import Opened

ACTIONS = {
    "Flip": ("flip", "swap_horiz"), "Tie": ("tie", "drag_handle"), "Drop": ("drop", "delete"),
    "Restore": ("restore", "settings_backup_restore"),
}  # fmt: skip
DECISIONS = {"dismissed": "decided: right as it is", "accepted": "decided: mended"}


def show(opened: Opened, sought: str = "", rows: Ints | None = None) -> None:
    """Show the pair that the URL names; nothing where it names none.

    Parameters
    ----------
    sought
        A regular expression that was searched for; what it matches is marked.
    rows
        The pairs of the list it is opened from, which can be walked through one by one.
    """
    pair_id = st.query_params.get("pair")
    if not pair_id:
        return
    with editing.curation(opened.run) as c:
        row = pair_rows.row_of(c.pairs, pair_id)
        if row is not None:
            pair = pair_rows.pair_row(c.pairs, row)
            bars = _bars(c, opened, row, pair["label"])
            reasons = c.reasons(pair_id)
            decision = c.decisions.get(pair_id, "")
            near = pair_rows.next_to(rows, row) if rows is not None else (None, None)
            ids = [None if one is None else c.pairs["pair_id"][one] for one in near]
    with st.container(border=True):
        if row is None:
            st.warning("There is no such pair in this run.")
            _close()
            return
        _bar(opened, pair_id, ids)
        pair_view.show(pair, remark=DECISIONS.get(decision, ""), sought=sought)
        st.subheader("Its features", anchor=False)
        if bars:
            st.altair_chart(pair_charts.pair_codes(bars))
        else:
            st.caption("No feature tells these responses apart.")
        st.subheader("The model's reasons", anchor=False)
        st.caption("What models that never saw this pair say of the source's label, in log odds.")
        pair_view.reasons(reasons)


def _bars(c: Curation, opened: Opened, row: int, label: float | None) -> list[pair_charts.CodeBar]:
    codes = pair_codes(c.facts, [feature.feature for feature in opened.heard], row)
    return pair_charts.code_bars(codes, opened.heard, label)


def _bar(opened: Opened, pair_id: str, near: list[str | None]) -> None:
    with components.line():
        for name, other, icon in zip(("Previous", "Next"), near, ("left", "right"), strict=True):
            if other is not None and st.button(
                f"{name} pair", icon=f":material/chevron_{icon}:", key=f"_{name}_{pair_id}"
            ):
                state.put("pair", other)
                st.rerun()
        for name, (action, icon) in ACTIONS.items():
            if st.button(name, icon=f":material/{icon}:", key=f"_one_{action}_{pair_id}"):
                _edit(opened, pair_id, name, action)
        for by, name in (("difference", "Differ alike"), ("responses", "Say alike")):
            if st.button(name, icon=":material/join_inner:", key=f"_like_{by}"):
                st.query_params.update({"like": pair_id, "by": by})
                state.forget("from")
                st.rerun()
        _close()


def _edit(opened: Opened, pair_id: str, name: str, action: str) -> None:
    editing.change(
        opened.run,
        lambda c: c.edit(pair_id, action),
        lambda edit: f"{name}: pair {pair_id}, edit {edit.number}.",
    )


def _close() -> None:
    if st.button("Close", icon=":material/close:", key="_close_pair", type="tertiary"):
        state.forget("pair")
        st.rerun()
