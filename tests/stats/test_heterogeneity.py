"""Effects within subsets, and the tests between them."""

import numpy as np
import polars as pl
import pytest

from wimhf.stats.between_subsets import cross, differ, subset_effects
from wimhf.stats.design import Controls, Labelled, Measured, labelled_pairs

SUBSETS = ["code", "poems", "maths"]


def planted(
    beta: np.ndarray, n: int = 3000, seed: int = 0
) -> tuple[Labelled, np.ndarray, np.ndarray]:
    """Draw pairs whose labels follow ``beta`` (features, subsets); two pairs share a prompt."""
    rng = np.random.default_rng(seed)
    component = np.arange(n) // 2
    member = rng.integers(beta.shape[1], size=component.max() + 1)[component]
    codes = rng.standard_normal((n, len(beta))) * (rng.random((n, len(beta))) < 0.4)
    length = rng.standard_normal(n)
    value = (codes * beta[:, member].T).sum(axis=1) + 0.4 * length
    label = (rng.random(n) < 1 / (1 + np.exp(-value))).astype(float)
    measured = Measured(
        codes=codes.astype(np.float32), differences=np.zeros((n, 1), dtype=np.float32),
        length=length, controls=Controls(["length"], length[:, None]), scores={},
        component=component,
    )  # fmt: skip
    return labelled_pairs(measured, label, np.ones(n), np.arange(n)), member, label


def test_a_flip_a_difference_and_an_equal_effect_are_told_apart() -> None:
    beta = np.array([[0.9, -0.9, 0.0], [1.2, 0.0, 0.0], [0.5, 0.5, 0.5], [0.0, 0.0, 0.0]])
    data, member, _ = planted(beta)
    effects, tests = subset_effects(data, member, SUBSETS)
    q, flips = tests["heterogeneity_q"].to_list(), tests["flips"].to_list()
    assert q[0] < 0.01
    assert q[1] < 0.01
    assert min(q[2:]) > 0.05
    assert flips == [True, False, False, False]
    by = {(r["feature"], r["subset"]): r for r in effects.iter_rows(named=True)}
    assert by[0, "code"]["effect_low"] > 0 > by[0, "poems"]["effect_high"]
    assert len(by) == len(beta) * len(SUBSETS)


def test_exchanging_sides_changes_no_subset_effect() -> None:
    data, member, _ = planted(np.array([[0.9, -0.5, 0.0], [0.3, 0.3, 0.3]]))
    sign = np.where(np.random.default_rng(1).random(len(member)) < 0.5, -1.0, 1.0)
    turned = Labelled(
        **{
            **data.__dict__,
            "codes": data.codes * sign[:, None],
            "controls": data.controls * sign[:, None],
            "label": np.where(sign > 0, data.label, 1 - data.label),
        }
    )
    one, two = (subset_effects(d, member, SUBSETS) for d in (data, turned))
    for a, b in zip(one, two, strict=True):
        numbers = [name for name, kind in a.schema.items() if kind == pl.Float64]
        assert np.allclose(a.select(numbers), b.select(numbers), atol=1e-8)


def test_equal_effects_are_called_different_no_more_often_than_promised() -> None:
    hits = flips = total = 0
    for seed in range(12):
        data, member, _ = planted(np.full((10, 3), 0.3), n=900, seed=seed)
        _, tests = subset_effects(data, member, SUBSETS)
        hits += int((tests["heterogeneity_p"] < 0.05).sum())
        flips += int((tests["flip_p"] < 0.05).sum())
        total += len(tests)
    assert hits <= 0.05 * total + 2 * np.sqrt(0.05 * 0.95 * total)
    assert flips <= 0.05 * total + 2 * np.sqrt(0.05 * 0.95 * total)


@pytest.mark.parametrize(("groups", "critical"), [(2, 2.71), (3, 4.23), (4, 5.43), (5, 6.50)])
def test_the_flip_test_has_the_published_critical_values(groups: int, critical: float) -> None:
    """Gail and Simon (1985), table 1, .05."""
    beta = np.array([-np.sqrt(critical)] + [10.0] * (groups - 1))
    assert cross(beta, np.ones(groups)) == pytest.approx(0.05, abs=5e-4)


def test_one_sign_never_flips_and_equal_effects_have_p_one() -> None:
    assert cross(np.array([1.0, 2.0]), np.ones(2)) == 1.0
    assert differ(np.array([0.7, 0.7, 0.7]), np.array([0.1, 0.2, 0.3])) == pytest.approx(1.0)


def test_a_subset_without_the_feature_says_so_and_is_left_out_of_the_test() -> None:
    data, member, _ = planted(np.array([[0.8, 0.8, 0.8]]))
    data.codes[member == 2] = 0.0
    data.controls[member == 1] = 0.0
    effects, tests = subset_effects(data, member, SUBSETS)
    reasons = effects["effect_reason"].to_list()
    assert reasons[:2] == [None, None]
    assert reasons[2] == "active in only 0 labelled pairs"
    assert tests["heterogeneity_p"].null_count() == 0
    data.codes[member == 1] = 0.0
    _, tests = subset_effects(data, member, SUBSETS)
    assert tests["heterogeneity_reason"].to_list() == ["estimated in fewer than two subsets"]
