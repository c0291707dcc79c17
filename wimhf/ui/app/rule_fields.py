"""The fields of one condition of a rule, by what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.explore_filters import finding_titles, source_columns, values
from wimhf.ui.app.pair_rows import PLACES
from wimhf.ui.app.rule_draft import Written

KINDS = {
    "feature": "a feature", "suspect": "a suspect", "suspicion": "suspicion at least",
    "text": "words", "regex": "a regular expression", "column": "a column",
    "health": "a finding about the data", "pair_ids": "these pairs",
}  # fmt: skip
REWARDED = {None: "whatever the label", True: "and the label prefers it", False: "and it lost"}
POLES = ("described", "opposite")
WAYS = {"equals": "is", "one_of": "is one of", "range": "lies between", "missing": "is missing"}
_REWARDED: list[object] = list(REWARDED)
_WITHIN = {value: words for words, value in PLACES.items()}


def _feature(opened: Opened, now: Written, key: str) -> Written:
    features = {feature.feature: feature for feature in opened.heard}
    known = now.get("feature")
    if isinstance(known, str) and known.strip().isdigit():
        known = int(known)
    numbers = _options(features, [] if known is None or known in features else [known])
    number = st.selectbox(
        "Feature", numbers, index=0 if known is None else numbers.index(known),
        format_func=lambda n: f"{n} · {features[n].label}" if n in features else str(n),
        key=f"_feature_{key}",
    )  # fmt: skip
    feature = features.get(number) if isinstance(number, int) else None
    words = {
        "described": (feature and feature.description) or "more of it",
        "opposite": (feature and feature.opposite) or "less of it",
    }
    left, middle, right = st.columns([2, 2, 1.4], vertical_alignment="bottom")
    pole = left.selectbox(
        "A response that", POLES, index=_place(now.get("pole"), POLES),
        format_func=words.__getitem__, key=f"_pole_{key}",
    )  # fmt: skip
    rewarded = middle.selectbox(
        "Label", list(REWARDED), index=_REWARDED.index(now.get("rewarded")),
        format_func=REWARDED.__getitem__, key=f"_rewarded_{key}",
    )  # fmt: skip
    active = right.number_input(
        "At least as active as, %", 0, 99, _percent(now.get("quantile", 0)), step=5,
        key=f"_active_{key}", help="of the pairs in which the feature is active",
    )  # fmt: skip
    part: Written = {"feature": number}
    part |= {} if pole == "described" else {"pole": pole}
    part |= {"quantile": active / 100} if active else {}
    return part | ({} if rewarded is None else {"rewarded": rewarded})


def _suspect(opened: Opened, now: Written, key: str) -> Written:
    st.caption("The label is one that models which never saw it would not have given.")
    return {"suspect": True}


def _suspicion(opened: Opened, now: Written, key: str) -> Written:
    chance = st.slider(
        "Models expect the other label at least at, %", 0, 100,
        _percent(now.get("suspicion", 0.75)), key=f"_chance_{key}",
    )  # fmt: skip
    return {"suspicion": chance / 100}


def _words(opened: Opened, now: Written, key: str) -> Written:
    return _text("text", "Words", now, key)


def _regex(opened: Opened, now: Written, key: str) -> Written:
    return _text("regex", "Regular expression", now, key)


def _text(name: str, title: str, now: Written, key: str) -> Written:
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    text = left.text_input(title, str(now.get(name, "")), key=f"_words_{key}")
    within = middle.selectbox(
        "Where", list(_WITHIN), index=_place(now.get("within", "any"), _WITHIN),
        format_func=_WITHIN.__getitem__, key=f"_within_{key}",
    )  # fmt: skip
    case = right.toggle("Aa", bool(now.get("case")), key=f"_case_{key}",
                        help="Capital letters matter")  # fmt: skip
    part: Written = {name: text}
    part |= {} if within == "any" else {"within": within}
    return part | ({"case": True} if case else {})


def _column(opened: Opened, now: Written, key: str) -> Written:
    names = [*source_columns(opened), "label", "weight"]
    known = now.get("column")
    names = names if known in (None, *names) else [str(known), *names]
    left, middle, right = st.columns([2, 1.4, 2], vertical_alignment="bottom")
    column = left.selectbox("Column", names, index=names.index(str(known)) if known else 0,
                            key=f"_column_{key}")  # fmt: skip
    way = middle.selectbox(
        "which", list(WAYS), index=list(WAYS).index(_way(now)), format_func=WAYS.__getitem__,
        key=f"_way_{key}",
    )  # fmt: skip
    with right:
        return {"column": column} | _bounds(opened, column, way, now, f"{key}_{way}")


def _way(now: Written) -> str:
    if "at_least" in now or "at_most" in now:
        return "range"
    return next((name for name in ("one_of", "missing") if name in now), "equals")


def _bounds(opened: Opened, column: str, way: str, now: Written, key: str) -> Written:
    if way == "missing":
        return {"missing": True}
    if way == "range":
        left, right = st.columns(2)
        low = left.number_input("from", value=_number(now.get("at_least")), key=f"_low_{key}")
        high = right.number_input("to", value=_number(now.get("at_most")), key=f"_high_{key}")
        ends = {"at_least": low, "at_most": high}
        return {name: value for name, value in ends.items() if value is not None}
    known = values(opened, column)
    if way == "one_of":
        many = [str(value) for value in _many(now.get("one_of", ()))]
        return {"one_of": st.multiselect("of", _options(known, many), many, key=f"_many_{key}",
                                         accept_new_options=True)}  # fmt: skip
    given = now.get("equals")
    first = [] if given is None else [str(given)]
    value = st.selectbox(
        "value", _options(known, first), index=0 if first else None, key=f"_value_{key}",
        accept_new_options=True, placeholder="a value",
    )  # fmt: skip
    return {} if value is None else {"equals": value}


def _health(opened: Opened, now: Written, key: str) -> Written:
    titles = finding_titles(opened)
    known = list(titles)
    given = now.get("health") or []
    chosen = [given] if isinstance(given, str) else list(_many(given))
    options = list(dict.fromkeys([*known, *chosen]))
    return {"health": st.multiselect(
        "Findings", options, chosen, key=f"_health_{key}", placeholder="Choose a finding",
        format_func=lambda finding: titles.get(finding, finding),
    )}  # fmt: skip


def _pair_ids(opened: Opened, now: Written, key: str) -> Written:
    given = " ".join(str(pair_id) for pair_id in _many(now.get("pair_ids", ())))
    return {"pair_ids": st.text_area("Pair ids", given, key=f"_ids_{key}").split()}


# -- values of the link, which may hold anything; a TypeError or ValueError says that it is no rule


def _options(known: Iterable[object], first: Iterable[object] = ()) -> list[object]:
    """Return what can be chosen, with what the link says at the beginning."""
    return list(dict.fromkeys([*first, *known]))


def _place(value: object, options: Iterable[str]) -> int:
    """Return where a value stands; the first place where it is none of them."""
    places = list(options)
    return places.index(value) if value in places else 0


def _percent(value: object) -> int:
    if not isinstance(value, (int, float, str)):
        raise TypeError(value)
    return round(100 * float(value))


def _number(value: object) -> float | None:
    if value is None or isinstance(value, (int, float)):
        return value
    raise TypeError(value)


def _many(value: object) -> Iterable[object]:
    if isinstance(value, Iterable):
        return value
    raise TypeError(value)


FIELDS: dict[str, Callable[[Opened, Written, str], Written]] = {
    "feature": _feature, "suspect": _suspect, "suspicion": _suspicion, "text": _words,
    "regex": _regex, "column": _column, "health": _health, "pair_ids": _pair_ids,
}  # fmt: skip
