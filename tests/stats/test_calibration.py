"""Log odds that promise too much or too little are stretched to what is true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from wimhf.stats import odds_slope


@pytest.mark.parametrize("true", [0.3, 1.0, 2.0])
def test_a_planted_slope_is_found(true: float) -> None:
    rng = np.random.default_rng(0)
    odds = rng.standard_normal(40_000) * 2
    won = (rng.random(40_000) < expit(true * odds)).astype(float)
    assert odds_slope(odds, won) == pytest.approx(true, rel=0.06)


@given(st.integers(0, 10_000))
def test_exchanging_sides_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    odds, won = rng.standard_normal(60), (rng.random(60) < 0.5).astype(float)
    turn = rng.random(60) < 0.5
    turned = odds_slope(np.where(turn, -odds, odds), np.where(turn, 1 - won, won))
    assert turned == pytest.approx(odds_slope(odds, won), abs=1e-4)


def test_predictions_that_are_wrong_promise_nothing() -> None:
    odds = np.linspace(-3, 3, 50)
    assert odds_slope(odds, (odds < 0).astype(float)) == pytest.approx(0.0, abs=1e-4)
    assert odds_slope(np.zeros(3), np.ones(3)) == 1.0
