"""Ratings of models: their laws, planted strengths, and models that only win or meet nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from wimhf.base import Floats
from wimhf.stats import Matches, Ratings, rate_models, rating_changes

STRENGTHS = np.array([-1.0, -0.3, 0.0, 0.3, 1.0])
PER_LOG_ODDS = 400 / np.log(10)


def draw(strengths: Floats, n: int, seed: int, ties: float = 0.1, length: float = 0.0) -> Matches:
    """Draw matches; three share a prompt that some models take better to, the strong write more."""
    rng = np.random.default_rng(seed)
    models, at = len(strengths), np.arange(n)
    first = rng.integers(models, size=n)
    second = (first + rng.integers(1, models, size=n)) % models
    component = at // 3
    taste = rng.standard_normal((n, models))[component] * 0.7
    longer = rng.standard_normal(n) + 0.5 * (strengths[first] - strengths[second])
    value = strengths[first] - strengths[second] + taste[at, first] - taste[at, second]
    label = (rng.random(n) < 1 / (1 + np.exp(-value - length * longer))).astype(float)
    label[rng.random(n) < ties] = 0.5
    held = longer[:, None] if length else np.empty((n, 0))
    return Matches(first, second, label, np.ones(n), component, held)


def ratings(found: Ratings) -> Floats:
    return np.asarray(found.table["rating"].to_numpy(), dtype=np.float64)


def test_exchanging_sides_changes_nothing() -> None:
    given = draw(STRENGTHS, 300, 0, length=0.5)
    turn = np.random.default_rng(1).random(300) < 0.5
    swapped = replace(
        given, first=np.where(turn, given.second, given.first),
        second=np.where(turn, given.first, given.second),
        label=np.where(turn, 1 - given.label, given.label),
        held=np.where(turn[:, None], -given.held, given.held),
    )  # fmt: skip
    one, two = rate_models(given, 5).table, rate_models(swapped, 5).table
    for name in ("win_rate", "rating", "low", "high"):
        assert np.allclose(one[name], two[name])
    assert one["rating"].mean() == pytest.approx(1000)


@pytest.mark.parametrize("length", [0.0, 0.6])
def test_planted_strengths_are_covered(length: float) -> None:
    # what endless pairs would say; tastes of prompts make it less than the strengths themselves
    true = ratings(rate_models(draw(STRENGTHS, 200_000, 99, length=length), 5))
    inside = []
    for seed in range(120):
        table = rate_models(draw(STRENGTHS, 240, seed, length=length), 5).table
        inside.append((table["low"].to_numpy() <= true) & (true <= table["high"].to_numpy()))
    assert 0.925 <= np.mean(inside) <= 0.975


def test_length_held_takes_off_what_length_gave() -> None:
    given = draw(STRENGTHS, 4000, 5, length=1.5)
    without = replace(given, held=np.empty((4000, 0)))
    assert np.ptp(ratings(rate_models(given, 5))) < np.ptp(ratings(rate_models(without, 5))) - 50


def test_two_models_are_as_far_apart_as_the_odds_of_one() -> None:
    label = np.repeat([1.0, 0.0, 0.5], [60, 20, 20])
    zeros = np.zeros(100, dtype=np.int64)
    given = Matches(zeros, zeros + 1, label, np.ones(100), np.arange(100), np.empty((100, 0)))
    one, two = ratings(rate_models(given, 2))
    assert one - two == pytest.approx(PER_LOG_ODDS * np.log(70 / 30), rel=1e-6)


def test_one_that_only_wins_has_a_rating_open_above_and_one_that_meets_nobody_a_reason() -> None:
    table = rate_models(draw(np.array([-1.0, 0.0, 1.0, 12.0]), 300, 0, ties=0.0), 5).table
    winner, alone = table.row(3, named=True), table.row(4, named=True)
    assert winner["low"] > table["high"][:3].max()
    assert winner["high"] is None
    assert "beat all" in winner["reason"]
    assert winner["rating"] > winner["low"]
    assert alone["rating"] is None
    assert "compared with none" in alone["reason"]
    assert table["rating"][:3].mean() == pytest.approx(1000)
    loser = rate_models(draw(np.array([-12.0, 0.0, 1.0]), 300, 0, ties=0.0), 3)
    assert "wins, or loses" not in (loser.table["reason"][0] or "")
    assert loser.table["low"][0] is None
    never = rate_models(draw(np.array([-30.0, 30.0]), 50, 0, ties=0.0), 2).table
    assert never["rating"].null_count() == 2
    assert "wins, or loses" in never["reason"][0]


def test_intervals_of_a_model_that_rarely_loses_cover() -> None:
    strengths = np.array([-0.5, 0.0, 0.5, 4.0])
    true = float(ratings(rate_models(draw(strengths, 200_000, 99, ties=0.0), 4))[3])
    inside, open_above = [], 0
    for seed in range(200):
        row = rate_models(draw(strengths, 90, seed, ties=0.0), 4).table.row(3, named=True)
        open_above += row["high"] is None
        inside.append(row["low"] <= true <= (row["high"] or np.inf))
    assert 20 < open_above < 180
    assert np.mean(inside) >= 0.93


def test_unlabelled_dropped_unnamed_and_equal_models_count_for_nothing() -> None:
    given = draw(STRENGTHS, 200, 2)
    more = Matches(
        np.r_[given.first, 0, 0, -1, 2], np.r_[given.second, 4, 4, 3, 2],
        np.r_[given.label, np.nan, 1, 1, 1], np.r_[given.weight, 1, 0, 1, 1],
        np.r_[given.component, 990, 991, 992, 993], np.empty((204, 0)),
    )  # fmt: skip
    assert rate_models(given, 5).table.equals(rate_models(more, 5).table)


def test_the_same_labels_move_nothing_and_flips_move_the_right_way() -> None:
    given = draw(STRENGTHS, 600, 4)
    before = rate_models(given, 5)
    same = rating_changes(before, rate_models(given, 5))
    assert same.drop("model").to_numpy().any() == np.False_
    lost = ((given.first == 0) & (given.label == 0)) | ((given.second == 0) & (given.label == 1))
    flipped = replace(given, label=np.where(lost, 1 - given.label, given.label))
    moved = rating_changes(before, rate_models(flipped, 5))
    assert moved["change_low"][0] > 100
    assert moved["change"].sum() == pytest.approx(0)
    assert (moved["change"][1:] < 0).all()


def test_intervals_of_moves_cover() -> None:
    def both(n: int, seed: int) -> pl.DataFrame:
        given = draw(STRENGTHS, n, seed)
        chosen = np.random.default_rng(seed + 1000).random(n) < 0.5
        turn = chosen & ((given.first == 4) | (given.second == 4))
        after = replace(given, label=np.where(turn, 1 - given.label, given.label))
        return rating_changes(rate_models(given, 5), rate_models(after, 5))

    true = both(200_000, 77)["change"].to_numpy()
    inside = []
    for seed in range(120):
        table = both(240, seed)
        low, high = table["change_low"].to_numpy(), table["change_high"].to_numpy()
        inside.append((low <= true) & (true <= high))
    assert 0.925 <= np.mean(inside) <= 0.975
