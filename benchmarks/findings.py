"""What findings say of planted truth and of real data: traits, signs, AUCs side by side, sentences.

    python benchmarks/findings.py demo --seeds 3
    python benchmarks/findings.py source pairs.jsonl --encoders fast,minilm

Runs are made in a folder that is thrown away.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import spearmanr

import wimhf
from wimhf.data import demo_folder, match_features, read_truth
from wimhf.run import Run
from wimhf.ui.words.findings import sentence, strongest


def say(run: Run) -> None:
    """Print what every analysis is judged by."""
    preference = run.preference
    for name, auc in preference["auc"].items():
        print(f"    {name}: {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})")
    few = ", ".join(f"{row['k']}: {row['auc']['value']:.3f}" for row in preference["at_k"])
    print(f"    first k features with the controls: {few}")
    base = preference["auc"]["length"]["value"]
    gain = preference["auc"]["features + length"]["value"] - base
    dense = preference["auc"]["dense + length"]["value"] - base
    print(f"    of what dense adds to length, features add {gain / dense:.2f}")
    print(f"    recovered of {preference.get('black_box')}: {preference['auc_recovered']}")
    found = strongest(run.features, 99)
    said = [sentence(row) for row in found]
    longest = max(map(words, said), default=0)
    print(f"    {len(said)} findings, the longest sentence has {longest} words")
    for line in said[:10]:
        print(f"      {line}")
    print(
        f"    pairs that no feature speaks of: {100 * (run.codes() == 0).all(axis=1).mean():.2f} %"
    )


def words(text: str) -> int:
    """Return the words of a sentence."""
    return len(text.split())


def demo(seeds: int, folder: Path) -> None:
    """Print how well planted traits are met, over seeds."""
    truth = read_truth(demo_folder())
    source = demo_folder() / "demo.jsonl.gz"
    means: list[float] = []
    for seed in range(seeds):
        run = wimhf.analyze(source, folder / f"demo{seed}", seed=seed, embed={"encoder": "fast"})
        rows = run.pair_table["source_row"].to_numpy()
        matched = match_features(truth, run.codes(), run.features_as_found, rows)
        means.append(float(matched["correlation"].mean() or 0.0))
        print(f"  seed {seed}: mean |correlation| over {len(matched)} traits {means[-1]:.3f}")
        print("    below .60:", matched.filter(pl.col("correlation") < 0.6)["trait"].to_list())
        sure = matched.filter((pl.col("q") < 0.05) & (pl.col("weight") != 0))
        wrong = sure.filter(pl.col("effect") * pl.col("weight") < 0)["trait"].to_list()
        print(f"    significant planted weights {len(sure)}, of the wrong sign: {wrong}")
        close = matched.filter(pl.col("correlation") >= 0.6)
        print(
            f"    rank correlation of planted and estimated effects "
            f"{spearmanr(close['weight'], close['effect']).statistic:.2f} ({len(close)} traits)"
        )
        say(run)
    print(f"  mean over seeds {np.mean(means):.3f}")


def source(path: str, encoders: Sequence[str], folder: Path) -> None:
    """Print the figures of a source with each encoder."""
    for encoder in encoders:
        print(f"  encoder {encoder}")
        say(wimhf.analyze(path, folder / encoder, embed={"encoder": encoder}))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("demo", "source"))
    parser.add_argument("path", nargs="?")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--encoders", default="fast")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if given.what == "demo":
            demo(given.seeds, Path(folder))
        else:
            source(given.path, given.encoders.split(","), Path(folder))


if __name__ == "__main__":
    main()
