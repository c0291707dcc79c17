"""Time the statistics of a large data set, in a process of its own.

    python benchmarks/preference.py [--pairs 100000] [--features 64] [--dimensions 384]

Everything the preference stage does after the dictionary: effects, joint model, L1 path,
stability selection, subsets, baselines with their bootstrap. The target is a minute and 4 GB on
two cores for 100,000 pairs and 64 features.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np
import polars as pl

from wimhf.base.config import PreferenceConfig
from wimhf.base.progress import Event
from wimhf.stats.design import Controls, Measured, Subsets
from wimhf.stats.preference import measure_preferences


def draw(n: int, m: int, d: int, rng: np.random.Generator) -> tuple[Measured, pl.DataFrame]:
    """Draw pairs of which two share a prompt, eight features rewarded, and length."""
    codes = (rng.standard_normal((n, m)) * (rng.random((n, m)) < 0.12)).astype(np.float32)
    mixed = codes @ rng.standard_normal((m, d)).astype(np.float32)
    length = rng.standard_normal(n)
    beta = np.zeros(m)
    beta[:8] = [0.6, -0.5, 0.4, -0.3, 0.2, 0.2, -0.1, 0.1]
    chance = 1 / (1 + np.exp(-(codes @ beta + 0.4 * length)))
    measured = Measured(
        codes=codes,
        differences=mixed + rng.standard_normal((n, d)).astype(np.float32),
        length=length,
        controls=Controls(["length"], length[:, None]),
        scores={},
        component=np.arange(n) // 2,
        subsets=Subsets("drawn", ["one", "two", "three"], np.arange(n) // 2 % 3),
    )
    label = (rng.random(n) < chance).astype(float)
    return measured, pl.DataFrame({"label": label, "weight": np.ones(n)})


def main() -> None:
    """Print when each part is reached, and the whole with its peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--dimensions", type=int, default=384)
    given = parser.parse_args()
    measured, labels = draw(given.pairs, given.features, given.dimensions, np.random.default_rng(0))
    started = time.perf_counter()

    def watch(event: Event) -> None:
        if event.message or event.unit == "models":
            said = event.message or f"model {event.done} of {event.total}"
            print(f"{time.perf_counter() - started:6.1f} s  {said}", file=sys.stderr)

    rng = np.random.default_rng(0)
    found = measure_preferences(measured, labels, PreferenceConfig(), rng, watch)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{given.pairs:,} pairs x {given.features} features x {given.dimensions} dimensions")
    print(f"{seconds:.0f} s, peak {memory:.1f} GB, bootstrap {found.summary['bootstrap']} draws")


if __name__ == "__main__":
    main()
