"""No text that an expression matches falls through the sieve, and little else stays in it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wimhf.concepts import load_concepts, measure_concepts
from wimhf.concepts.concept import Concept
from wimhf.concepts.detect import part_of, sought_apart
from wimhf.concepts.expressions import parts_of
from wimhf.concepts.needs import Either, Every, Piece, Sign, need_of
from wimhf.concepts.sieve import Sieve

BANK = [concept for concept in load_concepts() if concept.detector is None]
WHOLE = [concept for concept in BANK if part_of(concept) == "whole"]
ASCII = st.text(st.sampled_from("abcdest ABT'-_*.!?1290\n"), max_size=30)
ODD = st.text(max_size=20)


def through(expression: str, texts: list[str]) -> list[bool]:
    """Say which texts the sieve lets through."""
    rows = Sieve(pl.Series(texts, dtype=pl.String), [expression]).rows([expression])
    return [rows is None or row in set(rows.tolist()) for row in range(len(texts))]


@pytest.mark.parametrize(
    ("expression", "holds", "does_not"),
    [
        (r"(?i)(?-u:\b)sorry(?-u:\b)", ["so Sorry.", "sorry"], ["sorrys", "unsorry", "sad"]),
        (r"(?i)apolog(?:y|ise)", ["Apology", "i apologise"], ["logy"]),
        (r"\bnot (?:at )?all\b", ["not all", "not at all"], ["not at", "nota tall"]),
        (r"(?i)\bapples?\b", ["apple", "apples"], ["pineapple", "appl"]),
        (r"colou?r", ["the color", "colours"], ["col r"]),
        (r"\*\*\w+\*\*", ["**so**"], ["so"]),
        (r"\d{2}", ["12", "٣٤"], ["ab"]),
        (r"[“”]", ["“so”"], ['"so"']),
        (r"\bno_one\b", ["no_one"], ["nobody one"]),
        (r"(?:\bf+u+n+\b)", ["fffun", "fun"], ["sun"]),
        (r"\<so\>", ["so"], ["sorry"]),
        (r"[\p{Greek}\p{Han}]{2,}", ["λόγος"], ["logos"]),
    ],
)
def test_texts_without_what_an_expression_needs_stay_out(
    expression: str, holds: list[str], does_not: list[str]
) -> None:
    assert through(expression, holds + does_not) == [True] * len(holds) + [False] * len(does_not)


@pytest.mark.parametrize(
    "expression",
    [r"\w+", r"(?:so)?", r"a|", r"[^a]b?", r"(?x) a b", r"\b{start}so", r"[[:alpha:]]+", r"\p{L}"],
)
def test_of_what_is_not_understood_nothing_is_said(expression: str) -> None:
    assert need_of(expression) is None


def test_a_need_is_read_from_the_expression() -> None:
    assert need_of(r"(?i)\bI'm (?:sorry|sad)!") == Every(
        (
            Sign("'"),
            Piece("i", True, True),
            Piece("m", True, True),
            Either((Piece("sorry", True, True), Piece("sad", True, True))),
            Sign("!"),
        )
    )


@pytest.mark.parametrize("concept", WHOLE, ids=lambda concept: concept.id)
def test_examples_pass_wherever_the_bank_matches_them(concept: Concept) -> None:
    texts = [text for other in WHOLE[::25] for text in other.examples_more] + [
        *concept.examples_more
    ]
    whole = parts_of(texts)["whole"]
    own = sought_apart(concept)
    matched = np.any([whole.str.contains(one).to_numpy() for one in own], axis=0)
    rows = Sieve(whole, own).rows(own)
    assert rows is None or set(np.flatnonzero(matched)) <= set(rows.tolist())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(ASCII, ODD), min_size=1, max_size=6), st.data())
def test_any_text_passes_wherever_the_bank_matches_it(
    texts: list[str], data: st.DataObject
) -> None:
    spoken = data.draw(st.sampled_from([text for c in WHOLE for text in c.examples_more]))
    cut = data.draw(st.integers(0, len(spoken)))
    whole = parts_of([*texts, spoken[:cut] + texts[0], texts[-1] + spoken[cut:]])["whole"]
    for concept in data.draw(st.lists(st.sampled_from(WHOLE), min_size=1, max_size=20)):
        own = sought_apart(concept)
        matched = np.any([whole.str.contains(one).to_numpy() for one in own], axis=0)
        rows = Sieve(whole, own).rows(own)
        assert rows is None or set(np.flatnonzero(matched)) <= set(rows.tolist())


def test_counting_is_the_same_without_the_sieve(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        text for concept in BANK[::3] for text in (*concept.examples_more, *concept.examples_less)
    ]
    sieved = measure_concepts(BANK, texts)
    monkeypatch.setattr(Sieve, "rows", lambda *_: None)
    assert (sieved != measure_concepts(BANK, texts)).nnz == 0
