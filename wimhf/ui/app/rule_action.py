"""What becomes of the pairs that a rule selects: the second half of the form."""

from __future__ import annotations

import streamlit as st

ACTIONS = {
    "flip": "flip the label", "tie": "make it a tie", "drop": "drop the pair",
    "restore": "restore what the source says",
    "consensus": "say what most labels of the same pair say",
    "prefer less": "prefer less of the feature", "prefer more": "prefer more of the feature",
    "label": "set the label to", "weight": "weigh it",
}  # fmt: skip
SIDES = {"A": 1.0, "B": 0.0, "tie": 0.5}


def chosen_action(now: object, stamp: int) -> str | dict[str, object]:
    """Ask for an action and return it as it is written in a rule.

    Parameters
    ----------
    now
        The action as it stands.
    stamp
        Tells one draft's widgets from another's.
    """
    left, right = st.columns([2, 2], vertical_alignment="bottom")
    kind = left.selectbox(
        "Then", list(ACTIONS), index=list(ACTIONS).index(_kind_of(now)),
        format_func=ACTIONS.__getitem__, key=f"_then_{stamp}",
    )  # fmt: skip
    value = now.get(kind) if isinstance(now, dict) else None
    if kind.startswith("prefer"):
        return {"prefer": kind.removeprefix("prefer ")}
    if kind == "label":
        sides = list(SIDES)
        at = [n for n, side in enumerate(sides) if value in (side, SIDES[side])]
        side = right.selectbox("label", sides, index=at[0] if at else 0, key=f"_side_{stamp}",
                               label_visibility="collapsed")  # fmt: skip
        return {"label": side}
    if kind == "weight":
        start = float(value) if isinstance(value, (int, float)) else 0.5
        weight = right.number_input(
            "weight", 0.0, None, start, step=0.1, key=f"_weight_{stamp}",
            label_visibility="collapsed",
        )  # fmt: skip
        return {"weight": weight}
    return kind


def _kind_of(then: object) -> str:
    if isinstance(then, dict) and then:
        kind, value = next(iter(then.items()))
        return f"prefer {value}" if f"prefer {value}" in ACTIONS else str(kind)
    return then if isinstance(then, str) and then in ACTIONS else "flip"
