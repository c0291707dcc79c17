"""Laws of counting: columns, progress, and words."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wimhf.base import Event
from wimhf.concepts import Concept, detect, load_concepts, measure_concepts
from wimhf.concepts.measures import UNSPACED, count_letters, count_words, plain_words
from wimhf.concepts.sentences import sentence_parts

BANK = tuple(c for c in load_concepts() if c.of is None and c.reads == "response")
WRITTEN = tuple(c for c in BANK if c.detector is None)
EXAMPLES = [text for c in BANK[::7] for text in (*c.examples_more, *c.examples_less)]
HOSTILE = [
    "", "\x00", "a\x00b", "x" * 100_000, "no " * 40_000, "!" * 100_000, "\n" * 100_000,
    "é" * 50_000, "- \n" * 30_000, "you, " * 20_000, "|" * 100_000, "`" * 99_999, "1. " * 30_000,
    "# " * 50_000, "?! " * 30_000, "🙂" * 50_000, "(" * 100_000, "a:\n" * 30_000,
]  # fmt: skip


def test_counting_takes_any_text_and_is_sparse() -> None:
    found = measure_concepts(BANK, HOSTILE)
    assert (found.format, found.dtype, found.shape) == (
        "csc", np.float32, (len(HOSTILE), len(BANK)),
    )  # fmt: skip
    assert np.isfinite(found.data).all()
    assert (found.data > 0).all()
    assert measure_concepts([], HOSTILE).shape == (len(HOSTILE), 0)
    assert measure_concepts(BANK, []).shape == (0, len(BANK))


def test_progress_counts_texts_upwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "TOLD_EVERY", 0.0)
    monkeypatch.setattr(detect, "BATCH", 200)
    told: list[Event] = []
    measure_concepts(WRITTEN[:40], ["It is late. " * 5] * 12, told.append)
    done = [event.done for event in told]
    assert done == sorted(done)
    assert (done[-1], len(set(done)) > 3) == (12, True)
    assert {(event.stage, event.total, event.unit) for event in told} == {("concepts", 12, "texts")}


def test_two_columns_may_be_the_same_concept_and_columns_are_in_order() -> None:
    chosen = [BANK[4], *BANK[-3:], BANK[4], BANK[0]]
    found = measure_concepts(chosen, EXAMPLES[:50]).toarray()
    each = [measure_concepts([concept], EXAMPLES[:50]).toarray()[:, 0] for concept in chosen]
    assert np.array_equal(found, np.stack(each, axis=1))


def test_a_long_s_is_an_s() -> None:
    own = Concept(id="own", more="says sail", less="says no sail", words=("sail",))
    found = measure_concepts([own], ["ſail", "\u212aing", "SAIL", "Éſail"]).toarray()
    assert found[:, 0].tolist() == [1.0, 0.0, 1.0, 0.0]


@given(st.text())
def test_words_are_counted_as_they_are_split(text: str) -> None:
    assert count_words(text) == len(text.split()) + len(UNSPACED.findall(text))
    assert count_letters(text) == sum(map(str.isalnum, text))


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_has_the_same_plain_words_beside_other_letters(text: str) -> None:
    assert plain_words(text) == plain_words(text + " é")[:-1]


@given(st.text("ab .!?…\"')*\n。", max_size=20))
def test_sentences_end_at_the_first_run_of_marks_before_space(text: str) -> None:
    ends = re.compile(r"(?<![.!?…。！？])[.!?…。！？]+[\"'”’)\]*_]*\s|\n")
    parts, start = [], 0
    for end in ends.finditer(text + "\n"):
        part = text[start : end.start()].strip()
        parts += [(part, end[0] != "\n")] if part else []
        start = end.end()
    assert sentence_parts(text) == tuple(parts)


@given(st.lists(st.sampled_from(["tulip", "rose", "lily", "oak", "elm"]), min_size=1), st.text())
def test_presence_is_the_same_sought_together_and_apart(words: list[str], text: str) -> None:
    rules = {"id": "own", "more": "names it", "less": "does not", "patterns": tuple(words)}
    texts = [text, f"{text} rose", "elm " + text]
    found = []
    for together in (1, 8_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(detect, "TOGETHER", together)
            concept = Concept(**rules, count="presence", words=("birch",))  # type: ignore[arg-type]
            found.append(measure_concepts([concept], texts).toarray().tolist())
    counted = measure_concepts([Concept(**rules, words=("birch",))], texts)  # type: ignore[arg-type]
    assert found[0] == found[1] == (counted > 0).astype(float).toarray().tolist()
