"""The map on Explore: where pairs differ, what its regions have in common, a part of it chosen."""

from __future__ import annotations

import streamlit as st

from wimhf.base import Floats32, Ints
from wimhf.curate import Curation
from wimhf.run import Region, map_regions, pair_map
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, editing, pair_charts, pair_rows
from wimhf.ui.app.chosen_run import Opened

Key = tuple[object, ...]


def source_key(opened: Opened) -> Key:
    """Return what is cached whatever people edit is known by."""
    return (str(opened.run.path), opened.stamp[0])


@st.cache_resource(max_entries=3, show_spinner="Drawing the map: once for this run")
def _places(key: Key, _opened: Opened) -> Floats32:
    return pair_map(_opened.run)


def show(opened: Opened, rows: Ints) -> Ints:
    """Draw pairs on the map; return those of them in the part that is chosen.

    Parameters
    ----------
    rows
        Of the pair table.
    """
    _draw(opened, rows)
    box = pair_rows.box_of(st.query_params.get("box"))
    return pair_rows.in_box(rows, _places(source_key(opened), opened), box)


def _draw(opened: Opened, rows: Ints) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    names = {"label": "the label"} | {
        str(feature.feature): f"{feature.feature} · {feature.label}" for feature in opened.features
    }
    wanted = st.query_params.get("colour", "label")
    st.session_state["_colour"] = wanted if wanted in names else "label"
    left.selectbox(
        "Coloured by", list(names), key="_colour", format_func=names.__getitem__,
        on_change=lambda: state.put("colour", st.session_state["_colour"], "label"),
    )  # fmt: skip
    box = st.query_params.get("box")
    if right.button("Whole map", icon=":material/select_all:", disabled=not box):
        state.forget("box")
        st.rerun()
    if not len(rows):
        return
    colour = st.session_state["_colour"]
    with editing.curation(opened.run) as c:
        colours = _colours(c, colour)
    points = pair_rows.map_rows(rows, _places(source_key(opened), opened), colours)
    st.altair_chart(
        pair_charts.pair_map(
            points, pair_rows.box_of(box), _regions(opened), by_feature=colour != "label",
            drawn=opened.run.facts("read")["sides_drawn"],
        ),
        key="_map", on_select=_boxed, selection_mode=[pair_charts.BRUSH],
    )  # fmt: skip
    st.caption(
        f"{len(points):,} of {len(rows):,} filtered pairs are drawn: each where its responses "
        "differ, in the two directions of most spread; the same pair with its sides exchanged lies "
        "opposite. The words on it say which response does what more often around them than "
        "elsewhere, chosen on one half of the prompts and proven on the other. Draw a box to keep "
        "the pairs in it."
    )


def _regions(opened: Opened) -> list[Region]:
    places = _places(source_key(opened), opened)
    return components.cached(opened, "regions", lambda: map_regions(opened.run, places))


def _colours(c: Curation, feature: str) -> list[str]:
    codes = None if feature == "label" else c.facts.code(int(feature))
    return pair_charts.map_words(c.pairs["label"], codes, drawn=c.facts.sides_drawn)


def _boxed() -> None:
    drawn = st.session_state["_map"]["selection"].get(pair_charts.BRUSH) or {}
    written = pair_rows.written_box(drawn)
    if written:
        state.put("box", written)
        state.forget("from")
