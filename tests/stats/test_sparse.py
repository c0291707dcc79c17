"""The L1 path agrees with another solver, and stability selection with the truth."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from wimhf.stats.lasso import halves, l1_path, one_standard_error, path_losses, selection_frequency


def sample(n: int = 900, m: int = 12, seed: int = 0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    columns = rng.standard_normal((n, m)) * (rng.random((n, m)) < 0.3)
    columns /= np.sqrt(np.square(columns).mean(axis=0))
    control = rng.standard_normal((n, 1))
    value = columns[:, :3] @ [0.8, -0.6, 0.4] + 0.5 * control[:, 0]
    label = (rng.random(n) < 1 / (1 + np.exp(-value))).astype(float)
    return columns, control, label, rng.uniform(0.5, 1.5, n)


def test_every_penalty_agrees_with_sklearn() -> None:
    columns, _, label, weight = sample()
    path = l1_path(columns, np.empty((900, 0)), label, weight)
    for at in (4, 12, 22):
        other = LogisticRegression(
            C=1 / (path.penalties[at] * weight.sum()), l1_ratio=1, solver="saga",
            fit_intercept=False, tol=1e-10, max_iter=20_000,
        ).fit(columns, label, sample_weight=weight)  # fmt: skip
        assert np.allclose(path.beta[at], other.coef_[0], atol=2e-4)


def test_solutions_meet_the_optimality_conditions_with_free_controls() -> None:
    columns, control, label, weight = sample()
    label[:100] = 0.5
    path = l1_path(columns, control, label, weight)
    for at in (0, 8, 16, 24):
        score = columns @ path.beta[at] + control @ path.gamma[at]
        residual = weight / weight.sum() * (1 / (1 + np.exp(-score)) - label)
        slope = columns.T @ residual
        on = path.beta[at] != 0
        assert np.abs(slope).max() <= path.penalties[at] + 1e-5
        expected = -path.penalties[at] * np.sign(path.beta[at][on])
        assert np.allclose(slope[on], expected, atol=1e-5)
        assert np.abs(control.T @ residual).max() < 1e-5


def test_the_path_starts_empty_and_planted_columns_enter_first() -> None:
    columns, control, label, weight = sample()
    path = l1_path(columns, control, label, weight)
    assert not path.beta[0].any()
    assert set(path.order[:3]) == {0, 1, 2}
    short = l1_path(columns, control, label, weight, stop_at=2)
    assert short.order[:2] == path.order[:2]
    assert len(short.penalties) < len(path.penalties)


def test_exchanging_sides_changes_nothing() -> None:
    columns, control, label, weight = sample()
    flip = np.random.default_rng(1).choice([-1.0, 1.0], len(label))
    turned = np.where(flip > 0, label, 1 - label)
    one = l1_path(columns, control, label, weight)
    other = l1_path(columns * flip[:, None], control * flip[:, None], turned, weight)
    assert np.allclose(one.beta, other.beta, atol=1e-8)


def test_halves_are_complementary_and_keep_components_whole() -> None:
    component = np.arange(100) // 3
    parts = list(halves(component, 4, np.random.default_rng(0)))
    for first, second in zip(parts[::2], parts[1::2], strict=True):
        assert sorted([*first, *second]) == list(range(100))
        assert not set(component[first]) & set(component[second])


def test_planted_columns_are_selected_in_nearly_every_half_and_noise_is_not() -> None:
    columns, control, label, weight = sample()
    frequency = selection_frequency(
        columns, control, label, weight, np.arange(900) // 2, 20, 3, np.random.default_rng(0)
    )
    assert frequency[:2].min() > 0.9
    assert frequency[3:].max() < 0.6
    assert frequency.sum() <= 3 + 1e-9


def test_the_one_standard_error_rule_prefers_fewer() -> None:
    columns, control, label, weight = sample()
    penalties = l1_path(columns, control, label, weight).penalties
    losses = path_losses(columns, control, label, weight, np.arange(900) % 5, penalties)
    chosen = one_standard_error(losses)
    assert chosen <= int(np.argmin(losses.mean(axis=0)))
    assert one_standard_error(np.array([[3.0, 2.0, 1.9], [3.1, 2.1, 2.2]])) == 1


def test_a_constant_label_gives_an_empty_path() -> None:
    path = l1_path(np.zeros((20, 3)), np.empty((20, 0)), np.full(20, 0.5), np.ones(20))
    assert path.order == []
    assert path.beta == pytest.approx(0.0)
