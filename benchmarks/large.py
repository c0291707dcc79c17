"""Make large preference data: responses of about 100 words, and vectors of 384 dimensions.

    python benchmarks/large.py 100000 /tmp/large
    wimhf analyze /tmp/large.parquet --embeddings /tmp/large_vec.npy -o runs/large

Responses are put together from the demo's sentences. Vectors are sparse sums of 60 planted
directions with noise, independent of the texts; labels follow the directions.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path

import numpy as np
import polars as pl

DEMO = Path(__file__).parents[1] / "data" / "demo.jsonl.gz"
WORDS, DIM, DIRECTIONS, BLOCK = 100, 384, 60, 50_000


def responses(sentences: list[str], n: int, seed: int) -> list[str]:
    """Return n responses of so many sentences that they have about ``WORDS`` words."""
    each = round(WORDS / np.mean([len(one.split()) for one in sentences]))
    drawn = np.random.default_rng(seed).integers(0, len(sentences), (n, each))
    return [" ".join(sentences[place] for place in row) for row in drawn.tolist()]


def vectors(n: int, path: Path, rng: np.random.Generator) -> np.ndarray:
    """Write (n, 2, d) vectors, the preferred response first; return where the first drawn won."""
    rows = rng.standard_normal((DIRECTIONS, DIM)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    worth = 0.25 * rng.standard_normal(DIRECTIONS)
    written = np.lib.format.open_memmap(path, "w+", np.float32, (n, 2, DIM))
    won = np.empty(n, dtype=bool)
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        shape = (size, 2, DIRECTIONS)
        codes = (rng.random(shape) < 0.08) * rng.standard_normal(shape)
        value = (codes[:, 0] - codes[:, 1]) @ worth
        first = rng.random(size) < 1 / (1 + np.exp(-value))
        made = codes @ rows + 0.02 * rng.standard_normal((size, 2, DIM))
        made[~first] = made[~first][:, ::-1]
        written[start : start + size], won[start : start + size] = made, first
    return won


def main() -> None:
    """Write OUT.parquet and OUT_vec.npy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=int)
    parser.add_argument("out")
    own = parser.parse_args()
    with gzip.open(DEMO, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = [row[side] for row in rows for side in ("response_a", "response_b")]
    parts = {part.strip() for text in texts for part in re.split(r"(?<=[.!?])\s+", text)}
    sentences = sorted(part for part in parts if len(part.split()) > 3)
    won = vectors(own.pairs, Path(f"{own.out}_vec.npy"), np.random.default_rng(0))
    a, b = (responses(sentences, own.pairs, seed) for seed in (1, 2))
    prompts = [f"{rows[n % len(rows)]['prompt']} ({n})" for n in range(own.pairs)]
    chosen = [one if first else other for one, other, first in zip(a, b, won, strict=True)]
    rejected = [other if first else one for one, other, first in zip(a, b, won, strict=True)]
    table = {"prompt": prompts, "chosen": chosen, "rejected": rejected}
    pl.DataFrame(table).write_parquet(f"{own.out}.parquet")


if __name__ == "__main__":
    main()
