"""Explore: search and filter all pairs, see them on a map, open one, try a pair of your own."""

from __future__ import annotations

import json

import numpy as np
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from wimhf.base import Floats, Floats32, Ints
from wimhf.learn import Encoder
from wimhf.run import Tried, alike, encoder_of, near_text, try_pair
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import (
    components,
    editing,
    explore_filters,
    explore_map,
    opened_pair,
    pair_charts,
    pair_rows,
)
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.pair_rows import Asked
from wimhf.ui.words.figures import plain
from wimhf.ui.words.hits import sought_pattern
from wimhf.ui.words.nearness import nearness
from wimhf.ui.words.picked import picked_parts, picked_sentences

Key = tuple[object, ...]


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Explore", opened)
    editing.show_done(opened.run)
    asked = explore_filters.ask(opened)
    rows = _filtered(opened, asked)
    likeness, code = _likeness(opened, asked), _code(opened, asked)
    if st.toggle("Map of the pairs", key="map", bind="query-params"):
        rows = explore_map.show(opened, rows)
    size = np.abs(code) if likeness is None and code is not None else likeness
    rows = pair_rows.by_size(rows, size)
    sought = sought_pattern(asked.get("find") or "", asked.get("how"))
    opened_pair.show(opened, sought, rows)
    _table(opened, asked, rows, likeness, code)
    _own_pair(opened)


# -- which pairs -------------------------------------------------------------------------------


def _filtered(opened: Opened, asked: Asked) -> Ints:
    wanted = json.dumps(asked, sort_keys=True, default=str)
    return _rows((*opened.key, wanted), opened, asked)


@st.cache_resource(max_entries=16, show_spinner=False)
def _rows(key: Key, _opened: Opened, _asked: Asked) -> Ints:
    when = pair_rows.condition_of(_asked)
    with editing.curation(_opened.run) as c:
        chosen = None
        if when is not None:
            chosen = c.select({"when": when, "then": "restore"})["pair_id"].to_list()
        return pair_rows.rows_of(c.pairs, chosen, _asked["labels"], _asked["states"])


def _likeness(opened: Opened, asked: Asked) -> Floats32 | None:
    """Return how like what is searched for every pair is (n,); None where nothing is."""
    like, by = st.query_params.get("like"), st.query_params.get("by", "difference")
    words = asked["find"].strip() if asked["how"] == "meaning" else ""
    if like:
        with editing.curation(opened.run) as c:
            row = pair_rows.row_of(c.pairs, like)
        _like_bar(like if row is not None else None, by)
        if row is not None and by in ("difference", "responses"):
            return _alike((*explore_map.source_key(opened), row, by), opened, row, by)
    if words:
        with editing.attempt(), st.spinner("Reading what the words mean"):
            return _near((*explore_map.source_key(opened), words), opened, words)
    return None


def _code(opened: Opened, asked: Asked) -> Floats | None:
    """Return the code (n,) of the feature that is chosen; None where none is."""
    number = asked.get("feature")
    if number is None:
        return None
    with editing.curation(opened.run) as c:
        return c.facts.code(number)


@st.cache_resource(max_entries=8, show_spinner="Comparing with every pair")
def _alike(key: Key, _opened: Opened, _row: int, _by: str) -> Floats32:
    return alike(_opened.run, _row, _by)


@st.cache_resource(max_entries=8, show_spinner=False)
def _near(key: Key, _opened: Opened, _words: str) -> Floats32:
    return near_text(_opened.run, _words, _encoder(explore_map.source_key(_opened), _opened))


@st.cache_resource(max_entries=1, show_spinner="Loading the encoder")
def _encoder(key: Key, _opened: Opened) -> Encoder:
    return encoder_of(_opened.run, None)


def _like_bar(pair_id: str | None, by: str) -> None:
    alike = "whose responses differ alike" if by == "difference" else "whose responses say alike"
    with components.line():
        if pair_id is None:
            st.warning("The pair to compare with is not in this run.", width="stretch")
        else:
            st.markdown(f"Pairs {alike} as in pair `{plain(pair_id)}` come first.", width="stretch")
        if st.button("In the usual order", icon=":material/close:", key="_unlike"):
            state.forget("like", "by", "from")
            st.rerun()


# -- the table ---------------------------------------------------------------------------------


def _table(
    opened: Opened, asked: Asked, rows: Ints, likeness: Floats32 | None, code: Floats | None
) -> None:
    start = min(state.number("from", 0), max(len(rows) - 1, 0))
    chosen = rows[start : start + pair_rows.SHOWN]
    with editing.curation(opened.run) as c:
        total = len(c.pairs)
        table = pair_rows.shown_table(c.pairs, chosen, likeness, code)
        ids = c.pairs["pair_id"].gather(chosen).to_list()
    with components.line():
        place = f", from number {start + 1:,}" if start else ""
        st.caption(
            f"{len(chosen):,} displayed of {len(rows):,} filtered ({total:,} total){place}"
            + (", strongest first" if code is not None and likeness is None else ""),
            width="stretch",
        )
        _paging(start, len(rows))
        when = pair_rows.condition_of(asked)
        if when is not None:
            rule = json.dumps({"when": when, "then": "flip"}, separators=(",", ":"))
            pages.link("curate", "Make a rule of this", icon=":material/rule:", rule=rule)
    if likeness is not None and len(rows):
        st.caption(plain(nearness(likeness, rows)))
    if not ids:
        components.empty("No pair passes", "Take a filter away, or search for something else.")
        return
    st.dataframe(
        table.to_pandas(), hide_index=True, height=min(39 + 66 * len(ids), 720), row_height=66,
        selection_mode=["single-row", "single-cell"], key="_pairs",
        on_select=lambda: _open(ids), placeholder="–",
        column_config=_columns(),
    )  # fmt: skip


def _columns() -> dict[str, ColumnConfig]:
    text = st.column_config.TextColumn
    return {
        "Likeness": st.column_config.NumberColumn(format="%.2f", width=76),
        "Activation": st.column_config.NumberColumn(
            format="%.2f", width=80, help="How strongly the feature tells the responses apart"
        ),
        "More of it": text(width=80, help="Which response has more of the feature"),
        "Prompt": text(width=240), "Response A": text(width=270),
        "Response B": text(width=270), "Label": text(width=130), "Edits": text(width=150),
    }  # fmt: skip


def _paging(start: int, count: int) -> None:
    page = pair_rows.SHOWN
    for label, to, icon, off in (
        ("Previous", max(start - page, 0), "chevron_left", start == 0),
        ("Next", start + page, "chevron_right", start + page >= count),
    ):
        if (not off or count > page) and st.button(
            label, icon=f":material/{icon}:", disabled=off, key=f"_to_{label}", type="tertiary"
        ):
            state.put("from", to, 0)
            st.rerun()


def _open(ids: list[str]) -> None:
    at = components.clicked_row(st.session_state["_pairs"])
    if at is not None and at < len(ids):
        state.put("pair", ids[at])


# -- a pair of one's own -------------------------------------------------------------------------


def _own_pair(opened: Opened) -> None:
    with st.expander("Try a pair of your own", icon=":material/science:"):
        with st.form("own_pair", border=False):
            prompt = st.text_area("Prompt", height=80)
            left, right = st.columns(2)
            a = left.text_area("Response A", height=140)
            b = right.text_area("Response B", height=140)
            asked = st.form_submit_button("See which they would pick", icon=":material/search:")
        if not asked:
            st.caption("Nothing of it is kept.")
            return
        with editing.attempt():
            _tried(opened, prompt, a, b)


def _tried(opened: Opened, prompt: str, a: str, b: str) -> None:
    with st.spinner("Reading the pair"):
        encoder = _encoder(explore_map.source_key(opened), opened)
        with editing.alone(opened.run) as shared:
            tried = try_pair(shared.run, prompt, a, b, encoder)
    _picked(opened, tried)
    if tried.features.is_empty():
        st.info("No feature tells these responses apart.")
        return
    st.altair_chart(pair_charts.tried(tried.features))
    st.caption(
        "Length of a bar: at least as strong as in so many per cent of the run's pairs in which "
        "the feature is active."
    )


def _picked(opened: Opened, tried: Tried) -> None:
    """Say which response the labels would pick, and by which findings."""
    edited = " Of the source's labels, without the edits." if opened.run.edited else ""
    for said in picked_sentences(tried.picked):
        st.markdown(f"**{plain(said)}**{edited}")
    rows = [] if tried.picked is None else picked_parts(tried.picked)
    if rows:
        components.facts(rows, ("Has more of it", "Counts for", "Log odds"))


page()
