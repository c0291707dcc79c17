"""The statistics agree with independent implementations and do not depend on sides."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from wimhf.errors import EstimationError
from wimhf.stats.components import grouped_parts, linked_components
from wimhf.stats.inference import q_values
from wimhf.stats.logit import RidgeLogit, cluster_logit
from wimhf.stats.resampling import (
    auc,
    bootstrap_correlation,
    bootstrap_metrics,
    odd_correlation,
    percentile_interval,
)


def sample(n: int = 300, seed: int = 0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 3))
    label = (rng.random(n) < 1 / (1 + np.exp(-x @ [1.0, -0.5, 0.0]))).astype(float)
    return x, label, rng.uniform(0.5, 2.0, n), rng.integers(0, n // 3, n)


def test_auc_agrees_with_sklearn_over_both_orientations() -> None:
    x, label, weight, _ = sample()
    score = np.round(x[:, 0], 1)  # with ties
    both = np.r_[score, -score]
    expected = roc_auc_score(np.r_[label, 1 - label], both, sample_weight=np.r_[weight, weight])
    assert auc(score, label, weight) == pytest.approx(expected)


def test_auc_of_fractional_labels_agrees_with_expanded_rows() -> None:
    x, _, weight, _ = sample()
    label = np.random.default_rng(1).choice([0.0, 0.2, 0.7, 1.0], len(weight))
    score = x[:, 1]
    values = np.r_[score, score, -score, -score]
    truth = np.r_[np.ones_like(label), 0 * label, np.ones_like(label), 0 * label]
    weights = np.r_[label, 1 - label, 1 - label, label] * np.tile(weight, 4)
    expected = roc_auc_score(truth, values, sample_weight=weights)
    assert auc(score, label, weight) == pytest.approx(expected)


def test_auc_ignores_sides_and_ties() -> None:
    x, label, weight, _ = sample()
    label[:40] = 0.5
    flip = np.random.default_rng(2).choice([-1.0, 1.0], len(label))
    swapped = np.where(flip > 0, label, 1 - label)
    assert auc(flip * x[:, 0], swapped, weight) == pytest.approx(auc(x[:, 0], label, weight))
    assert auc(x[40:, 0], label[40:], weight[40:]) == pytest.approx(auc(x[:, 0], label, weight))


def test_auc_without_a_decided_label_is_refused() -> None:
    with pytest.raises(EstimationError, match="decided"):
        auc(np.ones(4), np.full(4, 0.5), np.ones(4))


def test_bootstrap_is_reproducible_and_covers_the_estimate() -> None:
    x, label, weight, component = sample()
    draws = [
        bootstrap_metrics({"x": x[:, 0]}, label, weight, component, 80, np.random.default_rng(0))[
            "x"
        ]["auc"]
        for _ in range(2)
    ]
    assert np.array_equal(*draws)
    found = percentile_interval(draws[0])
    assert found.low < found.value < found.high
    assert draws[0][0] == pytest.approx(auc(x[:, 0], label, weight))


def theirs(
    design: np.ndarray, wins: np.ndarray, weight: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fit the same model with statsmodels, which the package itself does not use."""
    family = sm.families.Binomial()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.GLM(wins, design, family=family, freq_weights=weight)
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, tol=1e-12)
    return fit.params, fit.cov_params()


def test_cluster_logit_agrees_with_statsmodels() -> None:
    x, label, weight, component = sample()
    fit = cluster_logit(x, label, weight, component)
    beta, covariance = theirs(x, label, weight, component)
    assert np.allclose(fit.beta, beta, atol=1e-8)
    assert np.allclose(fit.covariance, covariance, rtol=1e-6)


def test_whole_weights_are_repeats() -> None:
    x, label, _, component = sample()
    times = np.random.default_rng(3).integers(1, 5, len(label))
    rows = np.repeat(np.arange(len(label)), times)
    beta, covariance = theirs(x[rows], label[rows], np.ones(len(rows)), component[rows])
    fit = cluster_logit(x, label, times.astype(float), component)
    assert np.allclose(fit.beta, beta, atol=1e-8)
    assert np.allclose(fit.covariance, covariance, rtol=0.01)  # but for the count of rows


def test_ties_and_fractions_are_a_share_of_a_win_for_each_side() -> None:
    """Against statsmodels on expanded data: every pair twice, once for each outcome."""
    x, label, weight, component = sample()
    rng = np.random.default_rng(2)
    label = np.where(rng.random(len(label)) < 0.5, label, rng.choice([0.5, 0.2, 0.9], len(label)))
    fit = cluster_logit(x, label, weight, component)
    wins = np.r_[np.ones(len(x)), np.zeros(len(x))]
    shares = np.r_[label, 1 - label] * np.tile(weight, 2)
    used = shares > 0
    twice = np.tile(component, 2)
    beta, covariance = theirs(np.r_[x, x][used], wins[used], shares[used], twice[used])
    assert np.allclose(fit.beta, beta, atol=1e-8)
    assert np.allclose(fit.covariance, covariance, rtol=0.01)


def test_separated_collinear_and_clustered_data_are_refused_in_words() -> None:
    x, label, weight, component = sample()
    with pytest.raises(EstimationError, match="separated"):
        cluster_logit(x[:, :1], (x[:, 0] > 0).astype(float), weight, component)
    with pytest.raises(EstimationError, match="collinear"):
        cluster_logit(np.c_[x, x[:, 0]], label, weight, component)
    with pytest.raises(EstimationError, match="independent prompts"):
        cluster_logit(x, label, weight, np.zeros(len(x), dtype=int))


def test_ridge_agrees_with_sklearn_also_where_curvature_is_kept() -> None:
    x, label, weight, _ = sample()
    model, start = RidgeLogit(x, label, weight), None
    for penalty in (1000.0, 10.0, 0.1, 300.0):
        start = model.fit(np.full(3, penalty), start)
        other = LogisticRegression(C=1 / penalty, fit_intercept=False, tol=1e-12, max_iter=1000)
        other.fit(x, label, sample_weight=weight)
        assert np.allclose(start, other.coef_[0], atol=1e-5)


def test_ridge_stands_collinear_free_columns() -> None:
    x, label, weight, _ = sample()
    design = np.c_[x, x[:, 2]]
    free = np.array([1.0, 1.0, 0.0, 0.0])
    both = RidgeLogit(design, label, weight).fit(free)
    one = RidgeLogit(x, label, weight).fit(free[:3])
    assert np.allclose(design @ both, x @ one, atol=1e-4)


def test_components_join_what_shares_any_key() -> None:
    prompt = np.array([0, 0, 1, 2, -1, -1])
    text = np.array([-1, 5, 5, 6, 7, 8])
    assert linked_components([prompt, text], 6).tolist() == [0, 0, 0, 1, 2, 3]


def test_parts_hold_whole_components_in_the_wanted_shares() -> None:
    rng = np.random.default_rng(0)
    component = np.sort(rng.integers(0, 150, 1000))
    component = np.unique(component, return_inverse=True)[1]
    part = grouped_parts(component, (0.6, 0.2, 0.2), rng)
    assert all(len(np.unique(part[component == c])) == 1 for c in np.unique(component))
    assert np.allclose(np.bincount(part) / 1000, [0.6, 0.2, 0.2], atol=0.01)


def test_q_values_agree_with_the_step_up_procedure() -> None:
    p = np.array([0.01, 0.2, np.nan, 0.03, 0.5])
    q = q_values(p)
    known = np.sort(p[np.isfinite(p)])
    steps = known * 4 / np.arange(1, 5)
    expected = np.minimum.accumulate(steps[::-1])[::-1]
    assert np.allclose(np.sort(q[np.isfinite(q)]), expected)
    assert np.isnan(q[2])


def test_odd_correlation_ignores_sides() -> None:
    x, _, _, component = sample()
    flip = np.random.default_rng(3).choice([-1.0, 1.0], len(x))
    value = odd_correlation(x[:, 0], x[:, 1])
    assert odd_correlation(flip * x[:, 0], flip * x[:, 1]) == pytest.approx(value)
    draws = bootstrap_correlation(x[:, 0], x[:, 1], component, 50, np.random.default_rng(0))
    assert draws[0] == pytest.approx(value)
    assert draws.shape == (51,)


def test_accuracy_log_loss_and_calibration_agree_with_their_definitions() -> None:
    x, label, weight, component = sample()
    label[:30], score = 0.5, 2 * x[:, 0]
    found = bootstrap_metrics({"x": score}, label, weight, component, 2, np.random.default_rng(0))[
        "x"
    ]
    decided = label != 0.5
    right = (score > 0) == (label > 0.5)
    expected = np.average(right[decided], weights=weight[decided])
    assert found["accuracy"][0] == pytest.approx(expected)
    chance = 1 / (1 + np.exp(-score))
    loss = -(label * np.log(chance) + (1 - label) * np.log(1 - chance))
    assert found["log_loss"][0] == pytest.approx(np.average(loss, weights=weight))
    sure, won = np.maximum(chance, 1 - chance), np.where(score > 0, label, 1 - label)
    place = np.minimum((20 * (sure - 0.5)).astype(int), 9)
    gaps = [abs((weight * (sure - won))[place == i].sum()) for i in range(10)]
    assert found["calibration_error"][0] == pytest.approx(sum(gaps) / weight.sum())


def test_no_metric_changes_when_pairs_are_exchanged_not_even_where_scores_are_zero() -> None:
    rng = np.random.default_rng(5)
    score = rng.choice([-1.5, -0.2, 0.0, 0.0, 0.3, 2.0], 300)
    label, weight = rng.choice([0.0, 0.25, 0.5, 1.0], 300), rng.uniform(0.5, 2, 300)
    turned = rng.random(300) < 0.5
    other = np.where(turned, -score, score), np.where(turned, 1 - label, label)
    one, two = (
        bootstrap_metrics({"x": s}, y, weight, np.arange(300), 0, rng)["x"]
        for s, y in ((score, label), other)
    )
    assert {name: pytest.approx(values) for name, values in one.items()} == two
