"""Reasons that speak of what decided: planted ones are found, others are chance."""

from __future__ import annotations

import numpy as np
import pytest

from wimhf.stats import mention_shares


def test_intervals_cover_what_was_planted_and_habits_of_annotators_are_no_sign() -> None:
    inside, called = [], 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n = 400
        component, who = np.arange(n) // 2, rng.integers(8, size=n)
        # annotators who often decide by it also often say so, whatever decided
        habit = np.linspace(0.1, 0.6, 8)[who]
        decided = rng.random((n, 2)) < habit[:, None]
        mood = rng.random(n // 2)[component] * 0.1
        said = rng.random((n, 2)) < (habit + mood)[:, None] + decided * [0.0, 0.2]
        table = mention_shares(said, decided, who, component)
        weight = np.linspace(0.1, 0.6, 8)
        # a reason gains .2 where it decided, of which the baseline has the annotator's share
        true = 0.2 * float((weight * (1 - weight)).sum() / weight.sum())
        inside.append((table["low"][1] <= true) and (true <= table["high"][1]))
        called += int(table["q"][0] < 0.05)
    assert 0.92 <= np.mean(inside) <= 0.98
    assert called / 300 < 0.09


def test_the_baseline_is_the_mean_over_shuffles() -> None:
    rng = np.random.default_rng(0)
    who = rng.integers(3, size=90)
    said = rng.random((90, 1)) < 0.3 + 0.2 * who[:, None]
    decided = rng.random((90, 1)) < 0.5
    (row,) = mention_shares(said, decided, who, np.arange(90)).to_dicts()
    shares = []
    for _ in range(4000):
        order = np.arange(90)
        for one in range(3):
            own = np.flatnonzero(who == one)
            order[own] = rng.permutation(own)
        shares.append(said[order][decided].mean())
    assert row["shuffled"] == pytest.approx(np.mean(shares), abs=0.005)
    assert row["lift"] == pytest.approx(row["mentioned"] - row["shuffled"])


def test_none_of_a_few_is_no_sign_where_some_are_to_be_expected() -> None:
    called = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        said, decided = rng.random((600, 1)) < 0.2, np.zeros((600, 1), dtype=bool)
        decided[:30] = True
        table = mention_shares(said, decided, np.zeros(600, dtype=np.int64), np.arange(600))
        called += (table["p"][0] or 1.0) < 0.05
    assert called / 300 < 0.08
    said[:30], decided[:] = True, False
    decided[:30] = True
    table = mention_shares(said, decided, np.zeros(600, dtype=np.int64), np.arange(600))
    assert table["p"][0] < 0.001


def test_what_cannot_be_told_has_a_reason() -> None:
    said, decided = np.zeros((100, 2), dtype=bool), np.zeros((100, 2), dtype=bool)
    decided[:5, 0] = decided[:, 1] = True
    table = mention_shares(said, decided, np.zeros(100, dtype=np.int64), np.arange(100))
    assert table["p"].null_count() == 2
    assert "decides only 5 pairs" in table["reason"][0]
    assert "hardly any" in table["reason"][1]
