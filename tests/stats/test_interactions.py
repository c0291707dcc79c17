"""Columns times what prompts are like: odd, found where planted, and nothing where not."""

from __future__ import annotations

import numpy as np
import pytest

from wimhf.base import PreferenceConfig, silent
from wimhf.stats.design import Labelled
from wimhf.stats.interactions import leading, products, prompt_components
from wimhf.stats.prediction import predict_labels

N, SPREAD = 1200, np.array([3.0, 2.0, 1.0, 0.5, 0.1])


def drawn(by_prompt: float, seed: int = 0) -> Labelled:
    rng = np.random.default_rng(seed)
    asked = prompt_components((rng.normal(size=(N, 5)) * SPREAD).astype(np.float32), 2)
    codes, dense = rng.normal(size=(N, 6)), rng.normal(size=(N, 8)).astype(np.float32)
    dense[:, 0] = codes[:, 0]
    value = 0.3 * codes[:, 1] + by_prompt * codes[:, 0] * asked[:, 0]
    label = (rng.random(N) < 1 / (1 + np.exp(-value))).astype(float)
    length = rng.normal(size=(N, 1))
    return Labelled(
        codes=codes, dense=dense, length=length, controls=length, controls_name="length",
        scores={}, label=label, weight=np.ones(N), component=np.arange(N) // 2,
        concept=np.zeros(6, dtype=bool), asked=asked,
    )  # fmt: skip


def test_what_depends_on_the_prompt_is_found() -> None:
    config, rng = PreferenceConfig(bootstrap=50), np.random.default_rng(0)
    auc = predict_labels(drawn(1.5), config, rng, silent)[0]["auc"]
    for model in ("features", "dense"):
        alone, by_prompt = (auc[f"{model}{end} + length"]["value"] for end in ("", " by prompt"))
        assert alone is not None
        assert by_prompt is not None
        assert by_prompt > alone + 0.05


def test_without_them_there_are_no_such_models() -> None:
    data = drawn(1.5)
    plain = Labelled(**{**vars(data), "asked": None})
    found = predict_labels(plain, PreferenceConfig(bootstrap=50), np.random.default_rng(0), silent)
    assert not any("by prompt" in name for name in found[0]["auc"])


def test_products_turn_with_their_columns_and_have_one_size() -> None:
    data = drawn(0.0)
    assert data.asked is not None
    made = products(data.codes, data.asked)
    assert made.shape == (N, 12)
    assert np.array_equal(products(-data.codes, data.asked), -made)
    assert np.sqrt(np.square(made).mean(axis=0)) == pytest.approx(np.ones(12))
    assert np.allclose(leading(-data.dense), -leading(data.dense))
    assert not products(np.zeros((4, 1)), np.ones((4, 2))).any()


def test_components_are_the_first_and_no_more_than_there_are() -> None:
    rng = np.random.default_rng(1)
    vectors = (rng.normal(size=(500, 5)) * SPREAD + 7).astype(np.float32)
    found = prompt_components(vectors, 3)
    assert found.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-6)
    assert abs(np.corrcoef(found[:, 0], vectors[:, 0])[0, 1]) > 0.95
    assert prompt_components(np.ones((9, 4), dtype=np.float32), 3).shape == (9, 0)
    assert prompt_components(vectors[:, :2], 64).shape == (500, 2)
