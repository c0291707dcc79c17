"""Time what the app and the command line do with a run of any size, in a process of its own.

    python data/generate.py --pairs 98000 --seed 3 -o made
    wimhf analyze made/demo.jsonl.gz -o runs/big --encoder fast
    python benchmarks/whatif.py runs/big

Nothing is written to the run. The target for a preview is 10 s at 100,000 pairs on two cores.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import polars as pl

import wimhf


def main() -> None:
    """Print seconds and the peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    given = parser.parse_args()
    started = time.perf_counter()
    curation = wimhf.open_curation(given.run)
    features = curation.run.features.filter(pl.col("q").is_not_null()).sort("q")
    feature = int(features["feature"][0])
    print(f"{len(curation.pairs):,} pairs x {len(curation.run.features)} features")
    print(f"opened and replayed: {time.perf_counter() - started:.1f} s")
    for then in ("flip", "drop"):
        started = time.perf_counter()
        found = curation.preview({"when": {"feature": feature, "rewarded": False}, "then": then})
        seconds = time.perf_counter() - started
        print(f"preview of {then}, {len(found.touched):,} pairs touched: {seconds:.1f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak {memory:.1f} GB")


if __name__ == "__main__":
    main()
