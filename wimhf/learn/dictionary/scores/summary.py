"""Everything that is asked of a dictionary without labels or words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats32, Mask
from wimhf.learn.dictionary.evaluate import evaluate
from wimhf.learn.dictionary.protocol import Dictionary
from wimhf.learn.dictionary.scores.control import control
from wimhf.learn.dictionary.scores.darkness import darkness
from wimhf.learn.dictionary.scores.illusion import outside_share
from wimhf.learn.dictionary.scores.novelty import density_shift, novelty, novelty_auc
from wimhf.learn.dictionary.scores.probes import Probes
from wimhf.learn.dictionary.scores.splitting import splitting

Figures = dict[str, float | None]


@dataclass(frozen=True)
class Judged:
    """What dictionaries are judged on.

    Attributes
    ----------
    differences
        (n, d) of every pair.
    fit, test
        (n,) pairs that fit probes, and pairs that fitted nothing.
    probes
        Of concepts, on the differences.
    beside
        (n', d) differences of other data in the same scale; None where there are none.
    """

    differences: Floats32
    fit: Mask
    test: Mask
    probes: Probes
    beside: Floats32 | None = None


def score_dictionary(dictionary: Dictionary, judged: Judged) -> Figures:
    """Return the scores of ``evaluate`` and of every module beside this one, by name.

    A score that cannot be measured is None.
    """
    delta, fit, test = judged.differences, judged.fit, judged.test
    codes = dictionary.encode(delta)
    decoded, rows = dictionary.decode(codes), dictionary.directions
    outside = outside_share(rows, delta[fit])
    figures: Figures = {**evaluate(dictionary, delta[test])}
    for part in (
        control(judged.probes, delta, codes, rows, decoded, fit, test),
        splitting(judged.probes, delta, codes, rows, fit, test),
        darkness(delta, decoded, codes, rows, fit, test),
    ):
        figures |= {name: _number(value) for name, value in part.items()}
    figures |= {"outside_mean": float(outside.mean()), "outside_max": float(outside.max())}
    return figures | _novelty(dictionary, delta[test], judged.beside)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _novelty(dictionary: Dictionary, known: Floats32, new: Floats32 | None) -> Figures:
    names = ("novelty_residual", "novelty_density", "novelty_both", "novelty_size", "density_shift")
    if new is None:
        return dict.fromkeys(names)
    here, there = (_left(dictionary, values) for values in (known, new))
    mine, its = novelty(here, there)
    values = (
        novelty_auc(mine.residual, its.residual), novelty_auc(mine.density, its.density),
        novelty_auc(mine.both, its.both), novelty_auc(mine.size, its.size),
        density_shift(here[2], there[2]),
    )  # fmt: skip
    return dict(zip(names, values, strict=True))


def _left(dictionary: Dictionary, differences: Floats32) -> tuple[Floats32, Floats32, Floats32]:
    """Return differences, what a dictionary leaves of them, and its codes."""
    codes = dictionary.encode(differences)
    return differences, differences - dictionary.decode(codes), codes


def unit_directions(dictionary: Dictionary) -> Floats32:
    """Return the directions (m, d), each of length 1 or 0."""
    size = np.linalg.norm(dictionary.directions, axis=1, keepdims=True)
    return np.asarray(dictionary.directions / np.where(size > 0, size, 1.0), dtype=np.float32)
