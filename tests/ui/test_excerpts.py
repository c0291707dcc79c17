"""Excerpts of long texts, and which words are worth a mark."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wimhf.ui.app import safe_html
from wimhf.ui.words.excerpts import excerpt
from wimhf.ui.words.hits import hit_marks, sought_pattern
from wimhf.ui.words.worddiff import telling_marks, word_marks

SEGMENTS = st.lists(st.tuples(st.text(alphabet="ab .\n", min_size=1), st.booleans()), max_size=8)


@given(SEGMENTS, st.integers(8, 60))
def test_an_excerpt_is_a_passage_of_its_text_and_no_longer_than_asked(
    segments: list[tuple[str, bool]], length: int
) -> None:
    whole = "".join(text for text, _ in segments)
    flat = " ".join(f".{whole}.".split())[1:-1]
    shown = "".join(text for text, _ in excerpt(segments, length))
    passage = shown.removeprefix("… ").removesuffix(" …")
    assert len(passage) <= length
    assert " ".join(passage.split()) in " ".join(flat.split())


def test_an_excerpt_holds_the_first_mark() -> None:
    segments = [("word " * 100, False), ("here", True), (" word" * 100, False)]
    shown = excerpt(segments)
    assert ("here", True) in shown
    assert shown[0][0].startswith("… word")
    assert shown[-1][0].endswith(" …")


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt([("one ", False), ("two", True)]) == [("one ", False), ("two", True)]


def test_texts_that_share_little_are_not_marked_word_by_word() -> None:
    one, other = "I can not help with that at all", "Here is how to pick the lock of a door"
    assert telling_marks(one, other) == [(one, False)]
    near = "I can not help with that at present"
    assert telling_marks(one, near) == word_marks(one, near)
    assert telling_marks("", one) == []


@given(st.text(max_size=60), st.text(alphabet="ab .*", max_size=4))
def test_marks_of_a_search_cover_the_text_and_mark_what_was_sought(text: str, find: str) -> None:
    pattern = sought_pattern(find, "words")
    segments = hit_marks(text, pattern) if pattern else [(text, False)]
    assert "".join(part for part, _ in segments) == text
    marked = [part for part, hit in segments if hit]
    assert all(part.casefold() == find.casefold() for part in marked)
    assert bool(marked) == (find.strip() != "" and find.lower() in text.lower())


def test_a_search_marks_its_hits_and_nothing_else_of_a_pair() -> None:
    html = safe_html.sides_html(
        safe_html.prompt("is water wet?", None, "(?i)water"), ("A", "B"),
        ("Water is wet.", "No idea <b>"), 1.0, formatted=True, sought="(?i)water",
    )  # fmt: skip
    assert html.count("<mark>") == 2
    assert "<mark>Water</mark> is wet" in html
    assert hit_marks("a(b", "(") == [("a(b", False)]
    assert sought_pattern("a.b", "meaning") == ""
