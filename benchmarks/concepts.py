"""Time the counting of the whole bank on one core, screened and without a screen.

    python benchmarks/concepts.py [--megabytes 20]

Texts are the demo's responses, once and then again until there are enough, each time behind
another number. The target is 5 MB of text per second with Hyperscan.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

DEMO = Path(__file__).parents[1] / "data" / "demo.jsonl.gz"


def main() -> None:
    """Print MB/s of the engine and of the fallback, each in a process of one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--way", choices=["screen", "none"], help=argparse.SUPPRESS)
    own = parser.parse_args()
    if own.way:
        measure(own.way, own.megabytes)
        return
    for way in ("screen", "none"):
        command = [sys.executable, __file__, "--way", way, "--megabytes", str(own.megabytes)]
        subprocess.run(command, check=True, env=os.environ | {"POLARS_MAX_THREADS": "1"})


def measure(way: str, megabytes: float) -> None:
    """Print how fast the bank is counted, the better of two times where that is quick."""
    from wimhf.concepts import load_concepts, measure_concepts, screen

    if way == "none":
        screen.LEAST_EXPRESSIONS = 10**9
    screen.COMPILE_FROM = 0
    with gzip.open(DEMO, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    demo = [row[side] for row in rows for side in ("response_a", "response_b")]
    times = max(1, round(1e6 * megabytes / sum(map(len, demo))))
    responses = [f"{turn} {text}" for turn in range(times) for text in demo]
    size = sum(len(text.encode()) for text in responses) / 1e6
    bank = [c for c in load_concepts() if c.reads == "response" and c.of is None]
    start = time.perf_counter()
    measure_concepts(bank, responses[:1])
    ready = time.perf_counter() - start
    taken = []
    for _ in range(1 if way == "none" else 2):
        start, cpu = time.perf_counter(), time.process_time()
        found = measure_concepts(bank, responses)
        taken.append((time.perf_counter() - start, time.process_time() - cpu))
    wall, cpu = min(taken)
    name = "with Hyperscan" if way == "screen" else "without"
    print(
        f"{name}: {len(bank)} concepts, {len(responses):,} texts, {size:.1f} MB, "
        f"{found.nnz / len(responses):.1f} found per text: {size / wall:.2f} MB/s "
        f"({size / cpu:.2f} by processor time); ready after {ready:.1f} s"
    )


if __name__ == "__main__":
    main()
