"""What an own concept is to be called: asked for on every way of adding one."""

from __future__ import annotations

import re
from collections.abc import Collection

import streamlit as st

from wimhf.pipeline import Named
from wimhf.run import Run, own_ids, read_drafts

LONGEST = 200
PLACEHOLDERS = {"more": "apologises to the user", "less": "does not apologise"}


def ask(run: Run, key: str) -> Named | None:
    """Ask for title, more and less; None until all of it is given.

    Parameters
    ----------
    key
        What tells these fields from those of another way.
    """
    title = st.text_input(
        "Title", key=f"_title_{key}", max_chars=60, placeholder="Apology",
        help="One to four words, for charts and tables",
    )  # fmt: skip
    left, right = st.columns(2)
    more, less = (
        place.text_input(
            f"The response with {pole} of it …", key=f"_{pole}_{key}", max_chars=LONGEST,
            placeholder=PLACEHOLDERS[pole],
        )
        for place, pole in ((left, "more"), (right, "less"))
    )  # fmt: skip
    title, more, less = (" ".join(text.split()) for text in (title, more, less))
    if not (title and more and less):
        return None
    taken = {one.id for one in run.bank} | own_ids(run) | read_drafts(run).keys()
    return Named(free_id(title, taken), more, less, title)


def free_id(title: str, taken: Collection[str]) -> str:
    """Return an id made of a title that no concept has yet."""
    stem = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    stem = stem if stem[:1].isalpha() else f"own_{stem}".rstrip("_")
    names = (stem, *(f"{stem}_{count}" for count in range(2, 1000)))
    return next(name for name in names if name not in taken)
