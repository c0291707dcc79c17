"""Laws of the word marks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.ui.words import worddiff
from wimhf.ui.words.worddiff import cut, word_marks

TEXTS = st.text() | st.text(alphabet="ab .,\n'’-é你أ") | st.lists(
    st.sampled_from(["sorry", "I", "can't", "help", "you", "Sorry,", "—", "\n\n"])
).map(" ".join)  # fmt: skip


def marked(text: str, other: str) -> list[str]:
    return [part for part, unique in word_marks(text, other) if unique]


def unmarked_words(text: str, other: str) -> list[str]:
    plain = [part for part, unique in word_marks(text, other) if not unique]
    return [m.group().casefold() for part in plain for m in worddiff._WORD.finditer(part)]


@given(TEXTS, TEXTS)
def test_segments_cover_the_text_exactly(text: str, other: str) -> None:
    assert "".join(part for part, _ in word_marks(text, other)) == text


@given(TEXTS, TEXTS)
def test_no_segment_is_empty(text: str, other: str) -> None:
    assert all(part for part, _ in word_marks(text, other))


@given(TEXTS)
def test_identical_texts_mark_nothing(text: str) -> None:
    assert marked(text, text) == []


@given(TEXTS, TEXTS)
def test_what_is_left_unmarked_is_the_same_from_both_sides(text: str, other: str) -> None:
    assert unmarked_words(text, other) == unmarked_words(other, text)


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("I am sorry, no.", "I am happy.", ["sorry, no"]),
        ("Yes.", "", ["Yes"]),
        ("Sorry!", "sorry", []),
        ("I can't", "I can", ["can't"]),
        ("b a", "a b", ["b"]),
        ("one\ntwo", "", ["one", "two"]),
        ("你好世界", "你好", ["世界"]),
        ("नमस्ते दुनिया", "नमस्ते", ["दुनिया"]),
        ("ok 👩‍👩‍👧 👍", "ok 👍", ["👩‍👩‍👧"]),
        ("مرحبا، بك", "مرحبا", ["بك"]),
    ],
)
def test_words_the_other_lacks_are_marked(text: str, other: str, expected: list[str]) -> None:
    assert marked(text, other) == expected


def test_texts_that_repeat_without_end_are_compared_as_bags_and_fast() -> None:
    text, other = "the cat " * 5_000 + "end", "the dog " * 5_000
    started = time.perf_counter()
    segments = word_marks(text, other)
    assert time.perf_counter() - started < 5
    assert "".join(part for part, _ in segments) == text
    words = [part for part, unique in segments if unique]
    assert len(words) == 5_000
    assert words[-1] == "cat end"


@given(st.lists(st.tuples(st.text(min_size=1), st.booleans())), st.integers(0, 50))
def test_cutting_loses_nothing(segments: list[tuple[str, bool]], length: int) -> None:
    before, after = cut(segments, length)
    joined = "".join(text for text, _ in segments)
    assert "".join(text for text, _ in before + after) == joined
    assert sum(len(text) for text, _ in before) <= length * 1.1
    assert all(text for text, _ in before + after)
