"""One curated pair on a page: both responses in their places, what the label says, what edits did.

Shared by Explore, Review and Curate; the texts are made safe by ``texts``, as on the Feature page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from wimhf.ui.app import safe_html as texts
from wimhf.ui.app.pair_rows import label_told, state_told
from wimhf.ui.words.figures import plain

Row = dict[str, Any]
LEAST, MOST = 0.01, 12
"""Reasons that are shown: how strong at least in log odds, and how many at most."""
CONTROLS = {"length": "which response is longer"}


def pair_html(pair: Row, *, formatted: bool = True) -> str:
    """Return a pair as HTML, response A left, the preferred one framed."""
    a, b, label = pair["response_a"], pair["response_b"], pair["label"]
    lost = None if label is None else 1 - label
    sides = texts.side("Response A", a, b, label, formatted)
    sides += texts.side("Response B", b, a, lost, formatted)
    return f'<article class="pair">{texts.prompt(pair)}<div class="sides">{sides}</div></article>'


def show(pair: Row, *, formatted: bool = True, told: str = "") -> None:
    """Show a pair under a line that says which it is and what became of it.

    Parameters
    ----------
    told
        What else the line says; escaped here.
    """
    parts = [
        f"pair `{pair['pair_id']}`",
        f"row {pair['source_row'] + 1:,} of the source"
        if pair.get("source_row") is not None
        else "",
        plain(label_told(pair["label"])),
        _edited(pair),
        plain(told),
    ]
    st.caption(" · ".join(part for part in parts if part))
    st.html(pair_html(pair, formatted=formatted))


def _edited(pair: Row) -> str:
    state = state_told(pair) if "source_label" in pair else ""
    if not state:
        return ""
    by = f" by {pair['edited_by']}" if pair.get("edited_by") else ""
    why = f": {pair['edited_because']}" if pair.get("edited_because") else ""
    return plain(f"{state}{by}{why}")


def reasons(rows: Sequence[Row]) -> None:
    """Show what argues against a pair's label and what for it, in log odds."""
    if not rows:
        st.caption("No model says anything of it: it has no winner, or no feature is active.")
        return
    lines = []
    told = [row for row in rows if abs(row["against"]) >= LEAST]
    for row in told[: MOST // 2] + told[MOST // 2 :][-MOST // 2 :]:
        name = row["description"] or CONTROLS.get(row["control"]) or row["control"] or "a feature"
        number = "" if row["feature"] is None else f" [{row['feature']}]"
        against = row["against"] > 0
        sign, colour, side = ("▼", "orange", "against") if against else ("▲", "green", "for")
        lines.append(
            f"- :{colour}[{sign} {abs(row['against']):.2f}] {side} the label: "
            f"{plain(name + number)}"
        )
    st.markdown("\n".join(lines) or "Nothing says much, for the label or against it.")
