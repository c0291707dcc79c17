"""Curate: build a rule, see what it would change, apply it; the history of all that was done."""

from __future__ import annotations

import streamlit as st

from wimhf.curate import Preview, checked_words, edit_checked
from wimhf.errors import WimhfError
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import (
    components,
    editing,
    health_mends,
    held_out_panel,
    history_panel,
    pair_charts,
    pair_view,
    preview_rows,
    rule_check,
    rule_draft,
    rule_form,
)
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.rule_draft import Written
from wimhf.ui.words.figures import counted, plain, share
from wimhf.ui.words.unflagged import unflagged

TABS = ("Rule", "History", "Pairs kept apart")
EXAMPLE = '[[rule]]\nwhen = {feature = 0, rewarded = true}\nthen = "flip"\n'
SIGNS = {"new": ":orange-badge[new]", "stays": ":gray-badge[stays]", "gone": ":green-badge[gone]"}


def page() -> None:
    """Lay the page out."""
    opened = components.need_run()
    editing.head("Curate", opened)
    editing.show_done(opened.run)
    rule, past, apart = st.tabs(list(TABS), key="tab", bind="query-params", on_change="rerun")
    if rule.open:
        with rule:
            _rule(opened)
    if past.open:
        with past:
            history_panel.panel(opened)
    if apart.open:
        with apart:
            held_out_panel.panel(opened)


def _rule(opened: Opened) -> None:
    pasted = st.query_params.get("form") == "toml"
    with components.line():
        st.caption(
            "A rule says what becomes of the pairs it selects; nothing is written before you apply "
            "it.", width="stretch",
        )  # fmt: skip
        if st.button("Use the form" if pasted else "Write TOML", key="_form", type="tertiary"):
            state.put("form", None if pasted else "toml")
            st.rerun()
        if st.button("New rule", key="_new", type="tertiary", icon=":material/refresh:"):
            state.forget("rule", "form", "shown", "check", "skipped")
            st.rerun()
    rules = None if pasted else rule_form.build(opened)
    if rules is None:
        rules = _written()
    if rules:
        _asked(opened, rules)
    elif not pasted:
        health_mends.panel(opened)


def _asked(opened: Opened, rules: list[Written]) -> None:
    """Let rules be previewed and, once exactly these were, applied."""
    wanted = rule_draft.compact(rules)
    if not _count(opened, rules, wanted):
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    why = left.text_input("Why", key="_why", placeholder="Stands in the history and the card",
                          max_chars=300)  # fmt: skip
    anyway = right.toggle(
        "Anyway", key="anyway", bind="query-params",
        help="Also where it matches every pair, changes none or contradicts another rule",
    )  # fmt: skip
    mark = rule_draft.mark(wanted, _state_of(opened), anyway=anyway)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Preview", icon=":material/visibility:", key="_preview"):
            state.put("shown", mark)
        seen = st.query_params.get("shown") == mark
        pressed = st.button(
            "Apply", icon=":material/check:", type="primary", key="_apply", disabled=not seen,
            help=None if seen else "See first what it would change: preview it",
        )  # fmt: skip
        if not seen and st.query_params.get("shown"):
            st.caption("The rule or the run has changed since the preview: preview it again.")
    if not seen:
        return
    if pressed:
        with editing.attempt():
            _apply(opened, rules, why, anyway=anyway)
    rule_check.panel(opened, rules, why)
    _preview(opened, rules, wanted, anyway=anyway)


def _state_of(opened: Opened) -> int:
    """Return what the state of the log is known by: how many edits it holds."""
    return len(opened.run.log.edits())


def _written() -> list[Written] | None:
    """Ask for rules as TOML; those of the URL stand there to begin with."""
    given = st.query_params.get("rule")
    if st.session_state.get("_toml_written", "") != given:
        st.session_state["_toml_stamp"] = st.session_state.get("_toml_stamp", 0) + 1
        st.session_state["_toml_written"] = given
    start = rule_draft.toml_of(rule_draft.read_compact(given)) if given else ""
    text = st.text_area(
        "Rules, as in a rules file", start, height=220, max_chars=100_000, placeholder=EXAMPLE,
        key=f"_toml_{st.session_state['_toml_stamp']}",
    )  # fmt: skip
    st.caption(
        "when takes feature, suspect, suspicion, text, regex, column, health, pair\\_ids, and "
        "all, any, not of others; then takes flip, tie, drop, restore, consensus, a label, a "
        "weight, prefer."
    )
    if not text.strip():
        return []
    try:
        rules = rule_draft.read_toml(text)
    except WimhfError as error:
        components.failure(error)
        return None
    written = rule_draft.compact(rules[0] if len(rules) == 1 else rules)
    if len(written) <= rule_draft.LONGEST:
        st.query_params["rule"] = st.session_state["_toml_written"] = written
    return rules


def _count(opened: Opened, rules: list[Written], wanted: str) -> bool:
    """Say at once how many pairs the rules select; return whether that can be told."""
    try:
        found = components.cached(opened, "selected", lambda: _selected(opened, rules), wanted)
    except WimhfError as error:
        st.info(plain(unflagged(str(error))), icon=":material/edit_note:")
        return False
    total = opened.run.facts("dictionary")["shape"][0]
    counts = ", ".join(f"{count:,}" for count in found)
    with components.line():
        st.markdown(f"Selects **{counts}** of {counted(total, 'pair')}", width="stretch")
        if len(rules) == 1:
            _look(rules[0].get("when"))
    return True


def _look(when: object) -> None:
    """Lead to the pairs that a condition selects, where Explore can ask the same."""
    if not isinstance(when, dict):
        return
    found = when.get("health")
    finding = found[0] if isinstance(found, list) and len(found) == 1 else found
    if "feature" in when:
        pages.link(
            "explore", "Look at them", icon=":material/search:", feature=when["feature"],
            rewarded=_rewarded(when), active=round(100 * when.get("quantile", 0)) or None,
        )  # fmt: skip
    elif isinstance(finding, str):
        pages.link("explore", "Look at them", icon=":material/search:", health=finding)


def _rewarded(when: Written) -> str | None:
    """Return which of Explore's filters asks the same of the label."""
    rewarded = when.get("rewarded")
    if rewarded is None:
        return None
    more = rewarded == (when.get("pole", "described") == "described")
    return "more of it preferred" if more else "less of it preferred"


def _selected(opened: Opened, rules: list[Written]) -> list[int]:
    with editing.curation(opened.run) as c:
        return [len(c.select(rule)) for rule in rules]


def _apply(opened: Opened, rules: list[Written], why: str, *, anyway: bool) -> None:
    with editing.curation(opened.run) as c:
        edits = c.apply(rules, why.strip(), anyway=anyway)
    numbers = ", ".join(str(edit.number) for edit in edits)
    reach = sum(len(edit.pair_ids) for edit in edits)
    checked = "".join(
        f" It was {words}." for one in edits if (words := checked_words(edit_checked(c.run, one)))
    )
    editing.remember(
        f"Applied as edit {numbers} to {counted(reach, 'pair')}.{checked}",
        edits[0].number if len(edits) == 1 else None,
    )
    state.forget("rule", "form", "shown", "check", "skipped")
    st.session_state.pop("_why", None)
    st.rerun()


# -- the preview -------------------------------------------------------------------------------


def _preview(opened: Opened, rules: list[Written], wanted: str, *, anyway: bool) -> None:
    preview = _previewed((*opened.key, wanted, anyway), opened, rules, anyway)
    st.header("What it would change", anchor=False)
    components.tiles(preview_rows.counts(preview))
    for overlap in preview_rows.overlaps(preview):
        st.caption(f":material/join_inner: {plain(overlap)}")
    st.subheader("Effects that move most", anchor=False)
    effects = preview_rows.effect_rows(preview)
    if effects:
        st.altair_chart(pair_charts.moved(effects))
    else:
        st.caption("No effect can be estimated.")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Before and after", anchor=False)
        components.facts(preview_rows.figure_rows(preview), preview_rows.STATES)
    with right:
        st.subheader("Alerts", anchor=False)
        alerts = preview_rows.alert_rows(preview)
        if not alerts:
            st.caption("There is none, before or after.")
        for change, words in alerts:
            st.markdown(f"{SIGNS[change]} {plain(words)}")
    for title, pairs in preview_rows.example_groups(preview):
        st.subheader(title, anchor=False)
        for pair in pairs:
            chance = pair["support"]
            remark = "" if chance is None else f"supported with a chance of {share(chance)}"
            pair_view.show(preview_rows.becomes(pair), remark=remark)


@st.cache_resource(max_entries=6, show_spinner="Measuring what it would change")
def _previewed(
    key: tuple[object, ...], _opened: Opened, _rules: list[Written], _anyway: bool
) -> Preview:
    with editing.curation(_opened.run) as c:
        return c.preview(_rules, anyway=_anyway)


page()
