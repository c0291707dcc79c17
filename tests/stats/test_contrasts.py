"""Gaps between camps' effects, conflicts, mixtures and the distance of preferences."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.camps import camp, draw, turned
from wimhf.base import Floats
from wimhf.errors import EstimationError
from wimhf.stats import (
    Camp,
    camp_effects,
    camp_of,
    conflicts,
    effect_gaps,
    mixed_effects,
    preference_distance,
)

BETA = np.array([0.6, -0.4, 0.3, 0.0, 0.0])
FAR = 10**6
FIGURES = ("gap", "low", "high", "p", "q")


def gaps_of(*camps: Camp) -> pl.DataFrame:
    return effect_gaps(camps, [camp_effects(one) for one in camps])


def figures(table: pl.DataFrame, *names: str) -> Floats:
    return table.select(names).to_numpy()


def test_a_camp_differs_from_itself_in_nothing() -> None:
    one = camp(BETA)
    gaps = gaps_of(one, one)
    assert len(gaps) == len(BETA)
    assert gaps["gap"].abs().max() == 0
    assert gaps["q"].min() == 1
    assert not conflicts([camp_effects(one)] * 2)["conflict"].any()
    near = preference_distance(one, one, np.arange(5), np.random.default_rng(0))
    assert near.distance == {"value": 0, "low": 0, "high": 0}
    assert near.agreement["value"] == pytest.approx(1)


@pytest.mark.parametrize("first", [0, FAR], ids=["shared prompts", "apart"])
def test_exchanging_camps_negates_gaps(first: int) -> None:
    one, two = camp(BETA), camp(-BETA, seed=1, first=first)
    there, back = gaps_of(one, two), gaps_of(two, one)
    turn = back.select(-pl.col("gap"), -pl.col("high"), -pl.col("low"), "p", "q")
    assert np.allclose(figures(there, *FIGURES), turn.to_numpy(), atol=1e-9)


@pytest.mark.parametrize("first", [0, FAR], ids=["shared prompts", "apart"])
def test_exchanging_sides_changes_nothing(first: int) -> None:
    one, two = camp(BETA), camp(BETA[::-1].copy(), seed=1, first=first)
    plain, other = gaps_of(one, two), gaps_of(turned(one, 3), turned(two, 4))
    assert np.allclose(figures(plain, *FIGURES), figures(other, *FIGURES), atol=1e-7)
    shares = (0.3, 0.7)
    mixed = [mixed_effects(both, shares) for both in ((one, two), (turned(one), turned(two)))]
    wanted = ("effect", "effect_low", "effect_high")
    assert np.allclose(figures(mixed[0], *wanted), figures(mixed[1], *wanted), atol=1e-7)
    far = [
        preference_distance(a, b, np.arange(5), np.random.default_rng(0))
        for a, b in ((one, two), (turned(one), turned(two)))
    ]
    assert far[0].distance["value"] == pytest.approx(far[1].distance["value"], abs=1e-7)


def test_planted_opposites_are_a_conflict_and_equals_are_not() -> None:
    one, two = camp(BETA, 3000), camp(BETA * [-1, 1, 1, 1, 1], 3000, seed=1, first=FAR)
    found = conflicts([camp_effects(one), camp_effects(two)])
    assert found["conflict"].to_list() == [True, False, False, False, False]
    gaps = gaps_of(one, two)
    assert gaps["q"][0] < 0.001
    assert gaps["low"][0] > 0
    assert gaps["q"][1:].min() > 0.05


def sharing(one: Floats, two: Floats, seed: int) -> tuple[Camp, Camp]:
    """Return two judges of the same pairs."""
    measured, label = draw(one, 800, seed)
    rng = np.random.default_rng(seed + 10**5)
    again, _ = draw(two, 800, seed)
    value = again.codes @ two + 0.4 * again.length
    other = (rng.random(800) < 1 / (1 + np.exp(-value))).astype(float)
    ones = np.ones(800)
    return tuple(  # type: ignore[return-value]
        camp_of(measured, own, ones, np.ones(len(one)), measured.component)
        for own in (label, other)
    )


@pytest.mark.slow
@pytest.mark.parametrize("judges", [False, True], ids=["data sets", "judges of the same pairs"])
def test_equal_effects_are_called_different_in_at_most_one_set_of_twenty(judges: bool) -> None:
    called = 0
    for seed in range(200):
        if judges:
            one, two = sharing(BETA, BETA, seed)
        else:
            one, two = camp(BETA, 800, seed), camp(BETA, 500, seed + 10**5, FAR)
        called += int((gaps_of(one, two)["q"] < 0.05).any())
    assert called <= 0.05 * 200 + 2 * np.sqrt(0.05 * 0.95 * 200)


@pytest.mark.slow
def test_the_interval_of_a_gap_covers() -> None:
    # equal coefficients and equal data give equal effects, so the true gap of effects is 0
    inside = []
    for seed in range(200):
        gaps = gaps_of(camp(BETA, 800, seed), camp(BETA, 800, seed + 10**5, FAR))
        inside.append(((gaps["low"] <= 0) & (gaps["high"] >= 0)).to_numpy())
    assert 0.93 <= np.mean(inside) <= 0.97


def test_shared_prompts_make_gaps_surer() -> None:
    one, two = sharing(BETA, BETA, 0)
    apart = Camp(two.data, two.unit, two.held, two.cluster + FAR)
    label = np.r_[two.data.label[:40], one.data.label[40:]]
    data = type(one.data)(**{**vars(one.data), "label": label})
    flipped = Camp(data, one.unit, one.held, one.cluster)

    def width(a: Camp, b: Camp) -> float:
        gaps = gaps_of(a, b)
        return float((gaps["high"] - gaps["low"]).mean())

    assert width(one, flipped) < 0.5 * width(one, apart)


@pytest.mark.parametrize("whole", [0, 1])
def test_a_share_of_one_gives_that_camps_effects(whole: int) -> None:
    camps = (camp(BETA), camp(-BETA, seed=1, first=FAR))
    shares = [0.0, 0.0]
    shares[whole] = 1.0
    assert mixed_effects(camps, shares).equals(camp_effects(camps[whole]))


def test_a_mixtures_effect_moves_with_its_shares_and_opposites_cancel() -> None:
    camps = (camp(BETA, 2000), camp(-BETA, 2000, seed=1, first=FAR))
    effects = [mixed_effects(camps, (s, 1 - s))["effect"][0] for s in (0, 0.25, 0.5, 0.75, 1.0)]
    assert effects == sorted(effects)
    assert abs(effects[2]) < 3 < effects[4]
    near_one = mixed_effects(camps, (1 - 1e-9, 1e-9))["effect"]
    assert near_one.to_list() == pytest.approx(camp_effects(camps[0])["effect"].to_list(), abs=1e-3)


def test_a_mixture_of_chosen_columns_is_that_of_all() -> None:
    camps = (camp(BETA), camp(-BETA, seed=1, first=FAR))
    every, some = mixed_effects(camps, (1, 2)), mixed_effects(camps, (1, 2), np.array([1, 3]))
    assert some["effect"].to_list() == pytest.approx(every["effect"].gather([1, 3]).to_list())


def test_distance_grows_with_what_is_planted() -> None:
    rng = np.random.default_rng(0)
    one = camp(BETA, 3000)
    far = [
        preference_distance(one, camp(BETA * turn, 3000, 1, FAR), np.arange(5), rng)
        for turn in (1, 0.3, -1)
    ]
    values = [each.distance["value"] for each in far]
    assert values == sorted(values)
    assert far[0].distance["low"] == 0
    assert far[2].distance["low"] > 0.5
    assert far[2].agreement["high"] < 0 < far[0].agreement["low"]


def test_labels_that_say_nothing_are_refused() -> None:
    measured, label = draw(BETA, 100, 0)
    nothing = np.full(100, np.nan), np.full(100, 0.5)
    for labels, reason in zip(
        nothing, ("no pair has a label", "every label is a tie"), strict=True
    ):
        with pytest.raises(EstimationError, match=reason):
            camp_of(measured, labels, np.ones(100), np.ones(5), measured.component)
    assert (
        len(camp_of(measured, label, np.ones(100), np.ones(5), measured.component).cluster) == 100
    )
