"""How `fast` is distilled: dimensions and down-weighting of frequent words, on HH-RLHF harmless.

    python benchmarks/encoders.py [FILE]

Distils minilm with model2vec several ways and prints, for each, the AUC of a dense probe and of
32 features (mean of two seeds), out of fold, and the variance explained on held-out pairs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

import wimhf
from wimhf.learn.embed.local import (
    FAST_DIMS,
    FAST_SIF,
    FAST_WHITENING,
    distill_static,
    minilm_location,
)

DEFAULT = Path(__file__).resolve().parents[2] / "shared/data/hh_rlhf_harmless_test.jsonl.gz"


class Distilled:
    """One way of distilling, as an encoder."""

    max_tokens: int | None = None
    chunk = 8192

    def __init__(self, dims: int, sif: float, whitening: float) -> None:
        self.id, self.revision = "distilled", f"{dims}-{sif:g}-{whitening:g}"
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            self.model = distill_static(minilm_location(), dims, sif, whitening)

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return vectors."""
        return np.asarray(self.model.encode(texts, max_length=None), dtype=np.float32)

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return word counts: nothing is cut here."""
        return [len(text.split()) for text in texts]

    def last_tokens(self, text: str, count: int) -> str:
        """Return the text."""
        return text


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    args = parser.parse_args()
    if not args.file.is_file():
        sys.exit(f"{args.file} is absent; give the harmless-base test split as published")
    print("| dimensions | SIF | whitening | AUC codes | codes+length | dense | VE held-out |")
    print("|" + " --- |" * 7)
    chosen = (FAST_DIMS, FAST_SIF, FAST_WHITENING)
    ways = [(FAST_DIMS, sif, 0.0) for sif in (1e-4, 1e-3)]
    ways += [(dims, FAST_SIF, 0.0) for dims in (128, 256, 384)]
    ways += [(FAST_DIMS, FAST_SIF, whitening) for whitening in (0.25, 0.5, 1.0)]
    for way in ways:
        rows = [figures(args.file, Distilled(*way), seed) for seed in range(2)]
        told = " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
        mark = " (fast)" if way == chosen else ""
        print(f"| {way[0]}{mark} | {way[1]:g} | {way[2]:g} | {told} |", flush=True)


def figures(file: Path, encoder: Distilled, seed: int) -> list[float]:
    """Analyze once; return AUCs and variance explained."""
    with tempfile.TemporaryDirectory() as folder:
        run = wimhf.analyze(file, folder, encoder=encoder, seed=seed)
        auc = run.preference["auc"]
        cells = [auc[name]["value"] for name in ("features", "features + length", "dense")]
        return [*cells, run.folder.read_json("dictionary.json")["test"]["variance_explained"]]


if __name__ == "__main__":
    main()
