"""Laws of models fitted side by side: they are those that are fitted one by one."""

import numpy as np
import pytest

from wimhf.errors import EstimationError
from wimhf.stats import column_fits as module
from wimhf.stats.column_fits import column_fits
from wimhf.stats.logit import cluster_logit


def drawn(
    n: int, p: int, c: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw columns of which many are seldom active, controls, labels with ties, weights, groups."""
    rng = np.random.default_rng(seed)
    active = rng.random((n, p)) < rng.uniform(0.05, 1.0, p)
    columns = rng.standard_normal((n, p)) * active
    controls = rng.standard_normal((n, c)) + 0.5 * columns[:, :1]
    value = columns @ rng.normal(0, 0.6, p) + controls @ rng.normal(0, 0.5, c)
    label = (rng.random(n) < 1 / (1 + np.exp(-value))).astype(float)
    label[rng.random(n) < 0.1] = 0.5
    return columns, controls, label, rng.uniform(0.2, 3.0, n), rng.integers(0, n // 3, n)


@pytest.mark.parametrize("controls", [0, 1, 4])
@pytest.mark.parametrize(("width", "together"), [(48, 4096), (5, 70)])
def test_they_are_those_fitted_one_by_one(
    controls: int, width: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WIDTH", width)
    monkeypatch.setattr(module, "TOGETHER", together)
    columns, held, label, weight, component = drawn(300, 12, controls, seed=controls)
    found = column_fits(columns, held, label, weight, component)
    assert found.fitted.all()
    for place, column in enumerate(columns.T):
        alone = cluster_logit(np.column_stack([column, held]), label, weight, component)
        assert np.allclose(found.beta[place], alone.beta, atol=1e-6)
        assert found.variance[place] == pytest.approx(alone.covariance[0, 0], rel=1e-5)


def test_what_has_no_fit_is_left_to_be_said_alone() -> None:
    columns, held, label, weight, component = drawn(300, 4, 2, seed=1)
    columns[:, 1] = 2 * held[:, 0] - held[:, 1]  # collinear
    columns[:, 2] = np.where(label == 0.5, 0.0, 2 * label - 1)  # separates the labels
    columns[:, 3] = 0.0
    found = column_fits(columns, held, label, weight, component)
    assert found.fitted.tolist() == [True, False, False, False]
    for place in (1, 2, 3):
        with pytest.raises(EstimationError):
            cluster_logit(np.column_stack([columns[:, place], held]), label, weight, component)


def test_exchanging_the_sides_of_any_pairs_changes_nothing() -> None:
    columns, held, label, weight, component = drawn(300, 6, 2, seed=2)
    turn = np.random.default_rng(0).choice([-1.0, 1.0], 300)
    one = column_fits(columns, held, label, weight, component)
    turned = np.where(turn > 0, label, 1 - label)
    other = column_fits(columns * turn[:, None], held * turn[:, None], turned, weight, component)
    assert np.allclose(one.beta, other.beta, atol=1e-9)
    assert np.allclose(one.variance, other.variance, rtol=1e-9)
