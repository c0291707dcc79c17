"""Camps with planted preferences, for the laws of comparison."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats, Ints
from wimhf.stats import Camp, Controls, Measured, camp_of


def draw(
    beta: Floats, n: int, seed: int, component: Ints | None = None, share: float = 0.4
) -> tuple[Measured, Floats]:
    """Draw pairs whose labels follow ``beta`` (m,) and length; two pairs share a prompt."""
    rng = np.random.default_rng(seed)
    component = np.arange(n) // 2 if component is None else component
    codes = rng.choice([-1.0, 1.0, 2.0, -2.0], (n, len(beta))) * (
        rng.random((n, len(beta))) < share
    )
    length = rng.standard_normal(n)
    taste = rng.standard_normal(component.max() + 1)[component] * 0.3
    value = codes @ beta + 0.4 * length + taste * np.sign(codes[:, 0])
    label = (rng.random(n) < 1 / (1 + np.exp(-value))).astype(float)
    measured = Measured(
        codes=codes.astype(np.float32), differences=np.zeros((n, 1), dtype=np.float32),
        length=length, controls=Controls(["length"], length[:, None]), scores={},
        component=component,
    )  # fmt: skip
    return measured, label


def camp(beta: Floats, n: int = 1500, seed: int = 0, first: int = 0, share: float = 0.4) -> Camp:
    """Return a camp; its clusters are numbered from ``first``."""
    measured, label = draw(beta, n, seed, share=share)
    cluster = measured.component + first
    return camp_of(measured, label, np.ones(n), np.ones(len(beta)), cluster)


def turned(given: Camp, seed: int = 1) -> Camp:
    """Return a camp with the sides of some pairs exchanged."""
    n = len(given.cluster)
    sign = np.where(np.random.default_rng(seed).random(n) < 0.5, -1.0, 1.0)
    data = given.data
    changed = {
        "codes": data.codes * sign[:, None], "controls": data.controls * sign[:, None],
        "length": data.length * sign[:, None],
        "label": np.where(sign > 0, data.label, 1 - data.label),
    }  # fmt: skip
    held = Controls(given.held.names, given.held.columns * sign[:, None])
    return Camp(type(data)(**{**vars(data), **changed}), given.unit, held, given.cluster)
