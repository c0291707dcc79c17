"""Explore: search and filter all pairs, see them on a map, open one, try a pair of your own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import streamlit as st

from wimhf.base import Ints
from wimhf.curate import Curation
from wimhf.run import alike, encoder_of, near_text, pair_map, try_pair
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, explore_filters, opened_pair
from wimhf.ui.app import editing as curating
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import pair_charts as explore_charts
from wimhf.ui.app import pair_rows as pair_tables
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    curating.head("Explore", opened)
    curating.said(opened.run)
    asked = explore_filters.ask(opened)
    rows = _filtered(opened, asked)
    likeness = _likeness(opened, asked)
    if st.toggle("Map of the pairs", key="map", bind="query-params"):
        _map(opened, rows)
        box = pair_tables.box_of(st.query_params.get("box"))
        rows = pair_tables.in_box(rows, _places(opened), box)
    rows = pair_tables.by_likeness(rows, likeness)
    opened_pair.show(opened)
    _table(opened, asked, rows, likeness)
    _own_pair(opened)


# -- which pairs -------------------------------------------------------------------------------


def _filtered(opened: Opened, asked: dict[str, Any]) -> Ints:
    wanted = json.dumps(asked, sort_keys=True, default=str)
    return _rows((*opened.key, wanted), opened, asked)


@st.cache_resource(max_entries=16, show_spinner=False)
def _rows(key: Any, _opened: Opened, _asked: dict[str, Any]) -> Ints:
    when = pair_tables.condition_of(_asked)
    with curating.curation(_opened.run) as c:
        chosen = None
        if when is not None:
            chosen = c.select({"when": when, "then": "restore"})["pair_id"].to_list()
        return pair_tables.rows_of(c.pairs, chosen, _asked["labels"], _asked["states"])


def _likeness(opened: Opened, asked: dict[str, Any]) -> Any:
    """Return how like what is searched for every pair is (n,); None where nothing is."""
    like, by = st.query_params.get("like"), st.query_params.get("by", "difference")
    words = (asked["find"] or "").strip() if asked["how"] == "meaning" else ""
    if like:
        with curating.curation(opened.run) as c:
            row = pair_tables.row_of(c.pairs, like)
        _like_bar(like if row is not None else None, by)
        if row is not None and by in ("difference", "responses"):
            return _alike((*opened.key[:1], opened.stamp[0], row, by), opened, row, by)
    if words:
        with curating.attempt(), st.spinner("Reading what the words mean"):
            return _near((*opened.key[:1], opened.stamp[0], words), opened, words)
    return None


@st.cache_resource(max_entries=8, show_spinner="Comparing with every pair")
def _alike(key: Any, _opened: Opened, _row: int, _by: str) -> Any:
    return alike(_opened.run, _row, _by)


@st.cache_resource(max_entries=8, show_spinner=False)
def _near(key: Any, _opened: Opened, _words: str) -> Any:
    return near_text(_opened.run, _words, _encoder(key[:2], _opened))


@st.cache_resource(max_entries=1, show_spinner="Loading the encoder")
def _encoder(key: Any, _opened: Opened) -> Any:
    return encoder_of(_opened.run, None)


def _like_bar(pair_id: str | None, by: str) -> None:
    told = "whose responses differ alike" if by == "difference" else "whose responses say alike"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if pair_id is None:
            st.warning("The pair to compare with is not in this run.", width="stretch")
        else:
            st.markdown(f"Pairs {told} as in pair `{plain(pair_id)}` come first.", width="stretch")
        if st.button("In the usual order", icon=":material/close:", key="_unlike"):
            for name in ("like", "by", "from"):
                st.query_params.pop(name, None)
            st.rerun()


# -- the map -----------------------------------------------------------------------------------


def _places(opened: Opened) -> Any:
    return _map_of((*opened.key[:1], opened.stamp[0]), opened)


@st.cache_resource(max_entries=3, show_spinner="Drawing the map: once for this run")
def _map_of(key: Any, _opened: Opened) -> Any:
    return pair_map(_opened.run)


def _map(opened: Opened, rows: Ints) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    names = {"label": "the label"} | {
        str(row["feature"]): f"{row['feature']} · {row['label']}" for row in opened.rows
    }
    wanted = st.query_params.get("colour", "label")
    st.session_state["_colour"] = wanted if wanted in names else "label"
    left.selectbox(
        "Coloured by", list(names), key="_colour", format_func=names.__getitem__,
        on_change=lambda: _put("colour", st.session_state["_colour"], "label"),
    )  # fmt: skip
    box = st.query_params.get("box")
    if right.button("Whole map", icon=":material/select_all:", disabled=not box):
        st.query_params.pop("box", None)
        st.rerun()
    if not len(rows):
        return
    feature, places = st.session_state["_colour"], _places(opened)
    with curating.curation(opened.run) as c:
        points = pair_tables.map_rows(rows, places, _colours(c, feature))
    st.altair_chart(
        explore_charts.pair_map(points, pair_tables.box_of(box), by_feature=feature != "label"),
        key="_map", on_select=_boxed, selection_mode=[explore_charts.BRUSH],
    )  # fmt: skip
    st.caption(
        f"{len(points):,} of {len(rows):,} filtered pairs are drawn: each where its responses "
        "differ, in the two directions of most spread; the same pair with its sides exchanged lies "
        "opposite. Draw a box to keep the pairs in it."
    )


def _colours(c: Curation, feature: str) -> Any:
    if feature == "label":
        return [pair_tables.label_word(label) for label in c.pairs["label"].to_list()]
    try:
        return np.sign(c.facts.code(int(feature)))
    except ValueError:
        return np.zeros(len(c.pairs))


def _boxed() -> None:
    drawn = st.session_state["_map"]["selection"].get(explore_charts.BRUSH) or {}
    written = pair_tables.written_box(drawn)
    if written:
        st.query_params["box"] = written
        st.query_params.pop("from", None)


def _put(name: str, value: Any, default: Any = None) -> None:
    """Write a value into the URL, or take it out where it is what is meant anyway."""
    if value in (None, "", default):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)


# -- the table ---------------------------------------------------------------------------------


def _table(opened: Opened, asked: dict[str, Any], rows: Ints, likeness: Any) -> None:
    with curating.curation(opened.run) as c:
        total = len(c.pairs)
        start = min(state.number("from", 0), max(len(rows) - 1, 0))
        chosen = rows[start : start + pair_tables.SHOWN]
        table = pair_tables.shown_table(c.pairs, chosen, likeness)
        ids = c.pairs["pair_id"].gather(chosen).to_list()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = f", from number {start + 1:,}" if start else ""
        st.caption(
            f"{len(chosen):,} displayed of {len(rows):,} filtered ({total:,} total){told}",
            width="stretch",
        )
        _paging(start, len(rows))
        when = pair_tables.condition_of(asked)
        if when is not None:
            rule = json.dumps({"when": when, "then": "flip"}, separators=(",", ":"))
            pages.link("curate", "Make a rule of this", icon=":material/rule:", rule=rule)
    if not ids:
        components.empty("No pair passes", "Take a filter away, or search for something else.")
        return
    st.dataframe(
        table.to_pandas(), hide_index=True, height=min(39 + 66 * len(ids), 720), row_height=66,
        selection_mode=["single-row", "single-cell"], key="_pairs", column_config=_columns(),
        on_select=lambda: _open(ids), placeholder="–",
    )  # fmt: skip


def _paging(start: int, count: int) -> None:
    page = pair_tables.SHOWN
    for label, to, icon, off in (
        ("Before", max(start - page, 0), "chevron_left", start == 0),
        ("Next", start + page, "chevron_right", start + page >= count),
    ):
        if (not off or count > page) and st.button(
            label, icon=f":material/{icon}:", disabled=off, key=f"_to_{label}", type="tertiary"
        ):
            _put("from", to, 0)
            st.rerun()


def _open(ids: list[str]) -> None:
    chosen = st.session_state["_pairs"]["selection"]
    at = chosen["rows"][0] if chosen["rows"] else chosen["cells"][0][0] if chosen["cells"] else None
    if at is not None and at < len(ids):
        st.query_params["pair"] = ids[at]


def _columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "Likeness": st.column_config.NumberColumn(format="%.2f", width=76),
        "Prompt": text(width=240), "Response A": text(width=270), "Response B": text(width=270),
        "Label": text(width=130), "Edits": text(width=150),
    }  # fmt: skip


# -- a pair of one's own -------------------------------------------------------------------------


def _own_pair(opened: Opened) -> None:
    with st.expander("Try a pair of your own", icon=":material/science:"):
        with st.form("own_pair", border=False):
            prompt = st.text_area("Prompt", height=80)
            left, right = st.columns(2)
            a = left.text_area("Response A", height=140)
            b = right.text_area("Response B", height=140)
            asked = st.form_submit_button("See its features", icon=":material/search:")
        if not asked:
            st.caption("Nothing of it is kept.")
            return
        with curating.attempt():
            _tried(opened, prompt, a, b)


def _tried(opened: Opened, prompt: str, a: str, b: str) -> None:
    with st.spinner("Reading the pair"):
        encoder = _encoder((str(opened.run.path), opened.stamp[0]), opened)
        with curating.alone(opened.run) as shared:
            found = try_pair(shared.run, prompt, a, b, encoder).features
    if found.is_empty():
        st.info("No feature tells these responses apart.")
        return
    st.altair_chart(explore_charts.tried(found.to_dicts()))
    st.caption(
        "Length of a bar: at least as strong as in so many per cent of the run's pairs in which "
        "the feature is active."
    )


page()
