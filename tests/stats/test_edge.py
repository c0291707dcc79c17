"""Effects at the edge, capped sizes, and what shows only beside other columns."""

import numpy as np
import polars as pl
import pytest

from tests.stats.test_preference import measure, planted
from wimhf.stats import Controls, Measured, capped, column_effect, wilson_interval
from wimhf.stats.design import Labelled, labelled_pairs
from wimhf.stats.effects import Effect


def data_of(won: int, active: int = 30, n: int = 600, controls: int = 0) -> Labelled:
    rng = np.random.default_rng(won)
    label = rng.integers(0, 2, n).astype(float)
    label[:active] = np.arange(active) < won
    codes = np.where(np.arange(n) < active, 1.0, 0.0).astype(np.float32)[:, None]
    held = Controls([f"c{i}" for i in range(controls)], rng.standard_normal((n, controls)))
    measured = Measured(
        codes=codes, differences=np.zeros((n, 1), np.float32), length=np.zeros(n), controls=held,
        scores={}, component=np.arange(n),
    )  # fmt: skip
    return labelled_pairs(measured, label, np.ones(n), np.arange(n))


def effect_of(won: int, controls: int = 0) -> Effect:
    data = data_of(won, controls=controls)
    return column_effect(data.codes[:, 0], data)


@pytest.mark.parametrize("won", [0, 1, 2, 28, 29, 30])
def test_a_share_at_the_edge_has_nearly_the_interval_of_wilson(won: int) -> None:
    found, wilson = effect_of(won), wilson_interval(won, 30)
    ends = [100 * (float(wilson[end] or 0.0) - 0.5) for end in ("low", "high")]
    assert np.allclose([found.effect_low, found.effect_high], ends, atol=1.5)
    assert found.effect is not None
    assert ends[0] <= found.effect <= ends[1]


@pytest.mark.parametrize("controls", [0, 2])
def test_from_lost_to_won_effects_rise_and_intervals_agree_with_p(controls: int) -> None:
    found = [effect_of(won, controls) for won in range(31)]
    effects = [one.effect for one in found]
    if not controls:
        assert effects == sorted(effects)
    for one in found:
        assert one.effect_low is not None
        assert one.effect_high is not None
        assert one.p is not None
        assert (one.effect_low > 0 or one.effect_high < 0) == (one.p < 0.05)


@pytest.mark.parametrize("won", [0, 2, 29])
def test_pairs_without_a_column_leave_its_interval_where_it_is(won: int) -> None:
    few, many = (column_effect(d.codes[:, 0], d) for d in (data_of(won), data_of(won, n=200_000)))
    for end in ("effect", "effect_low", "effect_high"):
        assert getattr(few, end) == pytest.approx(getattr(many, end), abs=0.1)


def test_an_effect_at_the_edge_turns_with_the_sides() -> None:
    data = data_of(30, controls=2)
    one, other = column_effect(data.codes[:, 0], data), column_effect(-data.codes[:, 0], data)
    ends = [-other.effect_high, -other.effect_low]
    assert np.allclose([one.effect_low, one.effect_high], ends, atol=1e-3)
    assert one.effect == pytest.approx(-other.effect)


def test_a_column_that_separates_the_labels_stands_beside_the_others() -> None:
    data = planted(600)
    rare = np.flatnonzero(data["label"] == 1)[:40]
    data["codes"][:, 3] = 0
    data["codes"][rare, 3] = 1
    found = measure(data).effects
    assert found["win_rate"][3] == 100
    assert 20 < found["effect"][3] < 50
    assert found["joint_effect"][3] > 0
    assert found["joint_effect"][0] > 0


def test_one_enormous_code_moves_no_effect() -> None:
    data = planted()
    before = measure(data).effects["effect"].to_numpy()
    largest = int(np.abs(data["codes"][:, 1]).argmax())
    data["codes"][largest, 1] *= 1000
    assert np.allclose(measure(data).effects["effect"].to_numpy(), before, atol=0.05)


def test_capping_is_odd_keeps_signs_and_touches_one_active_pair_in_twenty() -> None:
    codes = planted()["codes"]
    cut = capped(codes)
    assert np.array_equal(capped(-codes), -cut)
    assert np.array_equal(np.sign(cut), np.sign(codes))
    assert ((cut != codes).sum() / (codes != 0).sum()) == pytest.approx(0.05, abs=0.005)
    assert np.array_equal(capped(np.zeros((5, 2), np.float32)), np.zeros((5, 2)))


def test_what_others_suppress_is_found_beside_them_and_said_to_be() -> None:
    rng = np.random.default_rng(0)
    data = planted(3000)
    shown, hidden = data["codes"][:, 0], data["codes"][:, 3]
    hidden[:] = np.where(shown != 0, 0.7 * shown + 0.7 * rng.standard_normal(3000), 0)
    value = 1.4 * shown - 0.95 * hidden
    data["label"] = (rng.random(3000) < 1 / (1 + np.exp(-value))).astype(float)
    found = measure(data).effects
    assert found["q"][3] > 0.05
    assert found["joint_effect"][3] < -5
    assert found["suppressed"].to_list() == [False, None, None, True]


def test_noise_has_nothing_suppressed() -> None:
    alarms = 0
    for seed in range(10):
        data = planted(400, seed)
        data["label"] = np.random.default_rng(seed).integers(0, 2, 400).astype(float)
        alarms += measure(data).effects["suppressed"].fill_null(value=False).sum()
    assert alarms == 0
    assert measure(data).effects["suppressed"].dtype == pl.Boolean


def test_the_raw_effect_is_the_effect_of_a_model_without_controls() -> None:
    rng = np.random.default_rng(4)
    n = 600
    length = rng.standard_normal(n)
    column = np.sign(length + rng.standard_normal(n)) * (rng.random(n) < 0.6)
    label = (rng.random(n) < 1 / (1 + np.exp(-1.2 * length))).astype(float)
    measured = Measured(
        codes=column[:, None].astype(np.float32), differences=np.zeros((n, 1), np.float32),
        length=np.zeros(n), controls=Controls(["length"], length[:, None]), scores={},
        component=np.arange(n),
    )  # fmt: skip
    data = labelled_pairs(measured, label, np.ones(n), np.arange(n))
    column = data.codes[:, 0]
    held, alone = column_effect(column, data), column_effect(column, data, np.empty((n, 0)))
    assert held.raw_effect == pytest.approx(alone.effect)
    assert alone.raw_effect == alone.effect
    assert held.raw_effect is not None
    assert held.effect is not None
    assert held.raw_effect > held.effect + 5
    assert held.raw_effect == pytest.approx(held.win_rate - 50)  # a column of one size
    other = column_effect(-column, data)
    assert other.raw_effect == pytest.approx(-held.raw_effect)
