"""How often comparison errs, on camps with planted preferences (see tests/camps.py).

python benchmarks/compare.py [SETS]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.camps import camp, draw
from wimhf.base import Floats
from wimhf.stats import (
    Camp,
    camp_effects,
    camp_of,
    conflicts,
    effect_gaps,
    preference_distance,
    wilson_interval,
)

SETS = 2_000
FAR = 10**6
BETA = np.array([0.6, -0.4, 0.3, 0.0, 0.0])
TURNS = (1.0, 0.3, -1.0)


def judges(beta: Floats, seed: int) -> tuple[Camp, Camp]:
    """Return two judges of the same 800 pairs, who want the same."""
    measured, label = draw(beta, 800, seed)
    rng = np.random.default_rng(seed + 10**5)
    value = measured.codes.astype(float) @ beta + 0.4 * measured.length
    other = (rng.random(800) < 1 / (1 + np.exp(-value))).astype(float)
    ones = np.ones(800), np.ones(len(beta))
    one, two = (camp_of(measured, own, *ones, measured.component) for own in (label, other))
    return one, two


def told(name: str, yes: int, of: int) -> None:
    """Print a share with its interval."""
    bounds = wilson_interval(yes, of)
    low, high = bounds["low"] or 0.0, bounds["high"] or 0.0
    print(f"  {name}: {100 * yes / of:.1f} % ({100 * low:.1f} to {100 * high:.1f}) of {of:,}")


def equal(sets: int) -> None:
    """Count what is called different where nothing is."""
    for name, both in (
        ("two data sets of 800 and 500 pairs",
         lambda s: (camp(BETA, 800, s), camp(BETA, 500, s + 10**5, FAR))),
        ("two data sets of 250 and 150 pairs",
         lambda s: (camp(BETA, 250, s), camp(BETA, 150, s + 10**5, FAR))),
        ("two data sets of 120 and 90 pairs",
         lambda s: (camp(BETA, 120, s), camp(BETA, 90, s + 10**5, FAR))),
        ("two judges of the same 800 pairs", lambda s: judges(BETA, s)),
    ):  # fmt: skip
        called = inside = flips = 0
        for seed in range(sets):
            camps = both(seed)
            effects = [camp_effects(one) for one in camps]
            gaps = effect_gaps(camps, effects)
            called += int((gaps["q"] < 0.05).any())
            flips += int(conflicts(effects)["conflict"].any())
            inside += int(((gaps["low"] <= 0) & (gaps["high"] >= 0)).sum())
        print(name + ", equal wishes")
        told("sets in which any column differs at q < .05", called, sets)
        told("sets with any conflict", flips, sets)
        told("intervals of a gap that hold 0", inside, sets * len(BETA))


def opposed(sets: int) -> None:
    """Count planted conflicts that are found, and others that are not there."""
    found = false = 0
    for seed in range(sets):
        camps = camp(BETA, 800, seed), camp(BETA * [-1, 1, 1, 1, 1], 800, seed + 10**5, FAR)
        conflict = conflicts([camp_effects(one) for one in camps])["conflict"].to_list()
        found += int(conflict[0])
        false += int(any(conflict[1:]))
    print("two data sets of 800 pairs, one wish of five opposed")
    told("sets in which it is a conflict", found, sets)
    told("sets with another conflict", false, sets)


def apart(sets: int) -> None:
    """Count intervals of the distance that hold what large data sets give."""
    print("distance of two data sets of 1,000 pairs")
    columns = np.arange(len(BETA))
    for turn in TURNS:
        rng = np.random.default_rng(0)
        large = camp(BETA, 100_000, 1), camp(BETA * turn, 100_000, 2, FAR)
        truth = 0.0
        if turn != 1:
            truth = preference_distance(*large, columns, rng, 2).distance["value"] or 0.0
        held, values = 0, []
        for seed in range(sets):
            both = camp(BETA, 1000, seed), camp(BETA * turn, 1000, seed + 10**5, FAR)
            bounds = preference_distance(*both, columns, rng, 200).distance
            held += int((bounds["low"] or 0.0) <= truth <= (bounds["high"] or 0.0))
            values.append(bounds["value"] or 0.0)
        print(f"  wishes times {turn:g}: true {truth:.2f}, mean estimate {np.mean(values):.2f}")
        told("intervals that hold it", held, sets)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SETS
    equal(count)
    opposed(count)
    apart(count)
