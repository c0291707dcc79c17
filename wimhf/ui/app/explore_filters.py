"""What Explore asks of pairs; the answers live in the URL."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from wimhf.base import json_value
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.pair_rows import (
    LABELS,
    PLACES,
    REWARDED,
    SEARCHES,
    STATES,
    Asked,
    columns_of,
    values_of,
)

ANY = "any feature"
SAMPLE = 200
"""Source rows that are looked at for their columns."""


def ask(opened: Opened) -> Asked:
    """Show the filters; return what is asked."""
    asked = _search()
    asked |= _feature(opened)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    asked |= _column(opened, left, middle)
    with right:
        asked |= _finding(opened)
    left, right = st.columns(2)
    labels = left.pills(
        "Label", list(LABELS), selection_mode="multi", key="labels", wrap=True,
        bind="query-params", on_change=_from_start,
    )  # fmt: skip
    states = right.pills(
        "Edits", list(STATES), selection_mode="multi", key="edits", wrap=True,
        bind="query-params", on_change=_from_start,
    )  # fmt: skip
    asked |= {"labels": list(labels or ()), "states": list(states or ())}
    return asked


def _from_start() -> None:
    """Begin at the table's first page again."""
    state.forget("from")


def _search() -> Asked:
    left, middle, right = st.columns([4, 1.3, 1.6], vertical_alignment="bottom")
    find = left.text_input(
        "Search", key="find", type="search", bind="query-params", on_change=_from_start,
        placeholder="Words, a regular expression, or something in your own words",
    )  # fmt: skip
    how = middle.selectbox(
        "By", list(SEARCHES), key="how", bind="query-params", on_change=_from_start,
        help="words as they stand; a regular expression; or the meaning, nearest responses first",
    )  # fmt: skip
    within = right.selectbox(
        "Where", list(PLACES), key="where", bind="query-params", on_change=_from_start,
        disabled=how == "meaning",
    )  # fmt: skip
    return {"find": find or "", "how": how, "within": PLACES.get(within or "", "any")}


def _feature(opened: Opened) -> Asked:
    names = {f.feature: f"{f.feature} · {f.label}" for f in opened.heard}
    wanted = state.number("feature", -1, least=-1)
    left, middle, right = st.columns([4, 1.6, 1.3], vertical_alignment="bottom")
    st.session_state["_feature"] = wanted if wanted in names else None
    feature = left.selectbox(
        "Feature", list(names), key="_feature", format_func=names.__getitem__, index=None,
        on_change=lambda: _chosen("feature"), placeholder=ANY,
    )  # fmt: skip
    rewarded = middle.selectbox(
        "Labels", list(REWARDED), key="rewarded", bind="query-params", disabled=feature is None,
        on_change=_from_start, help="Which response the source's label prefers",
    )  # fmt: skip
    active = right.slider(
        "At least as active as", 0, 95, step=5, format="%d%%", key="active", bind="query-params",
        disabled=feature is None, on_change=_from_start,
        help="of the pairs in which the feature is active",
    )  # fmt: skip
    return {
        "feature": feature, "quantile": active / 100, "rewarded": REWARDED.get(rewarded or ""),
    }  # fmt: skip


def _column(opened: Opened, left: DeltaGenerator, right: DeltaGenerator) -> Asked:
    names = source_columns(opened)
    if not names:
        return {}
    wanted = st.query_params.get("column")
    st.session_state["_column"] = wanted if wanted in names else None
    column = left.selectbox(
        "Column", names, key="_column", placeholder="any column", index=None,
        on_change=lambda: _chosen("column", "value"),
    )  # fmt: skip
    if column is None:
        right.selectbox("Value", [], placeholder="any value", disabled=True, key="_no_value")
        return {}
    known = values(opened, column)
    now = st.query_params.get("value")
    st.session_state["_value"] = now or None
    value = right.selectbox(
        "Value", known if now in known or not now else [now, *known], key="_value", index=None,
        placeholder="any value", accept_new_options=True, on_change=lambda: _chosen("value"),
    )  # fmt: skip
    return {"column": column, "value": value}


def _finding(opened: Opened) -> Asked:
    """Ask for a finding about the data, where one has pairs."""
    titles = finding_titles(opened)
    wanted = st.query_params.get("health")
    if not titles and not wanted:
        return {}
    known = titles if wanted is None or wanted in titles else {wanted: wanted, **titles}
    st.session_state["_health"] = wanted
    chosen = st.selectbox(
        "Finding about the data", list(known), key="_health", format_func=known.__getitem__,
        index=None, placeholder="any pair", on_change=lambda: _chosen("health"),
    )  # fmt: skip
    return {"health": chosen}


def finding_titles(opened: Opened) -> dict[str, str]:
    """Return the titles of the findings that concern single pairs, by their ids."""

    def read() -> dict[str, str]:
        found = set(opened.run.table("health_pairs.parquet")["item"].unique().to_list())
        groups = opened.run.folder.read_json("health.json")["groups"].values()
        checks = (check for group in groups for check in group)
        return {check["id"]: check["title"] for check in checks if check["id"] in found}

    return components.cached(opened, "findings", read)


def _chosen(name: str, *void: str) -> None:
    """Write what was chosen into the URL; ``void`` means nothing any more."""
    value = st.session_state[f"_{name}"]
    state.forget("from", name, *void)
    if value is not None:
        st.query_params[name] = str(value)


def source_columns(opened: Opened) -> list[str]:
    """Return the columns by which pairs can be chosen."""
    return components.cached(opened, "columns", lambda: _columns(opened))


def values(opened: Opened, column: str) -> list[str]:
    """Return a column's values, the most frequent first."""
    return components.cached(opened, "values", lambda: _values(opened, column), column)


def _columns(opened: Opened) -> list[str]:
    table = opened.run.folder.scan_table("source.parquet").select("row").head(SAMPLE).collect()
    names = {name for text in table["row"] for name in _names(text)}
    with editing.curation(opened.run) as c:
        return columns_of(c.pairs, names)


def _names(text: str) -> list[str]:
    """Return the columns of an untouched source row, none where it is no table's row."""
    row = json_value(text)
    return list(row) if isinstance(row, dict) else []


def _values(opened: Opened, column: str) -> list[str]:
    with editing.curation(opened.run) as c:
        return values_of(c.facts.column(column))
