"""Time the counting of the whole bank on one core.

    python benchmarks/concepts.py [--megabytes 10]

Texts are the demo's responses, once and then again until there are enough, each time behind
another number. The target is 5 MB of text per second.
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
    """Print MB/s of patterns, of detectors and of both, in a process of one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=10.0)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    own = parser.parse_args()
    if own.child:
        measure(own.megabytes)
        return
    command = [sys.executable, __file__, "--child", "--megabytes", str(own.megabytes)]
    subprocess.run(command, check=True, env=os.environ | {"POLARS_MAX_THREADS": "1"})


def measure(megabytes: float) -> None:
    """Print how fast the concepts of responses are counted."""
    from wimhf.concepts import load_concepts, measure_concepts

    with gzip.open(DEMO, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    demo = [row[side] for row in rows for side in ("response_a", "response_b")]
    times = max(1, round(1e6 * megabytes / sum(map(len, demo))))
    responses = [f"{turn} {text}" for turn in range(times) for text in demo]
    size = sum(len(text.encode()) for text in responses) / 1e6
    bank = [c for c in load_concepts() if c.reads == "response" and c.of is None]
    chosen = {
        "patterns": [c for c in bank if c.detector is None],
        "detectors": [c for c in bank if c.detector is not None],
        "all": bank,
    }
    for name, concepts in chosen.items():
        start, cpu = time.perf_counter(), time.process_time()
        found = measure_concepts(concepts, responses)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        print(
            f"{name}: {len(concepts)} concepts, {len(responses):,} texts of {size:.1f} MB, "
            f"{found.nnz / len(responses):.1f} found per text: {size / wall:.2f} MB/s "
            f"({size / cpu:.2f} by processor time)"
        )


if __name__ == "__main__":
    main()
