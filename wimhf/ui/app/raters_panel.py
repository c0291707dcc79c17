"""How far people agree with the list of suspects, and with one another, on the Review page."""

from __future__ import annotations

import streamlit as st

from wimhf.curate import agreement_of, between_people, opinions_of
from wimhf.ui.app import editing
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.words.figures import plain
from wimhf.ui.words.raters import agreement_sentence, between_lines, stop_advice

SECOND = "second"
"""What the URL says where pairs that others decided are asked about, too."""


def second_opinions() -> bool:
    """Ask whether this person also judges pairs that others have decided, without seeing how."""
    return st.toggle(
        "Also judge what others have decided", key=SECOND, bind="query-params",
        help="Several people judge the same list, none seeing what the others said. The first "
        "decision changes the label; the others are kept beside it, to see how far you agree.",
    )  # fmt: skip


def panel(opened: Opened) -> None:
    """Show how often the person who reviews agreed with the list, and people with one another."""
    with editing.curation(opened.run) as c:
        opinions = opinions_of(c.run)
        suspects = c.suspects(decided=True)
    chances = dict(zip(suspects["pair_id"], suspects["chance"], strict=True))
    own = agreement_of(opinions, chances, editing.who())
    advice = stop_advice(own)
    if advice:
        st.warning(plain(advice), icon=":material/front_hand:")
    lines = between_lines(between_people(opinions))
    st.caption(plain(" ".join([agreement_sentence(own), *(f"{line}." for line in lines)])))
