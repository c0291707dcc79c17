"""How `fast` is distilled: dimensions and down-weighting of frequent words, on HH-RLHF harmless.

    python benchmarks/encoders.py [FILE]

Distils minilm with model2vec several ways and prints, for each, the AUC of a dense probe and of
32 features (one seed), out of fold, and the variance explained on held-out pairs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from model2vec.distill import distill

import wimhf
from wimhf.embed.local import FAST_DIMS, FAST_SIF, minilm_location

DEFAULT = Path(__file__).resolve().parents[2] / "shared/data/hh_rlhf_harmless_test.jsonl.gz"


class Distilled:
    """One way of distilling, as an encoder."""

    max_tokens: int | None = None
    chunk = 8192

    def __init__(self, dims: int, sif: float) -> None:
        self.id, self.revision = "distilled", f"{dims}-{sif:g}"
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            self.model = distill(minilm_location(), pca_dims=dims, sif_coefficient=sif)

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
    print("| dimensions | SIF | AUC codes | AUC codes+length | AUC dense | VE held-out |")
    print("|" + " --- |" * 6)
    for dims in (384, 256, 128):
        for sif in (1e-4, 1e-3, 1e-2, 1e-1):
            with tempfile.TemporaryDirectory() as folder:
                run = wimhf.analyze(args.file, folder, encoder=Distilled(dims, sif))
                auc = run.preference["auc"]
                explained = run.read_json("dictionary.json")["test"]["variance_explained"]
            chosen = " (fast)" if (dims, sif) == (FAST_DIMS, FAST_SIF) else ""
            cells = [auc[name]["value"] for name in ("features", "features + length", "dense")]
            told = " | ".join(f"{value:.3f}" for value in [*cells, explained])
            print(f"| {dims}{chosen} | {sif:g} | {told} |", flush=True)


if __name__ == "__main__":
    main()
