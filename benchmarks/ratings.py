"""How often intervals of models' ratings hold, on matches with planted strengths.

python benchmarks/ratings.py [SETS]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.compare import told
from tests.stats.test_ratings import STRENGTHS, draw, ratings
from wimhf.base import Floats
from wimhf.stats import Matches, Ratings, rate_models, rating_changes

SETS = 400
MANY = 200_000


def curated(given: Matches, seed: int) -> Matches:
    """Turn half of the labels of the strongest model's pairs."""
    chosen = np.random.default_rng(seed).random(len(given.label)) < 0.5
    turn = chosen & ((given.first == 4) | (given.second == 4))
    return replace(given, label=np.where(turn, 1 - given.label, given.label))


def inside(low: Floats, true: Floats, high: Floats) -> int:
    """Count the intervals that hold what is true."""
    return int(((low <= true) & (true <= high)).sum())


def rated(length: float, n: int, seed: int) -> tuple[Ratings, Ratings]:
    """Return ratings before and after curation."""
    given = draw(STRENGTHS, n, seed, length=length)
    models = len(STRENGTHS)
    return rate_models(given, models), rate_models(curated(given, seed + 10**6), models)


def main(sets: int) -> None:
    """Print coverage with length held and not."""
    for length in (0.0, 0.6):
        before, after = rated(length, MANY, 10**7)
        true = ratings(before), rating_changes(before, after)["change"].to_numpy()
        for n in (120, 240, 1200):
            held = moved = 0
            for seed in range(sets):
                one, two = rated(length, n, seed)
                table, changes = one.table, rating_changes(one, two)
                held += inside(table["low"].to_numpy(), true[0], table["high"].to_numpy())
                low, high = (changes[name].to_numpy() for name in ("change_low", "change_high"))
                moved += inside(low, true[1], high)
            print(f"five models, {n:,} pairs, three of a prompt, length held: {length > 0}")
            told("intervals of a rating that hold it", held, sets * len(STRENGTHS))
            told("intervals of a move that hold it", moved, sets * len(STRENGTHS))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SETS)
