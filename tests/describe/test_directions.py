"""Directions from marks: a planted one is found, chance is refused, sides do not matter."""

import numpy as np
import pytest

from wimhf.describe import active_bound, as_active, leakage, learn_direction, marks_of
from wimhf.errors import EstimationError
from wimhf.stats import RIDGE, fold_numbers, out_of_fold_models, ridge_model

K, D = 120, 40


def planted(noise: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw columns, marks, components and the true direction."""
    rng = np.random.default_rng(4)
    columns, truth = rng.standard_normal((K, D)), rng.standard_normal(D)
    score = columns @ truth / np.linalg.norm(truth) + noise * rng.standard_normal(K)
    marks = np.where(np.abs(score) < 0.3, 0.5, score > 0)
    return columns, marks, np.arange(K) // 2, truth


def learned(*data: np.ndarray, seed: int = 0):  # noqa: ANN201
    return learn_direction(*data[:3], np.random.default_rng(seed))


def test_a_planted_direction_is_found() -> None:
    columns, marks, component, truth = planted(0.5)
    found = learned(columns, marks, component)
    cosine = found.weights @ truth / np.linalg.norm(found.weights) / np.linalg.norm(truth)
    assert cosine > 0.7
    fresh = np.random.default_rng(5).standard_normal((2000, D))
    true = np.mean((fresh @ found.weights > 0) == (fresh @ truth > 0))
    assert found.agreement["low"] < true
    assert (found.marked, found.sided) == (K, int((marks != 0.5).sum()))


def test_exchanging_sides_negates_what_is_said() -> None:
    columns, marks, component, _ = planted()
    sign = np.where(np.random.default_rng(6).random(K) < 0.5, -1.0, 1.0)
    turned = np.where(sign > 0, marks, 1 - marks)
    one, other = (
        learned(columns, marks, component),
        learned(columns * sign[:, None], turned, component),
    )
    np.testing.assert_allclose(other.weights, one.weights, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(other.held_out, sign * one.held_out, rtol=1e-4, atol=1e-6)
    assert other.agreement == pytest.approx(one.agreement)


def test_the_scale_of_the_columns_does_not_matter() -> None:
    columns, marks, component, _ = planted()
    one, other = learned(columns, marks, component), learned(1000 * columns, marks, component)
    np.testing.assert_allclose(1000 * other.weights, one.weights, rtol=1e-6, atol=1e-9)


def test_random_marks_are_refused() -> None:
    refusals = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        marks = rng.integers(0, 2, K).astype(float)
        try:
            learn_direction(rng.standard_normal((K, D)), marks, np.arange(K), rng)
        except EstimationError as error:
            refusals.append(str(error))
    assert len(refusals) >= 19
    assert all("held-out agreement with the 120 marks" in said for said in refusals)


@pytest.mark.parametrize(
    ("kept", "marks", "component", "said"),
    [
        (10, np.arange(10) % 2, np.arange(10), "10 pairs are marked"),
        (40, np.full(40, 0.5), np.arange(40), "0 of them name a side"),
        (40, np.arange(40) % 2, np.arange(40) // 20, "fewer than 5 independent prompts"),
    ],
)
def test_too_little_is_refused(
    kept: int, marks: np.ndarray, component: np.ndarray, said: str
) -> None:
    columns = planted()[0][:kept]
    with pytest.raises(EstimationError, match=said):
        learned(columns, marks.astype(float), component)


def test_a_bound_tells_neither_from_a_side_however_often_it_was_marked() -> None:
    rng = np.random.default_rng(1)
    score = np.concatenate([rng.normal(0, 0.3, 300), rng.choice([-1, 1], 300) * 3.0])
    marks = np.concatenate([np.full(300, 0.5), score[300:] > 0])
    whole = active_bound(score, marks)
    rare = active_bound(score[270:], marks[270:])
    assert 0.5 < rare <= 3.0
    assert whole == 3.0
    assert active_bound(score[295:], marks[295:]) == 0.0  # too few to tell
    assert active_bound(-score, 1 - marks) == whole


def test_the_smallest_are_set_to_nothing() -> None:
    values = np.random.default_rng(1).standard_normal(1000)
    active = as_active(values, 0.3)
    np.testing.assert_array_equal(active != 0, np.abs(values) >= 0.3)
    np.testing.assert_array_equal(as_active(-values, 0.3), -active)
    np.testing.assert_array_equal(as_active(values, 0.0), values)


def test_votes_in_both_orders_are_averaged() -> None:
    nan = np.nan
    votes = np.array([[1, 1, -1, 1, 0, nan, nan], [1, -1, -1, 0, 0, -1, nan]])
    np.testing.assert_array_equal(marks_of(votes), [1, 0.5, 0, 0.75, 0.5, 0, nan])


def test_leakage_is_there_where_predictions_know_the_label() -> None:
    rng = np.random.default_rng(2)
    label = rng.integers(0, 2, 400).astype(float)
    marks = rng.integers(0, 2, 400).astype(float)
    assert leakage(2 * label - 1, marks, label) > 0.4
    assert leakage(2 * marks - 1, marks, label) == pytest.approx(0)
    assert leakage(label, marks, np.full(400, 0.5)) is None


def test_the_weights_are_those_of_the_whole_fit() -> None:
    columns, marks, component, _ = planted()
    rows, rng = np.arange(60), np.random.default_rng(0)
    folds = fold_numbers(np.unique(component[:60], return_inverse=True)[1], 5, rng)
    kinds, ones = np.full(D, RIDGE), np.ones(60)
    data = (marks[:60], ones, component[:60])
    size = np.sqrt(np.square(columns[:60]).mean())
    out_of_fold_models(columns[:60] / size, kinds, *data, folds, rng)
    whole = ridge_model(columns[:60] / size, kinds, *data, rows, rng) / size
    found = learned(columns[:60], marks[:60], component[:60])
    cosine = whole @ found.weights / np.linalg.norm(whole) / np.linalg.norm(found.weights)
    assert cosine > 0.999


def test_columns_that_say_nothing_are_refused() -> None:
    _, marks, component, _ = planted()
    with pytest.raises(EstimationError, match="do not differ"):
        learned(np.zeros((K, D)), marks, component)
