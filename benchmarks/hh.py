"""HH-RLHF harmless test pairs: what the features predict, three seeds, two encoders.

    python benchmarks/hh.py [FILE] [--seeds 3]

FILE is the harmless-base test split as published (default ../shared/data/...). Prints one line
per seed and the means. Every run is made from scratch except for cached embeddings.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

import wimhf

DEFAULT = Path(__file__).resolve().parents[2] / "shared/data/hh_rlhf_harmless_test.jsonl.gz"
COLUMNS = (
    "AUC codes", "AUC codes+length", "AUC length", "AUC dense", "AUC dense+length", "recovered",
    "VE fit", "VE held-out", "active", "dead", "swap error", "fidelity mean", "fidelity median",
    "train s",
)  # fmt: skip


def figures(file: Path, encoder: str, seed: int) -> list[float]:
    """Analyze once; return the figures of COLUMNS."""
    with tempfile.TemporaryDirectory() as folder:
        run = wimhf.analyze(
            file, folder, seed=seed, embed={"encoder": encoder}, dictionary={"features": 32, "k": 4}
        )
        auc = {name: found["value"] for name, found in run.preference["auc"].items()}
        card = run.folder.read_json("dictionary.json")
        told = run.facts("name")
        return [
            auc["features"], auc["features + length"], auc["length"], auc["dense"],
            auc["dense + length"], run.preference["auc_recovered"]["value"],
            card["fit"]["variance_explained"], card["test"]["variance_explained"],
            card["test"]["mean_active"], card["test"]["dead_share"], card["test"]["swap_error"],
            told["mean_fidelity"], told["median_fidelity"],
            run.manifest.stages["dictionary"]["seconds"],
        ]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    if not args.file.is_file():
        sys.exit(f"{args.file} is absent; give the harmless-base test split as published")
    print("| encoder | seed | " + " | ".join(COLUMNS) + " |")
    print("|" + " --- |" * (len(COLUMNS) + 2))
    for encoder in ("minilm", "fast"):
        rows = [figures(args.file, encoder, seed) for seed in range(args.seeds)]
        for seed, row in [*enumerate(rows), ("mean", np.mean(rows, axis=0))]:
            cells = " | ".join(f"{value:.3f}" for value in row)
            print(f"| {encoder} | {seed} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
