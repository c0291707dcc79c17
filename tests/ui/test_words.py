"""Laws of the words for labels and severities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.data.health.item import SEVERITIES
from wimhf.run import Part, Picked
from wimhf.ui.words import severity
from wimhf.ui.words.figures import percent
from wimhf.ui.words.label_models import recovered_words
from wimhf.ui.words.labels import badge_words, label_kind, label_letter, label_words, turned_label
from wimhf.ui.words.picked import picked_parts, picked_sentences
from wimhf.ui.words.views import UNMEASURED, divided_by

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


def test_what_the_labels_pick_is_said_as_surely_as_it_is_known() -> None:
    def parts(*toward_a: float) -> tuple[Part, ...]:
        return tuple(Part(f"does {n}", n == 0, "B", odds) for n, odds in enumerate(toward_a))

    def said(picked: Picked | None) -> str:
        return " ".join(picked_sentences(picked))

    sure = Picked("A", (0.9,), 0.71, 0.64, 0.77, 200, parts(0.2, 0.7, -0.001))
    assert "would pick response A" in said(sure)
    unsure = Picked("B", (-0.1,), 0.52, 0.47, 0.58, 200, ())
    assert "might pick either" in said(unsure)
    assert "response B" in said(unsure)
    assert "no difference" in said(Picked("", (0.0,), 0.5, 0.4, 0.6, 200, ()))
    assert "so few labels" in said(Picked("A", (0.3,), None, None, None, 0, ()))
    assert "cannot be told" in said(None)
    assert picked_parts(sure) == [
        ("does 0", "B", "A", ".20"), ("does 1 (no finding)", "B", "A", ".70"),
    ]  # fmt: skip


def test_a_share_that_could_be_anything_is_not_said_as_if_it_were_known() -> None:
    def said(low: float | None, high: float, *controls: str) -> str:
        bounds = {"value": 0.86, "low": low, "high": high}
        return recovered_words({**UNMEASURED, "auc_recovered": bounds, "controls": list(controls)})

    known = "Of what the best black box adds to the length, the features add 86% (77% to 96%)."
    assert said(0.77, 0.96, "length") == known
    assert "adds to what is controlled for" in said(0.77, 0.96, "length", "score")
    assert "adds to chance" in said(0.77, 0.96)
    unsure = said(-0.45, 1.42, "length")
    assert "cannot be told from these pairs: 86% (\N{MINUS SIGN}45% to 142%)" in unsure
    assert said(None, 0.96) == ""


def test_subsets_are_called_by_words_of_a_reader() -> None:
    assert divided_by("asked") == "type of prompt"
    assert divided_by("prompts") == "group of prompts"
    assert divided_by("domain") == "domain"
    assert divided_by(None) == "subset"


def test_no_share_is_less_than_nothing_by_rounding() -> None:
    assert (percent(-0.3), percent(-45), percent(12.34, 1)) == ("0%", "\N{MINUS SIGN}45%", "12.3%")
