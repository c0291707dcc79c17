"""Laws of the words for labels and severities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.data.health.item import SEVERITIES
from wimhf.ui.words import severity
from wimhf.ui.words.labels import badge_words, label_kind, label_letter, label_words, turned_label

LABELS = st.none() | st.integers(0, 100).map(lambda percent: percent / 100)


@given(LABELS)
def test_from_the_other_side_a_label_prefers_the_other_response(label: float | None) -> None:
    swapped = label_words(label).translate(str.maketrans("AB", "BA"))
    if swapped not in ("no label", "tie"):
        assert label_words(turned_label(label)).split("(")[0] == swapped.split("(")[0]
    assert label_words(label).startswith(label_kind(label))
    assert (badge_words(label) == "") == (label is not None and label < 0.5)


@pytest.mark.parametrize(
    ("label", "letter"), [(None, "none"), (1.0, "A"), (0.0, "B"), (0.5, "tie"), (0.8, "0.8")]
)
def test_the_shortest_word_for_a_label(label: float | None, letter: str) -> None:
    assert label_letter(label) == letter


def test_every_severity_has_its_place_and_its_marks() -> None:
    assert set(severity.ORDER) == set(SEVERITIES)
    for marks in (severity.COLOURED, severity.SIGNS, severity.WORDS):
        assert set(marks) == set(SEVERITIES)
