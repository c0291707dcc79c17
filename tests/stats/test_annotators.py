"""Partial pooling: planted tastes are found, nobody's are invented, and sides do not matter."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from wimhf.stats import annotator_quality, measure_annotators
from wimhf.stats.adaptation import gain_curve
from wimhf.stats.design import Labelled
from wimhf.stats.pooling import fit_pooled
from wimhf.stats.subjectivity import subjectivity_p
from wimhf.stats.tastes import Design, Prior, averaged, departure_of

BETA = np.array([0.6, -0.4, 0.3, 0.0, 0.2, -0.3])
TAU = np.array([0.6, 0.4, 0.0, 0.5, 0.0, 0.0])
Planted = tuple[Labelled, np.ndarray, np.ndarray]


def planted(people: int = 120, each: int = 40, seed: int = 0, tau: np.ndarray = TAU) -> Planted:
    """Draw labels of annotators; return them, who gave them, and (people, 6) their departures."""
    rng, n = np.random.default_rng(seed), people * each
    codes = rng.standard_normal((n, 6)) * (rng.random((n, 6)) < 0.3)
    codes /= np.sqrt(np.square(codes).mean(axis=0))
    length = rng.standard_normal((n, 1))
    who = rng.permutation(np.repeat(np.arange(people), each))
    taste = rng.standard_normal((people, 6)) * tau
    value = (codes * (BETA + taste[who])).sum(axis=1) + 0.4 * length[:, 0]
    label = (rng.random(n) < expit(value)).astype(float)
    label[rng.random(n) < 0.05] = 0.5
    data = Labelled(
        codes=codes, dense=np.zeros((n, 1), np.float32), length=length, controls=length,
        controls_name="length", scores={}, label=label, weight=np.ones(n),
        component=rng.integers(0, n // 3, n), concept=np.ones(6, dtype=bool),
    )  # fmt: skip
    return data, who, taste


def design_of(data: Labelled, who: np.ndarray) -> Design:
    parts = (data.codes, data.controls, data.label, data.weight, data.component, who)
    return Design.of(*parts)[0]


def test_planted_tastes_are_found_with_their_weights() -> None:
    data, who, taste = planted()
    found = fit_pooled(design_of(data, who), np.random.default_rng(0))
    assert np.abs(found.beta[:6] - BETA).max() < 0.15
    assert np.abs(found.tau - TAU).max() < 0.15
    assert (found.tau_low <= TAU).all()
    assert (found.tau_high >= TAU).all()
    for feature in (0, 1, 3):
        assert np.corrcoef(found.departure[:, feature], taste[:, feature])[0, 1] > 0.5


def test_without_tastes_the_pooled_weights_are_those_of_a_plain_model() -> None:
    data, who, _ = planted(tau=np.zeros(6))
    found = fit_pooled(design_of(data, who), np.random.default_rng(0))
    assert found.tau.max() < 0.12
    import statsmodels.api as sm

    columns = np.column_stack([data.codes, data.controls])
    plain = sm.GLM(data.label, columns, family=sm.families.Binomial()).fit()
    assert np.allclose(found.beta, plain.params, atol=0.03)


def test_one_taste_agrees_with_an_independent_estimate() -> None:
    """Against the likelihood integrated by quadrature, one random slope."""
    rng, people, each = np.random.default_rng(1), 150, 30
    x = rng.standard_normal((people * each, 1))
    x /= np.sqrt(np.square(x).mean())
    who = np.repeat(np.arange(people), each)
    value = x[:, 0] * (0.5 + 0.7 * rng.standard_normal(people)[who])
    label = (rng.random(len(who)) < expit(value)).astype(float)
    ones, none = np.ones(len(who)), np.empty((len(who), 0))
    design, _ = Design.of(x, none, label, ones, np.arange(len(who)), who)
    found = fit_pooled(design, rng)
    nodes, share = np.polynomial.hermite_e.hermegauss(40)
    share = share / share.sum()

    def likelihood(beta: float, tau: float) -> float:
        score = x * (beta + tau * nodes)
        each_one = np.where(label[:, None] > 0.5, score, -score)
        logs = np.add.reduceat(-np.logaddexp(0, -each_one), np.arange(0, len(who), each), axis=0)
        top = logs.max(axis=1, keepdims=True)
        return float((top[:, 0] + np.log(np.exp(logs - top) @ share)).sum())

    grid = [(b, t) for b in np.arange(0.3, 0.8, 0.02) for t in np.arange(0.4, 1.0, 0.02)]
    best = max(grid, key=lambda at: likelihood(*at))
    assert found.beta[0] == pytest.approx(best[0], abs=0.05)
    assert found.tau[0] == pytest.approx(best[1], abs=0.06)


def test_exchanging_sides_of_pairs_changes_nothing() -> None:
    data, who, _ = planted(40, 30)
    flip = np.random.default_rng(5).choice([-1.0, 1.0], len(who))
    turned = Labelled(
        **{**data.__dict__, "codes": data.codes * flip[:, None],
           "controls": data.controls * flip[:, None],
           "label": np.where(flip > 0, data.label, 1 - data.label)}
    )  # fmt: skip
    every = np.arange(6)
    one, other = (
        measure_annotators(part, who, every, every[:3], np.random.default_rng(0))
        for part in (data, turned)
    )
    for table in ("features", "departures"):
        before, after = getattr(one, table), getattr(other, table)
        for name in before.columns:
            a, b = (x[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for x in (before, after))
            assert np.allclose(a, b, atol=1e-6, equal_nan=True), name


def test_the_numbers_of_annotators_mean_nothing() -> None:
    data, who, _ = planted(30, 30)
    names = np.random.default_rng(2).permutation(30)
    every = np.arange(6)
    parts = (data.codes, data.controls, data.label, data.weight, data.component)
    one = fit_pooled(Design.of(*parts, who)[0], np.random.default_rng(0))
    other = fit_pooled(Design.of(*parts, names[who])[0], np.random.default_rng(0))
    assert np.allclose(one.beta, other.beta, atol=1e-6)
    assert np.allclose(one.tau, other.tau, atol=1e-5)
    assert np.allclose(one.departure[every], other.departure[names[every]], atol=1e-5)


def test_subjectivity_is_seen_where_it_is_and_called_as_often_as_promised_where_it_is_not() -> None:
    data, who, _ = planted()
    parts = (data.codes, data.controls, data.label, data.weight, data.component)
    p, anything = subjectivity_p(*parts, who, np.random.default_rng(0))
    assert p[TAU > 0].max() < 0.01
    assert anything < 0.01
    false = []
    for seed in range(30):
        data, who, _ = planted(20, 20, seed, np.zeros(6))
        parts = (data.codes, data.controls, data.label, data.weight, data.component)
        false.append(subjectivity_p(*parts, who, np.random.default_rng(seed))[0])
    assert (np.array(false) < 0.05).mean() < 0.1


def test_annotators_who_label_the_same_pairs_are_not_taken_for_alike_or_different() -> None:
    data, _, _ = planted(1, 300, tau=np.zeros(6))
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        again = data.rows(np.repeat(np.arange(300), 3))
        off = rng.random(900) < 0.2
        label = np.where(off, 1 - again.label, again.label)
        parts = (again.codes, again.controls, label, again.weight, np.repeat(np.arange(300), 3))
        found.append(subjectivity_p(*parts, np.tile(np.arange(3), 300), rng)[1])
    assert 0.2 < np.mean(found) < 0.8


def test_own_weights_help_those_who_gave_many_labels_and_nobody_where_tastes_are_one() -> None:
    data, who, _ = planted()
    curve = gain_curve(design_of(data, who), np.random.default_rng(0))
    gains = {gain["labels"]: gain["auc"] for gain in curve["gains"]}
    assert gains[None]["low"] > 0
    assert gains[None]["value"] > gains[5]["value"] > gains[1]["value"] - 0.002
    data, who, _ = planted(tau=np.zeros(6))
    curve = gain_curve(design_of(data, who), np.random.default_rng(0))
    assert curve["gains"][-1]["auc"]["value"] < 0.005


def test_an_annotator_without_labels_has_the_pooled_weights() -> None:
    data, who, _ = planted(10, 10)
    nobody = design_of(data, who).rows(np.arange(0))
    prior = Prior(np.r_[BETA, 0.4], np.full(6, 0.2))
    assert not departure_of(nobody, prior).any()


def test_averaged_chances_are_those_of_many_draws() -> None:
    draws = expit(0.7 + 1.3 * np.random.default_rng(0).standard_normal(400_000))
    chance, slope = averaged(np.array([0.7]), np.array([1.3**2]))
    assert chance[0] == pytest.approx(draws.mean(), abs=0.002)
    assert slope[0] == pytest.approx((draws * (1 - draws)).mean(), abs=0.002)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (np.full(300, -1), "no labelled pair names"),
        (np.zeros(300, dtype=int), "one annotator gave all"),
        (np.r_[np.zeros(295, dtype=int), np.arange(1, 6)], "fewer than two annotators gave 10"),
    ],
)
def test_too_few_annotators_are_one_reason(who: np.ndarray, said: str) -> None:
    data, _, _ = planted(1, 300)
    found = measure_annotators(data, who, np.arange(6), np.arange(2), np.random.default_rng(0))
    assert said in found.summary["reason"]
    assert found.features.is_empty()


def test_the_careless_annotator_has_the_lowest_quality() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(300) < 0.5
    item, who = np.repeat(np.arange(300), 3), np.tile(np.arange(3), 300)
    right = rng.random(900) < np.array([0.95, 0.9, 0.6])[who]
    label = np.where(right, truth[item], ~truth[item]).astype(float)
    found = annotator_quality(item, who, label, np.where(truth, 0.7, 0.3)[item])
    assert found["quality"].arg_min() == 2
    alone = annotator_quality(np.arange(900), who, label, np.full(900, 0.5))
    assert alone.is_empty()
