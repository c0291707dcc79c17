"""What a source is, before it is analyzed: its pairs, what its labels favour, its health."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from wimhf.pipeline import Look
from wimhf.ui.app import source_reading
from wimhf.ui.words.figures import plain, sentence, shortened
from wimhf.ui.words.mends import app_mend
from wimhf.ui.words.severity import COLOURED, counts_in_words


def show(look: Look, *, sure: bool, token: str) -> bool:
    """Show what a source is; return whether the direction of its labels is agreed to."""
    source = look.inspection.source
    sure_of = look.whole or (look.exact and not len(source.rejects))
    many = f"{look.n_pairs:,}" if sure_of else f"about {look.n_pairs:,}"
    st.markdown(
        f"Read as **{plain(source.format)}** ({plain(source.container)}): **{many} pairs**"
        + ("." if look.whole else f"; this page looks at the first {source.n_read:,} rows.")
    )
    preview = look.inspection.pairs.head(5).select("prompt", "response_a", "response_b", "label")
    cells = [
        {n: shortened(v, 240) if isinstance(v, str) else v for n, v in row.items()}
        for row in preview.iter_rows(named=True)
    ]
    widths = {"prompt": 260, "response_a": 400, "response_b": 400, "label": 60}
    st.dataframe(
        cells, hide_index=True, height="content",
        column_config={n: st.column_config.Column(width=w) for n, w in widths.items()},
    )  # fmt: skip
    if len(source.rejects):
        reasons = ", ".join(
            f"{plain(why)} ({n:,})" for why, n in list(source.reject_counts.items())[:5]
        )
        rows = f"{len(source.rejects):,} rows are" if len(source.rejects) > 1 else "1 row is"
        st.warning(f"{rows} left out: {reasons}", icon=":material/rule:")
    source_reading.noted(look, token)
    st.markdown(f"**Which side does the label favour?** {plain(sentence(source.polarity))}")
    agreed = st.checkbox(
        "Yes, that is how the labels are meant", value=sure, key=f"agreed_{token}",
        help="If it is the wrong way round, exchange the two responses under Columns and format.",
    )  # fmt: skip
    _health(look)
    return agreed


def _health(look: Look) -> None:
    health = look.inspection.health
    counts = Counter[str](item.severity for item in health.items)
    with st.expander(
        f"Health: {counts_in_words(counts)}", icon=":material/health_and_safety:",
        expanded=counts["serious"] > 0,
    ):  # fmt: skip
        for items in health.groups.values():
            for item in items:
                if item.severity != "ok":
                    what = plain(sentence(app_mend(item.advice, item.setting)))
                    advice = f" :gray[{what}]" if item.advice else ""
                    st.markdown(
                        f"{COLOURED[item.severity]} **{plain(item.title)}.** "
                        f"{plain(sentence(item.said))}{advice}"
                    )
