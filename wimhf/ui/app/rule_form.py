"""Building a rule: conditions as a list of parts, and what becomes of the pairs.

The rule is in the URL (``rule``, as JSON); the form shows what stands there and writes it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from wimhf.errors import EditError
from wimhf.ui.app import rule_draft as drafting
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.explore_filters import source_columns, values
from wimhf.ui.app.pair_rows import PLACES
from wimhf.ui.app.rule_action import chosen_action
from wimhf.ui.app.rule_draft import Draft, Part
from wimhf.ui.app.run_rows import scan

Row = dict[str, Any]
KINDS = {
    "feature": "a feature", "suspect": "a suspect", "suspicion": "suspicion at least",
    "text": "words", "regex": "a regular expression", "column": "a column",
    "health": "a finding about the data", "pair_ids": "these pairs",
}  # fmt: skip
JOINS = {"all": "all of these hold", "any": "any of these holds"}
REWARDED = {None: "whatever the label", True: "and the label prefers it", False: "and it lost"}
POLES = ("described", "opposite")


def build(opened: Opened) -> list[Row] | None:
    """Show the form for the rule in the URL; return it as rules files write it.

    None where the rule is none that the form can hold: several, or nested ones.
    """
    draft = _draft(opened)
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
    parts = [_part(opened, part, f"{stamp}_{n}", n, draft) for n, part in enumerate(draft.parts)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if st.button("Add a condition", icon=":material/add:", key=f"_add_{stamp}"):
            fresh = Part({"text": ""}) if draft.parts else _first(opened)
            _again(Draft((*parts, fresh), draft.then, join))
    then = chosen_action(draft.then, stamp)
    found = Draft(tuple(parts), then, join)
    _write(found)
    return found


def _draft(opened: Opened) -> Draft | None:
    """Return the draft that the URL holds, the session's own where it is still the same."""
    written = st.query_params.get("rule")
    if written is None:
        first = Draft((_first(opened),))
        written = drafting.compact(first.written())
        st.query_params["rule"] = written
    if st.session_state.get("_draft_written") != written:
        st.session_state["_draft_written"] = written
        st.session_state["_draft_stamp"] = st.session_state.get("_draft_stamp", 0) + 1
    rules = drafting.read_compact(written)
    return drafting.draft_of(rules[0]) if len(rules) == 1 else None


def _first(opened: Opened) -> Part:
    heard = [row for row in opened.rows if not row.get("muted")]
    if not heard:
        return Part({"suspect": True})
    return Part({"feature": heard[0]["feature"], "rewarded": True})


def _write(draft: Draft) -> None:
    """Put what the form says into the URL, without building the form anew."""
    written = drafting.compact(draft.written())
    st.session_state["_draft_written"] = written
    if st.query_params.get("rule") != written:
        st.query_params["rule"] = written


def _again(draft: Draft) -> None:
    """Build the form anew for another draft."""
    st.query_params["rule"] = drafting.compact(draft.written())
    st.rerun()


# -- one condition -----------------------------------------------------------------------------


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
            parts = tuple(one for n, one in enumerate(draft.parts) if n != place)
            _again(Draft(parts, draft.then, draft.join))
        condition = part.condition if kind == part.kind else {}
        return Part(_FIELDS[kind](opened, condition, f"{key}_{kind}"), negated)


def _feature(opened: Opened, now: Row, key: str) -> Row:
    rows = {row["feature"]: row for row in opened.rows if not row.get("muted")}
    numbers = list(rows)
    told = now.get("feature")
    known: Any = told
    if isinstance(told, str) and told.strip().isdigit():
        known = int(told)
    if known is not None and known not in numbers:
        numbers = [known, *numbers]
    feature = st.selectbox(
        "Feature", numbers, index=numbers.index(known) if known is not None else 0,
        format_func=lambda n: f"{n} · {rows[n]['label']}" if n in rows else str(n),
        key=f"_feature_{key}",
    )  # fmt: skip
    row = rows.get(feature, {})
    words = {
        "described": row.get("description") or "more of it",
        "opposite": row.get("opposite") or "less of it",
    }
    left, middle, right = st.columns([2, 2, 1.4], vertical_alignment="bottom")
    pole = left.selectbox(
        "A response that", POLES, index=POLES.index(now.get("pole", "described"))
        if now.get("pole") in (None, *POLES) else 0,
        format_func=words.__getitem__, key=f"_pole_{key}",
    )  # fmt: skip
    rewarded = middle.selectbox(
        "Label", list(REWARDED), index=list(REWARDED).index(now.get("rewarded")),
        format_func=REWARDED.__getitem__, key=f"_rewarded_{key}",
    )  # fmt: skip
    active = right.number_input(
        "At least as active as, %", 0, 99, round(100 * float(now.get("quantile", 0))), step=5,
        key=f"_active_{key}", help="of the pairs in which the feature is active",
    )  # fmt: skip
    part: Row = {"feature": feature}
    if pole != "described":
        part["pole"] = pole
    if active:
        part["quantile"] = active / 100
    return part if rewarded is None else part | {"rewarded": rewarded}


def _suspect(opened: Opened, now: Row, key: str) -> Row:
    st.caption("The label is one that models which never saw it would not have given.")
    return {"suspect": True}


def _suspicion(opened: Opened, now: Row, key: str) -> Row:
    chance = st.slider(
        "Models expect the other label at least at, %",
        0, 100, round(100 * float(now.get("suspicion", 0.75))),
        key=f"_chance_{key}",
    )  # fmt: skip
    return {"suspicion": chance / 100}


def _words(name: str) -> Callable[[Opened, Row, str], Row]:
    def fields(opened: Opened, now: Row, key: str) -> Row:
        left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
        found = left.text_input(
            "Words" if name == "text" else "Regular expression", str(now.get(name, "")),
            key=f"_words_{key}",
        )  # fmt: skip
        places = list(PLACES.values())
        names = {value: told for told, value in PLACES.items()}
        within = middle.selectbox(
            "Where", places, index=places.index(now.get("within", "any"))
            if now.get("within", "any") in places else 0,
            format_func=names.__getitem__, key=f"_within_{key}",
        )  # fmt: skip
        case = right.toggle("Aa", bool(now.get("case")), key=f"_case_{key}",
                            help="Capital letters matter")  # fmt: skip
        part: Row = {name: found}
        if within != "any":
            part["within"] = within
        return part | {"case": True} if case else part

    return fields


def _column(opened: Opened, now: Row, key: str) -> Row:
    names = [*source_columns(opened), "label", "weight"]
    told = now.get("column")
    names = names if told in (None, *names) else [str(told), *names]
    left, middle, right = st.columns([2, 1.4, 2], vertical_alignment="bottom")
    column = left.selectbox("Column", names, index=names.index(told) if told else 0,
                            key=f"_column_{key}")  # fmt: skip
    ways = {"equals": "is", "one_of": "is one of", "range": "lies between", "missing": "is missing"}
    way = middle.selectbox(
        "which", list(ways), index=list(ways).index(_way(now)), format_func=ways.__getitem__,
        key=f"_way_{key}",
    )  # fmt: skip
    with right:
        asked = _asked(opened, column, way, now, f"{key}_{way}")
    return {"column": column} | asked


def _way(now: Row) -> str:
    if "at_least" in now or "at_most" in now:
        return "range"
    return next((name for name in ("one_of", "missing") if name in now), "equals")


def _asked(opened: Opened, column: str, way: str, now: Row, key: str) -> Row:
    if way == "missing":
        return {"missing": True}
    if way == "range":
        left, right = st.columns(2)
        low = left.number_input("from", value=now.get("at_least"), key=f"_low_{key}")
        high = right.number_input("to", value=now.get("at_most"), key=f"_high_{key}")
        found = {"at_least": low, "at_most": high}
        return {name: value for name, value in found.items() if value is not None}
    known = values(opened, column)
    if way == "one_of":
        many = [str(one) for one in now.get("one_of", ())]
        options = list(dict.fromkeys([*many, *known]))
        return {"one_of": st.multiselect("of", options, many, key=f"_many_{key}",
                                         accept_new_options=True)}  # fmt: skip
    told = None if now.get("equals") is None else str(now["equals"])
    options = list(dict.fromkeys([*([told] if told is not None else []), *known]))
    value = st.selectbox(
        "value", options, index=options.index(told) if told is not None else None,
        key=f"_value_{key}", accept_new_options=True, placeholder="a value",
    )  # fmt: skip
    return {} if value is None else {"equals": value}


def _health(opened: Opened, now: Row, key: str) -> Row:
    found = scan(opened.run, "health_pairs.parquet").select("item").unique().collect()
    known = sorted(found["item"].to_list())
    told = now.get("health") or known[:1]
    told = [told] if isinstance(told, str) else list(told)
    options = list(dict.fromkeys([*known, *told]))
    chosen = st.multiselect(
        "Findings", options, told, key=f"_health_{key}", placeholder="none was found"
    )
    return {"health": chosen}


def _pair_ids(opened: Opened, now: Row, key: str) -> Row:
    told = " ".join(now.get("pair_ids", ()))
    return {"pair_ids": st.text_area("Pair ids", told, key=f"_ids_{key}").split()}


_FIELDS: dict[str, Callable[[Opened, Row, str], Row]] = {
    "feature": _feature, "suspect": _suspect, "suspicion": _suspicion, "text": _words("text"),
    "regex": _words("regex"), "column": _column, "health": _health, "pair_ids": _pair_ids,
}  # fmt: skip
