"""Building a rule: conditions as a list of parts, and what becomes of the pairs.

The rule is in the URL (``rule``, as JSON); the form shows what stands there and writes it back.
Where none stands there the form is empty, and nothing can be applied by chance.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from wimhf.errors import EditError
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import rule_draft
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.explore_filters import source_columns
from wimhf.ui.app.rule_action import chosen_action
from wimhf.ui.app.rule_draft import Draft, Part, Written
from wimhf.ui.app.rule_fields import FIELDS, KINDS

JOINS = {"all": "all of these hold", "any": "any of these holds"}


def build(opened: Opened) -> list[Written] | None:
    """Show the form for the rule in the URL; return it as rules files write it.

    No rule where none is begun; None where it is none that the form can hold: several, or nested
    ones.
    """
    written = st.query_params.get("rule")
    if written is None:
        _begin(opened)
        return []
    draft = _draft(written)
    if draft is None:
        return None
    try:
        return [_form(opened, draft).written()]
    except (ValueError, TypeError, AttributeError, KeyError):
        raise EditError(
            "a value of the link's rule is not understood; begin with a new rule"
        ) from None


def _form(opened: Opened, draft: Draft) -> Draft:
    stamp = st.session_state["_draft_stamp"]
    join = draft.join
    if len(draft.parts) > 1:
        join = st.radio(
            "Pairs of which", list(JOINS), index=list(JOINS).index(draft.join), horizontal=True,
            format_func=JOINS.__getitem__, key=f"_join_{stamp}",
        )  # fmt: skip
    parts = tuple(
        _part(opened, part, f"{stamp}_{n}", n, draft) for n, part in enumerate(draft.parts)
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button("Add a condition", icon=":material/add:", key=f"_add_{stamp}"):
            _rebuild(Draft((*parts, Part({"text": ""})), draft.then, join))
    shown = Draft(parts, chosen_action(draft.then, stamp), join)
    _write(shown)
    return shown


def _begin(opened: Opened) -> None:
    """Ask what a new rule begins with."""
    st.session_state.pop("_draft_written", None)
    stamp = st.session_state.get("_draft_stamp", 0)
    kind = st.selectbox(
        "Pairs that have", list(KINDS), index=None, format_func=KINDS.__getitem__,
        placeholder="Choose what a rule looks at", key=f"_begin_{stamp}", width=420,
    )  # fmt: skip
    if kind is not None:
        _rebuild(Draft((_first(opened, kind),)))


def _first(opened: Opened, kind: str) -> Part:
    """Return a condition of a kind that has yet to be filled in."""
    heard = opened.heard[0].feature if opened.heard else 0
    columns = source_columns(opened) if kind == "column" else []
    empty: dict[str, Written] = {
        "feature": {"feature": heard},
        "suspect": {"suspect": True},
        "suspicion": {"suspicion": 0.75},
        "column": {"column": columns[0] if columns else "label", "equals": ""},
        "health": {"health": []},
        "pair_ids": {"pair_ids": []},
    }
    return Part(empty.get(kind, {kind: ""}))


def _draft(written: str) -> Draft | None:
    """Return the draft that the URL holds, the session's own where it is still the same."""
    if st.session_state.get("_draft_written") != written:
        st.session_state["_draft_written"] = written
        st.session_state["_draft_stamp"] = st.session_state.get("_draft_stamp", 0) + 1
    rules = rule_draft.read_compact(written)
    return rule_draft.draft_of(rules[0]) if len(rules) == 1 else None


def _write(draft: Draft) -> None:
    """Put what the form says into the URL, without building the form anew."""
    written = rule_draft.compact(draft.written())
    st.session_state["_draft_written"] = written
    if st.query_params.get("rule") != written:
        state.put("rule", written)


def _rebuild(draft: Draft) -> None:
    """Build the form anew for another draft."""
    state.put("rule", rule_draft.compact(draft.written()))
    st.rerun()


def _part(opened: Opened, part: Part, key: str, place: int, draft: Draft) -> Part:
    with st.container(border=True, gap="small"):
        left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
        kind = left.selectbox(
            "The pair has" if place == 0 else "and" if draft.join == "all" else "or",
            list(KINDS), index=list(KINDS).index(part.kind), format_func=KINDS.__getitem__,
            key=f"_kind_{key}",
        )  # fmt: skip
        negated = middle.toggle("not", value=part.negated, key=f"_not_{key}")
        if len(draft.parts) > 1 and right.button(
            "Remove", icon=":material/delete:", key=f"_gone_{key}", type="tertiary"
        ):
            others = (*draft.parts[:place], *draft.parts[place + 1 :])
            _rebuild(replace(draft, parts=others))
        condition = part.condition if kind == part.kind else {}
        return Part(FIELDS[kind](opened, condition, f"{key}_{kind}"), negated)
