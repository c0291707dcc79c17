"""Laws of differences: odd, one scale, zero for identical responses."""

import numpy as np
import pytest

from wimhf.errors import EstimationError
from wimhf.learn.differences import difference, pair_differences


def example(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((40, 12)).astype(np.float32)
    a, b = rng.integers(0, 40, 100), rng.integers(0, 40, 100)
    return vectors, a, b, rng.random(100) < 0.6


def test_swapping_negates_bit_for_bit_and_keeps_the_scale() -> None:
    vectors, a, b, fit = example()
    one, other = difference(vectors, a, b, fit), difference(vectors, b, a, fit)
    assert np.array_equal(one.values, -other.values)
    assert one.scale == other.scale


def test_fitting_pairs_have_rms_length_one_and_identical_responses_give_zero() -> None:
    vectors, a, b, fit = example()
    b[:3] = a[:3]
    values = difference(vectors, a, b, fit).values
    assert np.square(values[fit]).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-5)
    assert not values[:3].any()


def test_blocks_do_not_change_the_result() -> None:
    vectors, a, b, fit = example()
    whole, parts = difference(vectors, a, b, fit), difference(vectors, a, b, fit, block=7)
    assert np.allclose(whole.values, parts.values, atol=1e-6)


def test_identical_responses_everywhere_are_said_to_be_so() -> None:
    vectors, a, _, fit = example()
    with pytest.raises(EstimationError, match="identical in every pair"):
        difference(vectors, a, a, fit)


def test_one_subtraction_stands_behind_the_scaled_differences() -> None:
    vectors, a, b, fit = example()
    raw, scaled = pair_differences(vectors, a, b, block=7), difference(vectors, a, b, fit)
    assert np.array_equal(raw, vectors[a] - vectors[b])
    assert np.array_equal(raw / np.float32(scaled.scale), scaled.values)
