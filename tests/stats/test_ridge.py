"""Ridge regression of an odd column: odd, and like another implementation's."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from wimhf.stats import ridge_predictions, wilson_interval
from wimhf.stats.ridge import PENALTIES


def planted(n: int = 600, d: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    columns = rng.standard_normal((n, d))
    return columns, columns @ rng.standard_normal(d) + 2 * rng.standard_normal(n)


def test_it_agrees_with_another_implementation() -> None:
    columns, target = planted()
    own, wanted = columns[:400], target[:400]
    size = np.square(own).mean() * len(own)

    def error(penalty: float) -> float:
        hat = own @ np.linalg.inv(own.T @ own + penalty * size * np.eye(own.shape[1])) @ own.T
        rest = wanted - hat @ wanted
        return float(rest @ rest) / (1 - np.trace(hat) / len(own)) ** 2

    best = min(PENALTIES, key=error)
    other = Ridge(best * size, fit_intercept=False).fit(own, wanted)
    np.testing.assert_allclose(
        ridge_predictions(columns, target, np.arange(400)), other.predict(columns), rtol=1e-7
    )


def test_exchanging_sides_negates_it_and_rows_left_out_do_not_matter() -> None:
    columns, target = planted()
    fit = np.arange(300)
    one = ridge_predictions(columns, target, fit)
    sign = np.where(np.arange(len(target)) % 3 == 0, -1.0, 1.0)
    np.testing.assert_allclose(ridge_predictions(columns * sign[:, None], target * sign, fit),
                               one * sign, rtol=1e-8, atol=1e-10)  # fmt: skip
    spoilt = np.where(np.arange(len(target)) < 300, target, 1e6)
    np.testing.assert_array_equal(ridge_predictions(columns, spoilt, fit), one)


def test_nothing_is_predicted_of_nothing() -> None:
    columns, _ = planted()
    assert not ridge_predictions(columns, np.zeros(len(columns)), np.arange(9)).any()
    assert not ridge_predictions(0 * columns, np.ones(len(columns)), np.arange(9)).any()


def test_wilson_is_the_textbooks() -> None:
    found = wilson_interval(19, 20)
    assert found["value"] == 0.95
    assert (found["low"], found["high"]) == pytest.approx((0.763869, 0.991119), abs=1e-6)
    assert wilson_interval(0, 0) == {"value": None, "low": None, "high": None}
    mirrored = wilson_interval(1, 20)
    assert mirrored["low"] == pytest.approx(1 - 0.991119, abs=1e-6)
