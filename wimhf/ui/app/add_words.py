"""Adding a concept by words: what they find is shown before it is added."""

from __future__ import annotations

import polars as pl
import streamlit as st

from wimhf.errors import WimhfError
from wimhf.pipeline import Tried, start_change, try_written, words_change
from wimhf.ui.app import components, concept_names, editing, safe_html
from wimhf.ui.app import page_list as pages
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.safe_html import PairTexts
from wimhf.ui.words.figures import between, plain, points, share
from wimhf.ui.words.labels import turned_label

SHOWN = 3


def form(opened: Opened, writable: bool) -> None:
    """Ask for words, show what they find, add them."""
    text = st.text_area(
        "Words or phrases that give it away, one a line", key="_words", height=130,
        max_chars=20_000, placeholder="sorry\nI apologise\nmy apologies",
        help="Whole words; upper and lower case are the same. Ctrl+Enter shows what they find.",
    )  # fmt: skip
    as_patterns = st.toggle(
        "These are regular expressions", key="_as_patterns",
        help="Rust's: no look-around, no back-references",
    )  # fmt: skip
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    words, patterns = ([], lines) if as_patterns else (lines, [])
    found = _preview(opened, words, patterns) if lines else None
    named = concept_names.ask(opened.run, "words")
    if st.button(
        "Add it", type="primary", icon=":material/add_circle:", key="_add_words",
        disabled=not writable or named is None or found is None,
        help="Give words, a title and what to say of either response" if named is None else None,
    ):  # fmt: skip
        with editing.attempt():
            if named is not None:
                start_change(opened.run, words_change(named, words, patterns))
                pages.go("concepts")
    if found is not None:
        _examples(opened, found)


def _preview(opened: Opened, words: list[str], patterns: list[str]) -> Tried | None:
    """Say in how many pairs the sides differ; None where that cannot be told."""
    try:
        with st.spinner("Counting"):
            found = components.cached(
                opened, "tried", lambda: try_written(opened.run, words, patterns, SHOWN),
                tuple(words), tuple(patterns),
            )  # fmt: skip
    except WimhfError as error:
        components.failure(error)
        return None
    whole = opened.run.pair_table.height
    of = f"{found.pairs:,} pairs" if found.pairs == whole else (
        f"{found.pairs:,} pairs that were looked at, of {whole:,}"
    )  # fmt: skip
    st.markdown(
        f"It would tell the sides of **{found.differ:,}** of {of} apart ({share(found.share, 1)}), "
        f"{found.labelled:,} of them with a label."
    )
    st.markdown(_effect(found))
    return found


def _effect(found: Tried) -> str:
    effect = found.effect
    if effect.effect is None:
        return f"What the labels do with it: {plain(effect.effect_reason or 'not known')}."
    interval = between(effect.effect_low, effect.effect_high)
    return (
        f"The response with more of it wins **{points(effect.effect)} points** ({interval}); "
        "once it is added, it is corrected for how many concepts are looked at."
    )


def _examples(opened: Opened, found: Tried) -> None:
    if not found.examples:
        st.caption("Nothing is found, or both responses always have as much of it.")
        return
    st.header("Where it is found most", anchor=False)
    table: pl.DataFrame = opened.run.pair_table
    for row, a_has_more in zip(found.examples, found.a_has_more, strict=True):
        pair = table.row(row, named=True)
        sides = pair["response_a"], pair["response_b"]
        more, less = sides if a_has_more else sides[::-1]
        won = pair["label"] if a_has_more else turned_label(pair["label"])
        texts = PairTexts(
            prompt=pair["prompt"], turns=pair.get("turns"), more=more, less=less, more_won=won
        )
        st.caption(f"pair `{pair['pair_id']}`")
        st.html(safe_html.pair_html(texts))
