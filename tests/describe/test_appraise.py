"""A dictionary whose features are words is better described than one of noise, and is kept."""

import numpy as np
import pytest

from tests.conftest import TRAITS, toy_rows
from wimhf.base.config import DictionaryConfig
from wimhf.describe import Appraiser
from wimhf.learn.dictionary.batch_topk import BatchTopK
from wimhf.learn.dictionary.train import train

ROWS = toy_rows(600)
SIDES = tuple([row[f"response_{side}"] for row in ROWS] for side in "ab")
SPLIT = np.array(["fit", "fit", "fit", "select", "test"])[np.arange(600) // 2 % 5]


def appraiser(a: list[str] = SIDES[0], b: list[str] = SIDES[1]) -> Appraiser:
    return Appraiser((a, b), SPLIT, np.random.default_rng(0))


def word_codes() -> np.ndarray:
    counts = [
        [[text.split().count(words.split()[0]) for words in TRAITS.values()] for text in side]
        for side in SIDES
    ]
    return np.array(counts[0], np.float32) - np.array(counts[1], np.float32)


def test_words_are_better_described_than_noise() -> None:
    codes, rng = word_codes(), np.random.default_rng(1)
    noise = rng.permutation(codes, axis=0)
    assert appraiser().appraise(codes) > 0.9
    assert appraiser().appraise(noise) < 0.4


def test_test_pairs_and_sides_are_not_looked_at() -> None:
    codes = word_codes()
    changed = np.where((SPLIT == "test")[:, None], 7.0, codes).astype(np.float32)
    assert appraiser().appraise(changed) == appraiser().appraise(codes)
    swapped = appraiser(SIDES[1], SIDES[0]).appraise(-codes)
    assert swapped == pytest.approx(appraiser().appraise(codes), abs=1e-9)


def test_the_better_appraised_of_equal_restarts_is_kept() -> None:
    rng = np.random.default_rng(0)
    data = rng.standard_normal((500, 12)).astype(np.float32)
    config = DictionaryConfig(features=6, k=2, steps=60, restarts=3, device="cpu")
    seen: list[BatchTopK] = []

    def last(dictionary: BatchTopK) -> float:
        seen.append(dictionary)
        return 1.0 if len(seen) == 3 else 0.1

    kept = train(data[:300], data[300:], config, 0, appraise=last)
    assert kept.dictionary is seen[2]
    assert [one["describability"] for one in kept.restarts] == [0.1, 0.1, 1.0]
    assert "describability" not in train(data[:300], data[300:], config, 0).restarts[0]
