"""How many of a rule's pairs truly fit, beside its preview: by keyboard, before it is applied."""

from __future__ import annotations

import streamlit as st

from wimhf.curate import (
    RuleCheck,
    RuleChecked,
    checked_words,
    record_rule_check,
    rule_answers,
    rule_checked,
    sample_rule,
)
from wimhf.ui.app import check_keys, components, editing, safe_html
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app.check_keys import Asking
from wimhf.ui.app.check_queue import key_of, queue_of
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.rule_draft import Written, compact
from wimhf.ui.words.checks import rule_question
from wimhf.ui.words.figures import plain

SIZES = (20, 50, 100)
"""Pairs that are asked about, at most."""


def panel(opened: Opened, rules: list[Written], why: str) -> None:
    """Say what people found of a rule's pairs, and ask about more of them."""
    with editing.attempt(), st.container(border=True, key="checked"):
        st.subheader("Do its pairs truly fit?", anchor=False)
        rule = _with_reason(_chosen(rules), why)
        checked = _checked(opened, rule)
        if checked is not None:
            said = checked_words(checked)
            st.markdown(f"**{plain(said[0].upper() + said[1:])}**")
        if st.query_params.get("check") != "1":
            _invite(checked)
            return
        with components.line():
            size = st.selectbox(
                "Pairs", SIZES, key="_check_size", width=160, label_visibility="collapsed",
                format_func=lambda n: f"{n} pairs",
            )  # fmt: skip
            if st.button("Close", icon=":material/close:", key="_check_close", type="tertiary"):
                state.forget("check", "skipped")
                st.rerun()
        _ask(opened, rule, size)


def _chosen(rules: list[Written]) -> Written:
    """Return the rule that is checked: of several the one that is chosen."""
    if len(rules) == 1:
        return rules[0]
    names = [str(rule.get("name") or f"rule {n}") for n, rule in enumerate(rules, start=1)]
    at = st.selectbox("Rule", range(len(rules)), format_func=names.__getitem__, key="_check_rule")
    return rules[at]


def _with_reason(rule: Written, why: str) -> Written:
    return rule if rule.get("why") or not why.strip() else {**rule, "why": why.strip()}


def _checked(opened: Opened, rule: Written) -> RuleChecked | None:
    with editing.curation(opened.run) as c:
        return rule_checked(c.state, rule)


def _invite(checked: RuleChecked | None) -> None:
    if checked is None:
        st.caption(
            "Nobody has looked yet. Answer yes or no to a few pairs drawn from those it selects; "
            "the answer stands in the change card. No label is changed by it."
        )
    if st.button("Check pairs by hand", icon=":material/fact_check:", key="_check_open"):
        state.put("check", 1)
        st.rerun()


def _sampled(opened: Opened, rule: Written, size: int) -> list[RuleCheck]:
    with editing.curation(opened.run) as c:
        return sample_rule(c.state, rule, size)


def _ask(opened: Opened, rule: Written, size: int) -> None:
    sample = components.cached(
        opened, "rule_sample", lambda: _sampled(opened, rule, size), compact(rule), size
    )
    pairs = {key_of(one): one for one in sample}
    head = sample[0]
    asking = Asking(
        f"{head.stamp} {head.reason}", "it fits", "it does not", rule_answers(opened.run, head),
        lambda key, said: record_rule_check(opened.run, pairs[key], said, editing.who()),
        editing.may_write(opened.run),
    )  # fmt: skip
    queue = queue_of(
        sample, asking.standing, asking.again,
        with_skipped=st.query_params.get("skipped") == "1",
    )  # fmt: skip
    if queue.at is None:
        check_keys.at_the_end(asking, queue.skipped)
        return
    at, done = queue.at, queue.answered[head.kind]
    skipped = f" · {queue.skipped} skipped" if queue.skipped else ""
    text = f"{done} of {len(sample)} pairs, drawn with seed {opened.run.config.seed}{skipped}"
    st.progress(done / len(sample), text=text)
    st.markdown(f"**{plain(rule_question(at.reason))}**")
    check_keys.buttons(asking, key_of(at))
    turns = opened.run.pair_table.row(at.row, named=True).get("turns")
    asked = safe_html.prompt(at.prompt, turns)
    titles = (at.titles[0].capitalize(), at.titles[1].capitalize())
    st.html(safe_html.blind_html(asked, titles, (at.first, at.second), formatted=True))
    st.caption(f"pair `{at.pair_id}` · marked words are in that response only")
