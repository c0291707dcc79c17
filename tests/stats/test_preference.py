"""The preference model finds what was planted and does not depend on sides."""

import numpy as np
import polars as pl
import pytest

from wimhf.base.config import PreferenceConfig
from wimhf.stats.design import Controls, Measured, labelled_pairs
from wimhf.stats.effects import feature_effects
from wimhf.stats.preference import Preferences, measure_preferences

CONFIG = PreferenceConfig(bootstrap=60, halvings=10)
TRUE = np.array([0.9, -0.7, 0.0, 0.0])


def planted(n: int = 1500, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = rng.standard_normal((n, 4)) * (rng.random((n, 4)) < 0.4)
    length = rng.standard_normal(n) + 0.8 * codes[:, 2]  # feature 2 is rewarded through length
    value = codes @ TRUE + 0.7 * length
    label = (rng.random(n) < 1 / (1 + np.exp(-value))).astype(float)
    mixing = rng.standard_normal((4, 12))
    return {
        "codes": codes.astype(np.float32),
        "dense": (codes @ mixing + 0.1 * rng.standard_normal((n, 12))).astype(np.float32),
        "length": length,
        "label": label,
        "component": np.arange(n) // 2,
    }


def measure(data: dict[str, np.ndarray], config: PreferenceConfig = CONFIG) -> Preferences:
    labels = pl.DataFrame({"label": data["label"], "weight": np.ones(len(data["label"]))})
    labels = labels.with_columns(pl.col("label").fill_nan(None))
    held = Controls(["length"], data["length"][:, None])
    if not config.controls:
        held = Controls([], np.empty((len(labels), 0)))
    measured = Measured(
        codes=data["codes"],
        differences=data["dense"],
        length=data["length"],
        controls=held,
        scores={"score": data["score"]} if "score" in data else {},
        component=data["component"],
        listed_first=data.get("listed_first"),
    )
    return measure_preferences(measured, labels, config, np.random.default_rng(0))


def test_planted_effects_are_found_and_length_is_told_apart() -> None:
    found = measure(planted()).effects
    effect, q = found["effect"].to_list(), found["q"].to_list()
    assert effect[0] > 5
    assert q[0] < 0.01
    assert effect[1] < -5
    assert q[1] < 0.01
    assert q[2] > 0.05
    assert found["win_rate"][2] > 55  # without controls it looks rewarded
    without = measure(planted(), PreferenceConfig(bootstrap=60, halvings=5, controls=())).effects
    assert without["q"][2] < 0.01


def test_the_interval_leaves_out_zero_exactly_when_p_is_small() -> None:
    found = measure(planted(seed=4)).effects
    outside = (found["effect_low"] > 0) | (found["effect_high"] < 0)
    assert outside.to_list() == (found["p"] < 0.05).to_list()
    assert (found["effect_low"] < found["effect"]).all()
    assert (found["effect"] < found["effect_high"]).all()


def test_a_control_that_is_zero_on_every_labelled_pair_is_dropped_with_a_note() -> None:
    data = planted()
    labels = pl.DataFrame({"label": data["label"], "weight": np.ones(len(data["label"]))})
    labels = labels.with_columns(
        label=pl.when(pl.int_range(pl.len()) < 100).then(None).otherwise(pl.col("label"))
    )
    only_unlabelled = np.where(np.arange(len(labels)) < 100, 1.0, 0.0)
    found = []
    for names in (["length"], ["length", "lead"]):
        columns = np.column_stack([data["length"], only_unlabelled])[:, : len(names)]
        measured = Measured(
            codes=data["codes"], differences=data["dense"], length=data["length"],
            controls=Controls(names, columns), scores={}, component=data["component"],
        )  # fmt: skip
        found.append(measure_preferences(measured, labels, CONFIG, np.random.default_rng(0)))
    assert found[1].effects.equals(found[0].effects)
    assert found[1].summary["control_notes"] == ["lead is the same on both sides of every pair"]
    assert found[1].summary["auc"] == found[0].summary["auc"]


def test_exchanging_sides_changes_nothing() -> None:
    data = planted()
    flip = np.random.default_rng(1).choice([-1.0, 1.0], len(data["label"]))
    swapped = {
        "codes": (data["codes"] * flip[:, None]).astype(np.float32),
        "dense": (data["dense"] * flip[:, None]).astype(np.float32),
        "length": data["length"] * flip,
        "label": np.where(flip > 0, data["label"], 1 - data["label"]),
        "component": data["component"],
    }
    one, other = measure(data), measure(swapped)
    for column in ("win_rate", "beta", "se", "effect", "effect_low", "joint_beta"):
        before, after = (np.array(x.effects[column], dtype=float) for x in (one, other))
        assert np.allclose(before, after, atol=1e-6, equal_nan=True)
    for name, found in one.summary["auc"].items():
        assert other.summary["auc"][name] == pytest.approx(found, abs=1e-6)


def test_features_and_dense_beat_length_and_chance() -> None:
    summary = measure(planted()).summary
    auc = {name: found["value"] for name, found in summary["auc"].items()}
    assert auc["features + length"] > auc["features"] > 0.6
    assert auc["features + length"] > auc["length"] > 0.55
    assert auc["dense"] == pytest.approx(auc["features"], abs=0.03)
    assert summary["auc_recovered"]["value"] == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    ("label", "reason"),
    [(0.5, "every label is a tie"), (1.0, "every label says response_a"), (np.nan, "no pair")],
)
def test_labels_that_tell_nothing_apart_are_said_to_be_so(label: float, reason: str) -> None:
    data = planted(200)
    data["label"] = np.full(200, label)
    found = measure(data)
    assert reason in found.summary["reason"]
    assert found.effects["effect"].null_count() == 4
    assert found.effects["effect_reason"].str.contains(reason).all()


def test_a_rare_feature_has_a_reason_and_no_number_and_a_separated_one_an_interval() -> None:
    data = planted(400)
    data["codes"][:, 0] = 0
    data["codes"][:3, 0] = 1
    data["codes"][:, 1] = np.where(data["label"] == 1, 1, -1)
    found = measure(data).effects
    assert found["effect"][0] is None
    assert "only 3" in found["effect_reason"][0]
    assert found["effect_low"][1] > 40
    assert found["effect_reason"][1] is None
    assert found["effect"][3] is not None


def test_permuted_labels_are_not_predicted() -> None:
    data = planted(800)
    data["label"] = np.random.default_rng(5).permutation(data["label"])
    summary = measure(data).summary
    found = summary["auc"]["dense"]
    assert found["low"] < 0.5 < found["high"]
    assert "auc_recovered_reason" in summary


def test_the_sparse_model_keeps_what_was_planted_first() -> None:
    found = measure(planted()).effects
    assert set(found.sort("path_rank", nulls_last=True)["feature"][:2]) == {0, 1}
    assert found["sparse_beta"].sign().to_list()[:2] == [1, -1]
    assert found["selection_frequency"][:2].min() > 0.9


def test_the_checks_on_ourselves_hold() -> None:
    summary = measure(planted()).summary
    blind = summary["permuted_auc"]
    assert blind["low"] < 0.5 < blind["high"]
    few = {entry["k"]: entry["auc"]["value"] for entry in summary["at_k"]}
    assert 0.5 < few[1] < few[2] <= summary["auc"]["features + length"]["value"] + 0.02
    for name, found in summary["log_loss"].items():
        assert found["value"] < np.log(2) + 0.01, name
        assert summary["accuracy"][name]["value"] > 0.5
        assert summary["calibration_error"][name]["value"] < 0.1


def test_scores_that_came_with_the_data_are_a_baseline() -> None:
    data = planted()
    data["score"] = data["codes"] @ TRUE + 0.7 * data["length"]
    auc = measure(data).summary["auc"]
    assert auc["score"]["value"] >= auc["features + length"]["value"] - 0.01


def test_position_bias_is_told_where_the_order_means_something() -> None:
    data = planted(1200)
    assert "reason" in measure(data).summary["position"]
    rng = np.random.default_rng(3)
    data["label"] = np.where(rng.random(1200) < 0.3, 1.0, data["label"])
    data["listed_first"] = np.ones(1200, dtype=np.int8)
    position = measure(data).summary["position"]
    assert position["effect"]["low"] > 0
    flip = np.where(rng.random(1200) < 0.5, -1.0, 1.0)
    turned = {
        "codes": (data["codes"] * flip[:, None]).astype(np.float32),
        "dense": (data["dense"] * flip[:, None]).astype(np.float32),
        "length": data["length"] * flip,
        "label": np.where(flip > 0, data["label"], 1 - data["label"]),
        "component": data["component"],
        "listed_first": np.where(flip > 0, 1, -1).astype(np.int8),
    }
    again = measure(turned).summary["position"]
    assert again["effect"]["value"] == pytest.approx(position["effect"]["value"], abs=1e-6)


def test_multiplying_all_weights_changes_nothing() -> None:
    data = planted(600)
    labels = pl.DataFrame({"label": data["label"], "weight": np.full(600, 1e-6)})
    measured = Measured(
        codes=data["codes"], differences=data["dense"], length=data["length"],
        controls=Controls(["length"], data["length"][:, None]), scores={},
        component=data["component"],
    )  # fmt: skip
    small = measure_preferences(measured, labels, CONFIG, np.random.default_rng(0))
    one = measure(data)
    assert np.allclose(small.effects["effect"], one.effects["effect"], atol=1e-6)
    assert np.allclose(small.effects["se"], one.effects["se"], atol=1e-6)
    for name, found in one.summary["auc"].items():
        assert small.summary["auc"][name] == pytest.approx(found, abs=1e-6)


def test_a_feature_that_lives_in_few_prompts_has_a_reason_and_no_number() -> None:
    rng = np.random.default_rng(0)
    data = planted(600)
    data["label"] = rng.integers(0, 2, 600).astype(float)
    data["codes"][:, 3] = 0
    data["codes"][:70, 3] = 1.0
    data["component"][:60] = 0
    found = measure(data).effects
    assert found["effect"][3] is None
    assert "independent prompts" in found["effect_reason"][3]
    assert found["joint_beta"][3] is None


@pytest.mark.slow
def test_noise_is_called_significant_about_as_often_as_promised() -> None:
    false, tested = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        data = planted(300, seed)
        data["label"] = rng.integers(0, 2, 300).astype(float)
        data["component"] = rng.integers(0, 25, 300)
        labelled = pl.DataFrame({"label": data["label"], "weight": np.ones(300)})
        measured = Measured(
            codes=data["codes"], differences=data["dense"], length=data["length"],
            controls=Controls(["length"], data["length"][:, None]), scores={},
            component=data["component"],
        )  # fmt: skip
        pairs = labelled_pairs(measured, labelled["label"].to_numpy(), np.ones(300), np.arange(300))
        p = feature_effects(pairs, pairs.controls)["p"].drop_nulls()
        false, tested = false + int((p < 0.05).sum()), tested + len(p)
    assert tested == 160
    assert false / tested < 0.11
