"""Where a search finds something in a text: the marks in pairs that were searched for."""

from __future__ import annotations

import polars as pl

from wimhf.ui.words.worddiff import Segments


def sought_pattern(find: str, how: str | None) -> str:
    """Return what a search looks for as a regular expression; empty where it looks for no words.

    Parameters
    ----------
    find
        What is searched for.
    how
        ``words``, ``regex`` or ``meaning``.
    """
    if not find.strip() or how == "meaning":
        return ""
    return f"(?i){find if how == 'regex' else pl.escape_regex(find)}"


def hit_marks(text: str, pattern: str) -> Segments:
    """Cut a text into segments and mark those that a regular expression matches.

    Parameters
    ----------
    pattern
        In the syntax of the search (Rust's); one that cannot be read marks nothing.

    >>> hit_marks("a Wet day", "(?i)wet")
    [('a ', False), ('Wet', True), (' day', False)]
    """
    try:
        found = pl.Series([text], dtype=pl.String).str.extract_all(pattern)[0].to_list()
    except pl.exceptions.PolarsError:
        found = []
    segments: Segments = []
    at = 0
    for match in filter(None, found):
        place = text.index(match, at)
        segments += [(text[at:place], False), (match, True)]
        at = place + len(match)
    segments.append((text[at:], False))
    return [segment for segment in segments if segment[0]]
