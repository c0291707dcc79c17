"""Two ratios that may not grow by half: a training step to its products, counting to one pattern.

    make guard

Processor time of this process, on one thread, so that neither a busy nor a slow machine counts.
Ends with 1 where a ratio stays more than 1.5 times the recorded one in every round.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import torch
from gpu import planted, products

from wimhf.base.config import DictionaryConfig
from wimhf.concepts import load_concepts, measure_concepts
from wimhf.learn.dictionary.fitting import Fitting

RECORDED = {"training step / its products": 2.6, "all concepts / one pattern": 2300.0}
GROWN = 1.5
DEMO = Path(__file__).parents[1] / "data" / "demo.jsonl.gz"
ROUNDS = 6


def cost(work: Callable[[], object], times: int) -> float:
    """Return seconds of this process, per time."""
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def step_ratio() -> float:
    """Return what a step of m=256, K=8 on 256 pairs of 384 dimensions costs beside its products."""
    data = planted(4096).cpu()
    fitting = Fitting(data, (256, 8), 256, 3000, DictionaryConfig(features=256, k=8), [0])
    bare = products(1, 256, 256, data.device)
    cost(fitting.step, 5), cost(bare, 5)
    return cost(fitting.step, 40) / cost(bare, 40)


def counting_ratio() -> float:
    """Return what counting the whole bank costs beside counting one pattern of the same texts."""
    with gzip.open(DEMO, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = [row[side] for row in rows for side in ("response_a", "response_b")]
    column = pl.Series(texts)
    bank = [one for one in load_concepts() if one.reads == "response" and one.of is None]
    measure_concepts(bank, texts[:20])
    one = cost(lambda: column.str.count_matches(r"(?i)\b(?:sorry|cannot|unable)\b").sum(), 30)
    return cost(lambda: measure_concepts(bank, texts), 1) / one


def main() -> int:
    """Print the least ratio of some rounds beside the recorded one; return 1 if one has grown."""
    torch.set_num_threads(1)
    grown = False
    measured = zip(RECORDED.items(), (step_ratio, counting_ratio), strict=True)
    for (name, recorded), ratio in measured:
        least = np.inf
        for _ in range(ROUNDS):
            least = min(least, ratio())
            if least <= recorded:
                break
        grown |= least > GROWN * recorded
        print(f"{name}: {least:.2f} times, recorded {recorded}, at most {GROWN * recorded:.1f}")
    return int(grown)


if __name__ == "__main__":
    sys.exit(main())
