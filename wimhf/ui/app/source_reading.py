"""How a source is to be read: its format and columns, and what its labels and roles mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from wimhf.base import MEANINGS, PAIRINGS, ROLES, ReadConfig, setting
from wimhf.data import FORMATS
from wimhf.errors import WimhfError
from wimhf.pipeline import Look, source_columns
from wimhf.ui.app import components, intake
from wimhf.ui.words.figures import plain

Asked = Mapping[str, Mapping[str, int]]
"""Codes of labels and names of roles that are not understood, with their counts, by setting."""
CHOICES = {"label_map": MEANINGS, "roles": ROLES}
TITLES = {
    "label_map": "What do these labels mean?",
    "roles": "Who are these speakers?",
}
MOST = 12
"""Codes that are asked about."""


def reading(path: Path, token: str, before: ReadConfig) -> dict[str, Any]:
    """Ask how to read a source, where it does not say itself.

    Parameters
    ----------
    before
        What is in force where nothing is answered.
    """
    asked: Asked = st.session_state.get(_key(token), {})
    with st.expander(
        "Columns and format", icon=":material/view_column:", expanded=any(asked.values())
    ):
        names = {"auto": "detect it", **{f.name: f.expects for f in FORMATS}}
        format_ = st.selectbox(
            "Format", list(names), list(names).index(before.format),
            format_func=lambda name: f"{name}: {names[name]}", key=f"format_{token}",
        )  # fmt: skip
        columns = _columns(path, token, before.columns)
        pairs = setting("pairs")
        left, right = st.columns(2)
        which = left.selectbox(
            pairs.label, PAIRINGS, PAIRINGS.index(before.pairs), help=pairs.help,
            key=f"pairs_{token}",
        )  # fmt: skip
        label = right.text_input(
            setting("label").label, before.label or "", key=f"label_{token}",
            placeholder="all labels of a row together",
        )  # fmt: skip
        meant = {
            name: {**getattr(before, name), **_meanings(name, asked.get(name, {}), token)}
            for name in CHOICES
        }  # fmt: skip
    return {
        "format": format_, "columns": columns, "pairs": which, "label": label.strip() or None,
        **meant,
    }  # fmt: skip


def _columns(path: Path, token: str, before: Mapping[str, str]) -> dict[str, str]:
    st.caption("Which column of yours holds what; leave out what the format knows.")
    theirs = list(dict.fromkeys([*source_columns(path), *before.values()]))
    grid = st.columns(4)
    columns = {}
    for place, ours in enumerate(intake.COLUMNS):
        given = grid[place % 4].selectbox(
            ours,
            theirs,
            index=theirs.index(before[ours]) if ours in before else None,
            placeholder="as it is",
            key=f"column_{ours}_{token}",
        )
        if given is not None and given != ours:
            columns[ours] = given
    return columns


def _meanings(name: str, codes: Mapping[str, int], token: str) -> dict[str, str]:
    """Ask what each code means; return those that are answered."""
    if not codes:
        return {}
    st.caption(TITLES[name])
    grid = st.columns(4)
    given = {}
    for place, (code, count) in enumerate(list(codes.items())[:MOST]):
        meaning = grid[place % 4].selectbox(
            f"{plain(code)} ({count:,})", CHOICES[name], index=None, placeholder="not said",
            key=f"{name}_{code}_{token}",
        )  # fmt: skip
        if meaning is not None:
            given[code] = meaning
    return given


def not_read(error: WimhfError, token: str) -> None:
    """Show why a source is not read, what it looks like, and ask what its labels mean."""
    if _remembered(error.asks, token):
        st.rerun()
    components.failure(error)
    if error.screen:
        st.code("\n".join(error.screen), language=None)
    st.caption("Say above which format it is, which columns hold what, or what its labels mean.")


def noted(look: Look, token: str) -> None:
    """Say which columns are not read, and ask about labels and roles that are not understood."""
    notes = look.inspection.source.notes
    unknown = dict(notes.remarks.get("unknown role", {})) | dict(notes.roles)
    if _remembered({"label_map": notes.codes, "roles": unknown}, token):
        st.rerun()
    if notes.unread:
        st.caption(f"Columns not read: {plain(', '.join(notes.unread))}.")


def _remembered(asks: Asked, token: str) -> bool:
    """Keep what is to be asked; say whether any of it is new."""
    known: dict[str, dict[str, int]] = st.session_state.setdefault(_key(token), {})
    new = False
    for name, codes in asks.items():
        before = known.setdefault(name, {})
        fresh = {code: n for code, n in list(codes.items())[:MOST] if code not in before}
        before.update(fresh)
        new = new or bool(fresh)
    return new


def _key(token: str) -> str:
    return f"_asked_{token}"
