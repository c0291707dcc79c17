"""Laws of statistics on a sample: whole components, and models that speak of all other pairs."""

import numpy as np
import polars as pl
import pytest

from wimhf.base.config import PreferenceConfig
from wimhf.stats import Measured, measure_preferences, preference, sampled
from wimhf.stats.design import Controls


def worth(codes: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the log odds behind the labels."""
    return 1.5 * np.clip(codes[:, 0], -1.5, 1.5) + 0.5 * length


def drawn(n: int, seed: int = 0) -> tuple[Measured, pl.DataFrame]:
    """Draw pairs of three features, of which the first is rewarded and length is, too."""
    rng = np.random.default_rng(seed)
    codes = (rng.standard_normal((n, 3)) * (rng.random((n, 3)) < 0.5)).astype(np.float32)
    length = rng.standard_normal(n)
    value = worth(codes, length)
    label = (rng.random(n) < 1 / (1 + np.exp(-value))).astype(float)
    measured = Measured(
        codes=codes,
        differences=np.column_stack([codes, rng.standard_normal((n, 4))]).astype(np.float32),
        length=length,
        controls=Controls(["length"], length[:, None]),
        scores={},
        component=np.arange(n) // 3,
    )
    return measured, pl.DataFrame({"label": label, "weight": np.ones(n)})


@pytest.mark.parametrize("most", [10, 100, 5_000])
def test_a_sample_is_of_whole_components_and_of_about_the_size(most: int) -> None:
    component = np.random.default_rng(0).integers(0, 900, 3000)
    rows = sampled(component, most, np.random.default_rng(1))
    assert np.isin(component, component[rows]).sum() == len(rows)
    assert min(most, 3000) <= len(rows) <= max(most + 20, 3000 if most > 2700 else 0)
    assert np.array_equal(rows, sampled(component, most, np.random.default_rng(1)))


def test_models_of_a_sample_say_of_seen_pairs_what_they_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preference, "MODEL_PAIRS", 600)
    measured, labels = drawn(3000)
    config = PreferenceConfig(bootstrap=100, halvings=2)
    found = measure_preferences(measured, labels, config, np.random.default_rng(0))
    assert found.summary["sample"]["effects"] == 3000
    assert 600 <= found.summary["sample"]["models"] < 700
    assert found.models is not None
    rows, fold = (found.predicted[name].to_numpy() for name in ("pair", "fold"))
    again = found.models.predicted(
        rows,
        fold,
        measured.codes[rows],
        measured.controls.columns[rows],
        measured.differences[rows],
    )
    for name in ("features", "dense"):
        assert np.allclose(again[name], found.predicted[name], atol=1e-6)


def test_models_of_a_sample_predict_the_other_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preference, "MODEL_PAIRS", 600)
    measured, labels = drawn(3000)
    config = PreferenceConfig(bootstrap=100, halvings=2)
    models = measure_preferences(measured, labels, config, np.random.default_rng(0)).models
    assert models is not None
    other, answers = drawn(2000, seed=1)
    said = models.predicted(
        np.arange(2000),
        models.fold_of(other.component),
        other.codes,
        other.controls.columns,
        other.differences,
    )
    won = answers["label"].to_numpy() == 1
    best = ((worth(other.codes, other.length) > 0) == won).mean()
    assert ((said["features"].to_numpy() > 0) == won).mean() > best - 0.03
