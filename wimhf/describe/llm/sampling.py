"""Which pairs a model is asked about: drawn evenly over how strongly a feature is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Ints

STRATA = 4
"""Strata of active pairs by |code|; the zeros are one of their own."""


@dataclass(frozen=True)
class Sampled:
    """Pairs to be judged and what each stands for."""

    rows: Ints
    weight: Floats


def stratified(code: Floats, rows: Ints, count: int, rng: np.random.Generator) -> Sampled:
    """Draw pairs evenly over |code|, zeros among them, each weighted by what it stands for.

    Parameters
    ----------
    code, rows
        (n,) codes of pairs, and their rows in the pair table.
    """
    strata = [s for s in (np.flatnonzero(code == 0), *_active_strata(code)) if len(s)]
    drawn = _drawn_evenly(strata, count, rng)
    shares = [len(s) / max(len(d), 1) for s, d in zip(strata, drawn, strict=True)]
    return Sampled(rows[np.concatenate(drawn)], np.repeat(shares, [len(d) for d in drawn]))


def balanced_rows(
    code: Floats, rows: Ints, count: int, least: int, rng: np.random.Generator
) -> Ints:
    """Draw as many active as inactive pairs, the active ones evenly over |code|.

    Parameters
    ----------
    code, rows
        (n,) codes of pairs, and their rows in the pair table.
    least
        Pairs of each kind below which none is drawn at all.
    """
    strata, inactive = _active_strata(code), np.flatnonzero(code == 0)
    half = min(count // 2, sum(map(len, strata)), len(inactive))
    active = np.concatenate(_drawn_evenly(strata, half, rng))
    if len(active) < least:
        return rows[:0]
    others = rng.choice(inactive, size=len(active), replace=False)
    drawn: Ints = rows[np.concatenate([active, others])]
    return drawn


def _active_strata(code: Floats) -> list[Ints]:
    """Return the places of active pairs in groups of about the same size, by rising |code|."""
    active = np.flatnonzero(code)
    order = active[np.argsort(np.abs(code[active]), kind="stable")]
    return np.array_split(order, STRATA)


def _drawn_evenly(strata: Sequence[Ints], count: int, rng: np.random.Generator) -> list[Ints]:
    drawn: list[Ints] = []
    for place, stratum in enumerate(strata):
        wanted = (count - sum(map(len, drawn))) // (len(strata) - place)
        drawn.append(rng.choice(stratum, size=min(wanted, len(stratum)), replace=False))
    return drawn
