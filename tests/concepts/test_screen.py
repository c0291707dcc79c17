"""The screen and the matching one by one are two implementations of one measurement."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wimhf.base import Event
from wimhf.concepts import Concept, detect, load_concepts, measure_concepts, screen
from wimhf.concepts.expressions import sought
from wimhf.concepts.loosen import OTHER, Loose, Unseen, loosened, seen
from wimhf.concepts.measures import UNSPACED, count_letters, count_words, plain_words

BANK = tuple(c for c in load_concepts() if c.of is None and c.reads != "both")
WRITTEN = tuple(c for c in BANK if c.detector is None)
EXAMPLES = [text for c in BANK for text in (*c.examples_more, *c.examples_less)]
ODD = [
    "", " ", "\n\n", "\x00", "a\x00b", "ſure, I’ll help", "\u212aing of Spain", "naïve café",
    "Да, конечно!", "これは本です。", "👩‍🔬 Yes! 🙂", "I can’t\r\nhelp\rwith that", "İstanbul ıs",
    "# Title\n\n- a\n- b\n", "x" * 100_000, "no " * 40_000, "!" * 100_000, "\n" * 100_000,
    "é" * 50_000, "- \n" * 30_000, "you, " * 20_000, "|" * 100_000, "`" * 99_999, "1. " * 30_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    pytest.importorskip("hyperscan")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, "COMPILE_FROM", 0)
        yield


def both_ways(texts: list[str], concepts: tuple[Concept, ...] = BANK) -> tuple[np.ndarray, ...]:
    with pytest.MonkeyPatch.context() as patch:
        one = measure_concepts(concepts, texts)
        patch.setattr(detect, "screen_for", lambda *_: None)
        other = measure_concepts(concepts, texts)
    return one.toarray(), other.toarray()


def told_apart(one: np.ndarray, other: np.ndarray) -> list[tuple[int, str]]:
    return [
        (int(row), BANK[column].id) for row, column in zip(*np.nonzero(one != other), strict=True)
    ]


@pytest.mark.usefixtures("screened")
def test_both_ways_agree_on_examples_and_on_odd_texts() -> None:
    assert told_apart(*both_ways([*EXAMPLES, *ODD])) == []


@pytest.mark.usefixtures("screened")
def test_both_ways_agree_on_mixtures_of_examples() -> None:
    rng = random.Random(0)
    joints = ["\n", "\n\n", " ", "", ". ", "\n- ", " — ", "\u00a0", "’", "\x00"]
    texts = []
    for _ in range(600):
        chosen = [rng.choice(EXAMPLES) for _ in range(rng.randint(1, 6))]
        texts.append("".join(part + rng.choice(joints) for part in chosen))
    assert told_apart(*both_ways(texts)) == []


PIECES = st.sampled_from(
    [*"aAzkKsS Éßſ\u212a你д.!?'’\"-*#`_|>:;,()[]0129\n\t\r\x00\u00a0🙂\u0301", "\n\n", "```", "I ",
     "can't ", "help ", "you ", "not ", "sorry", "1. ", "- ", "**b** ", "https://x.org "]
)  # fmt: skip


@pytest.mark.usefixtures("screened")
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(PIECES, max_size=40).map("".join), min_size=20, max_size=60))
def test_both_ways_agree_on_any_text(texts: list[str]) -> None:
    assert told_apart(*both_ways(texts)) == []


@pytest.mark.parametrize("concept", WRITTEN, ids=lambda concept: concept.id)
def test_every_expression_of_the_bank_can_be_loosened(concept: Concept) -> None:
    assert loosened(sought(concept)).pattern.isascii()


@pytest.mark.parametrize(
    ("expression", "pattern", "exact"),
    [
        (r"(?i)(?:(?-u:\b)tea(?-u:\b))", rb"(?i)(?:\btea\b)", True),
        ("a$", rb"a\z", True), (r"(?m)^a$", b"(?m)^a$", True), ("x?^a", b"x?a", False),
        ("(?:a|^b)", b"(?:a|^b)", True), (r"a\Bb", rb"ab", False), (r"\bдa", rb"\x80a", False),
        ("[“”]+", rb"[\x80]+", True), (r"[a\]-]", rb"[\x2d\x5d\x61]", True),
        ("[[ab]&&[b]]", rb"[\x62\x80]", True), (r"\x{1F600}", rb"\x80", True),
        (r"[^\x00-y]", rb"[\x7a\x7b\x7c\x7d\x7e\x7f\x80]", True),
    ],
)  # fmt: skip
def test_an_expression_is_loosened(expression: str, pattern: bytes, exact: bool) -> None:
    assert loosened(expression) == Loose(pattern, exact)


@pytest.mark.parametrize("expression", [r"a\b{start}", r"\<a", "(?x)a b", "a{,3}", "(?P<n>a)", "ſ"])
def test_what_may_mean_something_else_is_not_loosened(expression: str) -> None:
    with pytest.raises(Unseen):
        loosened(expression)


def test_a_text_is_seen_one_byte_for_a_character() -> None:
    for text in (*EXAMPLES, *ODD):
        assert len(seen(text)) == len(text)
    assert seen("aé🙂") == bytes([97, OTHER, OTHER])


@pytest.mark.usefixtures("screened")
def test_a_compiled_screen_is_kept_and_a_damaged_one_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIMHF_CACHE", str(tmp_path))
    expressions = [("whole", rf"(?i)(?:tea{n}(?-u:\b))") for n in range(20)]
    assert screen.screen_for(expressions, 10) is not None
    (path,) = (tmp_path / "patterns").iterdir()
    monkeypatch.setattr(screen, "COMPILE_FROM", 100)
    parts = pl.DataFrame({"whole": ["a Tea7, tea7 and tea12", "milk"]})
    for whole in (True, False):
        if not whole:
            path.write_bytes(path.read_bytes()[:100])
            screen._loaded.cache_clear()
            assert screen.screen_for(expressions, 10) is None
        found = screen.screen_for(expressions, 10 if whole else 100)
        assert found is not None
        rows = found.candidates(parts, lambda share: None)
        assert [n for n in range(20) if len(rows[n].rows)] == [7, 12]
        assert (rows[7].matches.tolist(), rows[7].once.tolist()) == ([True], [False])
        assert rows[12].once.tolist() == [True]


def test_without_the_library_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "find_spec", lambda name: None)
    assert screen.screen_for([("whole", "tea")] * 50, 10**9) is None
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    assert measure_concepts(WRITTEN[:30], ["Is it late?"]).shape == (1, 30)


def test_progress_counts_texts_upwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "TOLD_EVERY", 0.0)
    monkeypatch.setattr(detect, "BATCH", 200)
    told: list[Event] = []
    texts = ["It is late. " * 5] * 12
    measure_concepts(WRITTEN[:40], texts, told.append)
    done = [event.done for event in told]
    assert done == sorted(done)
    assert (done[-1], len(set(done)) > 3) == (12, True)
    assert {(event.stage, event.total, event.unit) for event in told} == {("concepts", 12, "texts")}


def test_two_concepts_may_be_the_same_and_columns_are_in_order() -> None:
    chosen = [BANK[4], *BANK[-3:], BANK[4], BANK[0]]
    found = measure_concepts(chosen, EXAMPLES[:50]).toarray()
    each = [measure_concepts([concept], EXAMPLES[:50]).toarray()[:, 0] for concept in chosen]
    assert np.array_equal(found, np.stack(each, axis=1))


@given(st.text())
def test_words_are_counted_as_they_are_split(text: str) -> None:
    assert count_words(text) == len(text.split()) + len(UNSPACED.findall(text))
    assert count_letters(text) == sum(map(str.isalnum, text))
    assert plain_words(text) == plain_words(text + "\u00a0é")[: len(plain_words(text))]
