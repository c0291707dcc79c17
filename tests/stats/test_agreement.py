"""Agreement of annotators, two by two: its laws, and another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from wimhf.base import Ints
from wimhf.stats import pairwise_agreement


def draw(seed: int, items: int = 200) -> tuple[Ints, Ints, Ints, Ints]:
    """Draw votes of four, the last of whom judged few items; two items share a prompt."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=items)
    rows = []
    for who, care in enumerate((0.9, 0.7, 0.4, 0.9)):
        for item in range(items if who < 3 else 15):
            vote = truth[item] if rng.random() < care else rng.integers(3)
            rows.append((item, who, vote, item // 2))
    columns = np.array(rows)[rng.permutation(len(rows))].T
    return columns[0], columns[1], columns[2], columns[3]


def test_shares_and_kappas_are_those_of_the_votes() -> None:
    item, who, vote, cluster = draw(0)
    table = pairwise_agreement(item, who, vote, cluster)
    assert table.select("first", "second").rows() == [(0, 1), (0, 2), (1, 2)]
    for row in table.to_dicts():
        votes = [
            dict(zip(item[who == one].tolist(), vote[who == one].tolist(), strict=True))
            for one in (row["first"], row["second"])
        ]
        both = sorted(set(votes[0]) & set(votes[1]))
        one, two = ([own[at] for at in both] for own in votes)
        assert row["shared"] == len(both) == 200
        assert row["agreement"] == pytest.approx(np.mean(np.equal(one, two)))
        assert row["kappa"] == pytest.approx(cohen_kappa_score(one, two))
        assert row["low"] < row["agreement"] < row["high"]


def test_intervals_cover() -> None:
    true = 0.9 * 0.7 + (1 - 0.9 * 0.7) / 3
    inside = 0
    for seed in range(200):
        row = pairwise_agreement(*draw(seed, 100)).row(0, named=True)
        inside += row["low"] <= true <= row["high"]
    assert 0.92 <= inside / 200 <= 0.98


def test_those_who_never_vote_otherwise_have_no_kappa_and_nobody_no_row() -> None:
    item, who = np.tile(np.arange(30), 2), np.repeat([0, 1], 30)
    table = pairwise_agreement(item, who, np.ones(60, dtype=np.int64), item)
    assert table["kappa"][0] is None
    assert table["agreement"][0] == 1
    nothing = np.empty(0, dtype=np.int64)
    assert pairwise_agreement(nothing, nothing, nothing, nothing).is_empty()
