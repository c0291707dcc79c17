"""Time the offline describers on a large data set, in a process of its own.

    python benchmarks/describe.py [--pairs 100000] [--features 64]

Responses are made of sentences of the demo data, each response its own; codes follow one
frequent word each, half of the time. The target is 90 s for 100,000 pairs and 64 features on two
cores.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import time
from pathlib import Path

import numpy as np

from wimhf.base.config import DescribeConfig
from wimhf.describe import describe_features

DEMO = Path(__file__).parents[1] / "data" / "demo.jsonl.gz"


def sentences() -> list[str]:
    """Return the distinct sentences of the demo responses."""
    found: dict[str, None] = {}
    with gzip.open(DEMO, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for name in ("response_a", "response_b"):
                found |= dict.fromkeys(re.split(r"(?<=[.!?])\s+", row[name]))
    return list(found)


def main() -> None:
    """Print the time, the peak memory and how well the features are described."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=64)
    given = parser.parse_args()
    n, m, rng = given.pairs, given.features, np.random.default_rng(0)
    pool = sentences()
    drawn = rng.integers(0, len(pool), size=(2, n, 8))
    sides = [[" ".join(pool[i] for i in row) for row in side.tolist()] for side in drawn]
    words = sorted({w for text in pool for w in re.findall(r"[a-z]{4,}", text.lower())})
    says = {w: np.array([w in text.lower() for text in pool]) for w in words}
    common = sorted(words, key=lambda w: -says[w].sum())[:m]
    codes = np.zeros((n, m), dtype=np.float32)
    for feature, word in enumerate(common):
        held = says[word][drawn].any(axis=2).astype(np.float32)
        codes[:, feature] = held[0] - held[1]
    codes *= rng.random((n, m)) < 0.5
    split = np.array(["fit", "select", "test"])[rng.choice(3, n, p=[0.6, 0.2, 0.2])]
    started = time.perf_counter()
    found = describe_features(
        (sides[0], sides[1]), codes, split, np.arange(n), DescribeConfig(), rng
    )
    seconds = time.perf_counter() - started
    won = found.table.filter("won")
    length = np.mean([len(text.split()) for text in sides[0][:1000]])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{n:,} pairs x {m} features, {length:.0f} words a response")
    print(f"{seconds:.0f} s, peak {memory:.1f} GB, mean fidelity {won['fidelity'].mean():.3f}")


if __name__ == "__main__":
    main()
