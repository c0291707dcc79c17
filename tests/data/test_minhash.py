"""Near-duplicates by MinHash are those by the exact Jaccard similarity of three-word shingles."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from tests.health_pairs import sentence
from wimhf.data.health.minhash import BANDS, ROWS, near_duplicates, signatures_of

HASHES = BANDS * ROWS


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the three-word shingles of a text; the last word is repeated at its end."""
    words = re.findall(r"[^\W_]+", text.lower())
    padded = words + words[-1:] * 2
    return {tuple(padded[i : i + 3]) for i in range(len(words))}


def jaccard(one: str, other: str) -> float:
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def edited(text: str, share: float, rng: np.random.Generator) -> str:
    """Replace a share of the words by new ones."""
    words = [f"new{rng.integers(10**6)}" if rng.random() < share else w for w in text.split()]
    return " ".join(words)


def groups_of(*texts: str) -> list[int]:
    return near_duplicates(pl.Series(texts), seed=0).tolist()


def estimates(one: list[str], other: list[str], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    signatures = signatures_of(pl.Series([*one, *other]), rng)
    estimate: np.ndarray = (signatures[: len(one)] == signatures[len(one) :]).mean(axis=1)
    return estimate


@pytest.mark.parametrize("seed", range(3))
def test_the_estimate_is_the_exact_similarity_within_its_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = [sentence(rng, int(rng.integers(1, 200))) for _ in range(400)]
    other = [edited(text, share, rng) for text, share in zip(one, rng.random(400), strict=True)]
    exact = np.array([jaccard(a, b) for a, b in zip(one, other, strict=True)])
    error = estimates(one, other, seed) - exact
    spread = np.sqrt(exact * (1 - exact) / HASHES)
    assert exact.min() < 0.1
    assert exact.max() > 0.9
    assert (np.abs(error) <= 4.5 * spread + 1e-9).all()
    assert abs(error.mean()) < 3 * np.sqrt(np.mean(spread**2) / len(error))


def test_groups_are_those_of_the_exact_similarity() -> None:
    """Of texts that are clearly alike or clearly not, in any order."""
    rng = np.random.default_rng(1)
    stems = [sentence(rng, 120) for _ in range(40)]
    family = rng.integers(40, size=120)
    texts = [edited(stems[f], 0.004, rng) for f in family]
    alike = np.array([[jaccard(a, b) for b in texts] for a in texts])
    same = family[:, None] == family[None, :]
    assert alike[same].min() > 0.8
    assert alike[~same].max() < 0.1
    group = np.array(groups_of(*texts))
    assert ((group[:, None] == group[None, :]) == same).all()
    assert [group.tolist().index(g) for g in group] == group.tolist()
    order = rng.permutation(120)
    turned = np.array(groups_of(*(texts[i] for i in order)))
    assert ((turned[:, None] == turned[None, :]) == same[order][:, order]).all()


def test_case_and_punctuation_make_no_difference_and_words_do() -> None:
    text = sentence(np.random.default_rng(0), 60)
    shouted = text.upper().replace(" ", " -- ")
    assert groups_of(text, shouted, text.replace(" ", " other ")) == [0, 0, 2]


def test_a_word_more_or_less_of_a_long_text_is_near_and_half_of_it_is_not() -> None:
    text = sentence(np.random.default_rng(0), 100)
    words = text.split()
    fewer, half = " ".join(words[:50] + words[51:]), " ".join(words[:50])
    assert groups_of(text, fewer, f"so {text}", half) == [0, 0, 0, 3]


def test_texts_without_words_are_near_their_equals_only() -> None:
    assert groups_of("", "🦩", "🐕", "", "?!", "🦩", "\n") == [0, 1, 2, 0, 4, 1, 6]
    assert groups_of("") == [0]


def test_texts_of_one_or_two_words() -> None:
    assert groups_of("yes", "Yes!", "no", "yes no", "no yes", "yes, no") == [0, 0, 2, 3, 4, 3]


@pytest.mark.parametrize(
    "text",
    ["שלום עולם " * 20, "مرحبا بالعالم \u202e" * 20, "नमस्ते दुनिया " * 20, "e\u0301te\u0301 " * 30],
)
def test_any_script_is_compared(text: str) -> None:
    assert groups_of(text, f"{text} 🦩", sentence(np.random.default_rng(0))) == [0, 0, 2]


def test_very_long_texts_and_very_many_equals() -> None:
    rng = np.random.default_rng(0)
    long = sentence(rng, 20_000)
    assert len(long) > 100_000
    many = [f"{long[:400]} {i}" for i in range(300)]
    assert groups_of(long, f"{long} {long[:50]}", *many) == [0, 0, *[2] * 300]


def test_an_empty_table_has_no_groups() -> None:
    assert near_duplicates(pl.Series([], dtype=pl.String), seed=0).tolist() == []
