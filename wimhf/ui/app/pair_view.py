"""One curated pair on a page: both responses in their places, what the label says, what edits did.

Shared by Explore, Review and Curate; ``safe_html`` makes the texts safe, as on the Feature page.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from wimhf.ui.app import safe_html
from wimhf.ui.app.pair_rows import CuratedPair
from wimhf.ui.words.figures import plain
from wimhf.ui.words.labels import edit_state, label_words

LEAST, MOST = 0.01, 12
"""Reasons that are shown: how strong at least in log odds, and how many at most."""
CONTROLS = {"length": "which response is longer"}


def pair_html(pair: CuratedPair, *, formatted: bool = True, sought: str = "") -> str:
    """Return a pair as HTML, response A left, the preferred one framed; what is sought marked."""
    asked = safe_html.prompt(pair["prompt"], pair.get("turns"), sought)
    titles, texts = ("Response A", "Response B"), (pair["response_a"], pair["response_b"])
    return safe_html.sides_html(asked, titles, texts, pair["label"], formatted, sought)


def show(pair: CuratedPair, *, formatted: bool = True, remark: str = "", sought: str = "") -> None:
    """Show a pair under a line that says which it is and what became of it.

    Parameters
    ----------
    remark
        What else the line says; escaped here.
    sought
        A regular expression that was searched for; what it matches is marked.
    """
    row = pair.get("source_row")
    parts = [
        f"pair `{pair['pair_id']}`",
        "" if row is None else f"row {row + 1:,} of the source",
        plain(label_words(pair["label"])),
        plain(_edited(pair)),
        plain(remark),
    ]
    st.caption(" · ".join(part for part in parts if part))
    st.html(pair_html(pair, formatted=formatted, sought=sought))


def _edited(pair: CuratedPair) -> str:
    state = edit_state(pair)
    if not state:
        return ""
    who, why = pair.get("edited_by"), pair.get("edited_because")
    return state + (f" by {who}" if who else "") + (f": {why}" if why else "")


def reasons(table: pl.DataFrame) -> None:
    """Show what argues against a pair's label and what for it, in log odds.

    Parameters
    ----------
    table
        From ``Curation.reasons``.
    """
    if table.is_empty():
        st.caption("No model says anything of it: it has no winner, or no feature is active.")
        return
    rows = table.filter(pl.col("against").abs() >= LEAST).to_dicts()
    lines = []
    for row in rows[: MOST // 2] + rows[MOST // 2 :][-MOST // 2 :]:
        name = row["description"] or CONTROLS.get(row["control"]) or row["control"] or "a feature"
        number = "" if row["feature"] is None else f" [{row['feature']}]"
        against = row["against"] > 0
        sign, colour, side = ("▼", "orange", "against") if against else ("▲", "green", "for")
        lines.append(
            f"- :{colour}[{sign} {abs(row['against']):.2f}] {side} the label: "
            f"{plain(name + number)}"
        )
    st.markdown("\n".join(lines) or "Nothing says much, for the label or against it.")
