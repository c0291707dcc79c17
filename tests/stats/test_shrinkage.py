"""Shrunken effects are right about the ones that were chosen."""

import numpy as np
import pytest

from wimhf.stats.shrinkage import shrunken


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 8, 300) * (rng.random(300) < 0.2)
    error = rng.uniform(1.5, 5, 300)
    return truth, truth + error * rng.standard_normal(300), error


def test_the_strongest_are_as_large_as_told_and_inside_their_intervals() -> None:
    raw, told, inside = [], [], []
    for seed in range(60):
        truth, x, s = drawn(seed)
        found = shrunken(x, s)
        top = np.argsort(-np.abs(x / s))[:10]
        sign = np.sign(x[top])
        raw.append((sign * (x - truth)[top]).mean())
        told.append((sign * (found.mean - truth)[top]).mean())
        inside.append(((found.low - 1e-9 <= truth) & (truth <= found.high + 1e-9))[top].mean())
    assert np.mean(raw) > 0.8  # the curse
    assert abs(np.mean(told)) < 0.4
    assert np.mean(inside) > 0.92


def test_turning_effects_negates_and_nothing_grows() -> None:
    _, x, s = drawn(1)
    one, other = shrunken(x, s), shrunken(-x, s)
    assert one.mean == pytest.approx(-other.mean, abs=1e-6)
    assert one.low == pytest.approx(-other.high, abs=1e-4)
    assert (np.abs(one.mean) <= np.abs(x) + 1e-9).all()
    sure = (one.low > 0) | (one.high < 0)  # else much of the posterior may be exactly 0
    assert sure.sum() > 10
    assert ((one.low < one.mean) & (one.mean < one.high))[sure].all()


def test_what_was_not_estimated_stays_so_and_one_alone_stays_as_it_is() -> None:
    found = shrunken(np.array([np.nan, 3.0]), np.array([1.0, 1.0]))
    assert np.isnan(found.mean[0])
    assert found.mean[1] == 3.0
    assert shrunken(np.empty(0), np.empty(0)).mean.shape == (0,)


def test_nothing_but_noise_is_told_as_next_to_nothing() -> None:
    rng = np.random.default_rng(0)
    found = shrunken(rng.standard_normal(200) * 3, np.full(200, 3.0))
    assert np.abs(found.mean).max() < 1.5
