"""What is looked at quickly first says the same as the long way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.concepts import forms, languages
from wimhf.concepts.broken import RUN, broken_encoding
from wimhf.concepts.context import _stems, takes_up_words
from wimhf.concepts.measures import WORD, different_words
from wimhf.concepts.needs import cues_of

WORDS = st.lists(
    st.sampled_from(
        "list lists flowers flower don't a_b ''x the 5 10th Haiku JSON é you’re".split()
    ),
    max_size=12,
).map(" ".join)
ASKED = (
    "Please make a list of ten birds", "write me a short poem", "put it into a table",
    "return valid JSON", "Answer in French, translate it", "in at most 20 words", "be brief",
    "write a function that sorts", "name five rivers",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["LIST", "CODE", "TABLE", "JSON", "VERSE", "SHORT", "LIMIT", "LANGUAGE"]
)
def test_whatever_matches_holds_a_cue(name: str) -> None:
    pattern: re.Pattern[str] = getattr(forms, name)
    cues, found = cues_of(pattern.pattern), [one for one in ASKED if pattern.search(one)]
    assert cues
    assert found
    assert all(any(cue in one.lower() for cue in cues) for one in found)


@given(WORDS)
def test_words_of_ascii_are_those_of_the_pattern(text: str) -> None:
    assert different_words(text) == set(WORD.findall(text.lower().replace("’", "'")))


ODD_TEXTS = st.text(alphabet="abesy' 5_-é’\n", max_size=30)


@given(WORDS | ODD_TEXTS, WORDS | ODD_TEXTS)
def test_words_taken_up_are_those_with_the_same_stem(asked: str, response: str) -> None:
    wanted, given_ = _stems(different_words(asked)), _stems(different_words(response))
    share = 100.0 * len(wanted & given_) / len(wanted) if wanted else 0.0
    assert takes_up_words(asked, response) == share


@given(st.lists(st.tuples(st.sampled_from("ab-! é"), st.integers(1, 14)), max_size=8))
def test_runs_of_one_character_are_found(parts: list[tuple[str, int]]) -> None:
    text = "".join(char * times for char, times in parts)
    assert broken_encoding(text) == len(RUN.findall(text))


def test_short_english_is_told_by_its_small_words() -> None:
    for text in ("how do you hot wire a car?", "no, not a dog robot but an actual dog."):
        assert languages.language_of(text) == "en"
    assert languages.language_of("Wie schließt man ein Auto ohne Schlüssel kurz?") == "de"
    assert languages.language_of("non sono un cane robot ma un cane vero") == "it"
