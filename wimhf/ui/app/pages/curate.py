"""Curate: build a rule, see what it would change, apply it; the history of all that was done."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from wimhf.curate import Preview
from wimhf.errors import WimhfError
from wimhf.ui.app import components, pair_view, rule_form
from wimhf.ui.app import editing as curating
from wimhf.ui.app import history_panel as history
from wimhf.ui.app import page_list as pages
from wimhf.ui.app import pair_charts as explore_charts
from wimhf.ui.app import preview_rows as foreseen
from wimhf.ui.app import rule_draft as drafting
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain

Row = dict[str, Any]
TABS = ("Rule", "History")
EXAMPLE = '[[rule]]\nwhen = {feature = 0, rewarded = true}\nthen = "flip"\n'
SIGNS = {"new": ":orange-badge[new]", "stays": ":gray-badge[stays]", "gone": ":green-badge[gone]"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    curating.head("Curate", opened)
    curating.said(opened.run)
    rule, past = st.tabs(list(TABS), key="tab", bind="query-params", on_change="rerun")
    if rule.open:
        with rule:
            _rule(opened)
    if past.open:
        with past:
            history.panel(opened)


def _rule(opened: Opened) -> None:
    pasted = st.query_params.get("form") == "toml"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "A rule says what becomes of the pairs it selects; nothing is written before you apply "
            "it.", width="stretch",
        )  # fmt: skip
        if st.button("Use the form" if pasted else "Write TOML", key="_form", type="tertiary"):
            st.query_params.pop("form", None)
            if not pasted:
                st.query_params["form"] = "toml"
            st.rerun()
        if st.button("New rule", key="_new", type="tertiary", icon=":material/refresh:"):
            for name in ("rule", "form", "shown"):
                st.query_params.pop(name, None)
            st.rerun()
    rules = None if pasted else rule_form.build(opened)
    if rules is None:
        rules = _written()
    if not rules:
        return
    wanted = drafting.compact(rules)
    _count(opened, rules, wanted)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    why = left.text_input("Why", key="_why", placeholder="Stands in the history and the card",
                          max_chars=300)  # fmt: skip
    anyway = right.toggle(
        "Anyway", key="anyway", bind="query-params",
        help="Also where it matches every pair, changes none or contradicts another rule",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        if st.button("Preview", icon=":material/visibility:", key="_preview"):
            st.query_params["shown"] = _mark(wanted)
        if st.button("Apply", icon=":material/check:", type="primary", key="_apply"):
            with curating.attempt():
                _apply(opened, rules, why, anyway=anyway)
    if st.query_params.get("shown") == _mark(wanted):
        _preview(opened, rules, wanted, anyway=anyway)


def _mark(wanted: str) -> str:
    """Return a short name of a rule, by which the URL says that it is previewed."""
    return hashlib.sha256(wanted.encode()).hexdigest()[:8]


def _written() -> list[Row] | None:
    """Ask for rules as TOML; those of the URL stand there to begin with."""
    given = st.query_params.get("rule")
    if st.session_state.get("_toml_written", "") != given:
        st.session_state["_toml_stamp"] = st.session_state.get("_toml_stamp", 0) + 1
        st.session_state["_toml_written"] = given
    start = drafting.toml_of(drafting.read_compact(given)) if given else EXAMPLE
    text = st.text_area(
        "Rules, as in a rules file", start, height=220, max_chars=100_000,
        key=f"_toml_{st.session_state['_toml_stamp']}",
    )  # fmt: skip
    st.caption(
        "when takes feature, suspect, suspicion, text, regex, column, health, pair\\_ids, and "
        "all, any, not of others; then takes flip, tie, drop, restore, a label, a weight, prefer."
    )
    try:
        rules = drafting.read_toml(text)
    except WimhfError as error:
        components.failure(error)
        return None
    written = drafting.compact(rules[0] if len(rules) == 1 else rules)
    if len(written) <= drafting.LONGEST:
        st.query_params["rule"] = st.session_state["_toml_written"] = written
    return rules


def _count(opened: Opened, rules: list[Row], wanted: str) -> None:
    """Say at once how many pairs the rules select."""
    try:
        counted = components.cached(opened, "selected", lambda: _selected(opened, rules), wanted)
    except WimhfError as error:
        st.info(plain(str(error)), icon=":material/edit_note:")
        return
    total = opened.run.facts("dictionary")["shape"][0]
    told = ", ".join(f"{count:,}" for count in counted)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"Selects **{told}** of {total:,} pairs", width="stretch")
        when = rules[0].get("when")
        if isinstance(when, dict) and "feature" in when and len(rules) == 1:
            quantile = when.get("quantile", 0)
            pages.link(
                "explore", "Look at them", icon=":material/search:", feature=when["feature"],
                rewarded=_told_rewarded(when), active=round(100 * quantile) or None,
            )  # fmt: skip


def _told_rewarded(when: Row) -> str | None:
    rewarded = when.get("rewarded")
    if rewarded is None:
        return None
    more = rewarded == (when.get("pole", "described") == "described")
    return "more of it preferred" if more else "less of it preferred"


def _selected(opened: Opened, rules: list[Row]) -> list[int]:
    with curating.curation(opened.run) as c:
        return [len(c.select(rule)) for rule in rules]


def _apply(opened: Opened, rules: list[Row], why: str, *, anyway: bool) -> None:
    with curating.curation(opened.run) as c:
        edits = c.apply(rules, why.strip(), anyway=anyway)
    numbers = ", ".join(str(edit.number) for edit in edits)
    reach = sum(len(edit.pair_ids) for edit in edits)
    curating.done(
        f"Applied as edit {numbers} to {reach:,} pairs.",
        edits[0].number if len(edits) == 1 else None,
    )
    for name in ("rule", "form", "shown"):
        st.query_params.pop(name, None)
    st.session_state.pop("_why", None)
    st.rerun()


# -- the preview -------------------------------------------------------------------------------


def _preview(opened: Opened, rules: list[Row], wanted: str, *, anyway: bool) -> None:
    found: Preview = _foreseen((*opened.key, wanted, anyway), opened, rules, anyway)
    st.header("What it would change", anchor=False)
    components.tiles(foreseen.counts(found))
    for told in foreseen.overlaps(found):
        st.caption(f":material/join_inner: {plain(told)}")
    st.subheader("Effects that move most", anchor=False)
    rows = foreseen.effect_rows(found)
    if rows:
        st.altair_chart(explore_charts.moved(rows))
    else:
        st.caption("No effect can be estimated.")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Before and after", anchor=False)
        st.html(foreseen.figures_html(foreseen.figure_rows(found)))
    with right:
        st.subheader("Alerts", anchor=False)
        alerts = foreseen.alert_rows(found)
        if not alerts:
            st.caption("There is none, before or after.")
        for what, told in alerts:
            st.markdown(f"{SIGNS[what]} {plain(told)}")
    for title, rows in foreseen.example_groups(found):
        st.subheader(title, anchor=False)
        for row in rows:
            chance = row["support"]
            told = "" if chance is None else f"supported with a chance of {100 * chance:.0f}%"
            pair_view.show(foreseen.becomes(row), told=told)


@st.cache_resource(max_entries=6, show_spinner="Measuring what it would change")
def _foreseen(key: Any, _opened: Opened, _rules: list[Row], _anyway: bool) -> Preview:
    with curating.curation(_opened.run) as c:
        return c.preview(_rules, anyway=_anyway)


page()
