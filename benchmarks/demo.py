"""Compare the planted truth of the demo data with what is found.

    python benchmarks/demo.py [--seeds 3] [--encoder fast] [--independent-bodies]

Per trait: the best a linear probe trained on the truth could do (ridge, held-out pairs), the
correlation of the feature matched with it, planted weight and estimated effect. With
--independent-bodies the data are drawn anew so that paired responses differ in content too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import spearmanr

import wimhf
from wimhf.data.demo import Truth, match_features, read_truth
from wimhf.learn.differences import difference
from wimhf.stats.resampling import odd_correlation

DATA = Path(__file__).resolve().parents[1] / "data"


def ceiling(run: wimhf.Run, truth: Truth) -> np.ndarray:
    """Return per trait the held-out correlation of a ridge probe trained on the truth.

    Fitted on the fit split, its penalty chosen on select, reported on test.
    """
    rows = run.folder.read_table("pair_texts.parquet")
    part = run.pair_table["split"].to_numpy()
    fit, select, held = part == "fit", part == "select", part == "test"
    delta = difference(
        run.folder.read_array("embeddings.npy"),
        rows["text_a"].to_numpy(),
        rows["text_b"].to_numpy(),
        fit,
    ).values.astype(float)
    traits = truth.traits[run.pair_table["source_row"].to_numpy()]
    found = []
    for penalty in (1.0, 3.0, 10.0, 30.0):
        gram = delta[fit].T @ delta[fit] + penalty * np.eye(delta.shape[1])
        weights = np.linalg.solve(gram, delta[fit].T @ traits[fit])
        found.append([correlations(delta[rows] @ weights, traits[rows]) for rows in (select, held)])
    best = np.argmax([select for select, _ in found], axis=0)
    return np.array([found[penalty][1][t] for t, penalty in enumerate(best)])


def correlations(predicted: np.ndarray, traits: np.ndarray) -> list[float]:
    """Return the odd correlation of every column."""
    return [odd_correlation(predicted[:, t], traits[:, t]) for t in range(traits.shape[1])]


def starred(q: float | None) -> bool:
    """Say whether an effect is significant."""
    return q is not None and q < 0.05


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--encoder", default="fast")
    parser.add_argument("--independent-bodies", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = DATA
        if args.independent_bodies:
            folder = Path(name) / "data"
            command = [sys.executable, str(DATA / "generate.py"), "--independent-bodies"]
            subprocess.run([*command, "-o", str(folder)], check=True)
        truth = read_truth(folder)
        tables, probes, seconds = [], [], []
        for seed in range(args.seeds):
            run = wimhf.analyze(
                folder / "demo.jsonl.gz", Path(name) / f"run{seed}", seed=seed,
                embed={"encoder": args.encoder},
            )  # fmt: skip
            rows = run.pair_table["source_row"].to_numpy()
            matched = match_features(truth, run.codes(), run.features, rows)
            named = run.features.select("feature", "fidelity")
            tables.append(matched.join(named, on="feature", maintain_order="left"))
            probes.append(ceiling(run, truth))
            seconds.append(run.manifest.stages["dictionary"]["seconds"])
        show(tables, np.mean(probes, axis=0))
        print(f"\ndictionary training: {np.mean(seconds):.1f} s")


def show(tables: list[pl.DataFrame], probe: np.ndarray) -> None:
    """Print per trait the means over seeds, then the totals per seed."""
    print(
        "| trait | weight | probe on the truth | feature, per seed | effect, per seed | fidelity |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for t, trait in enumerate(tables[0]["trait"]):
        found = " ".join(f"{table['correlation'][t]:.2f}" for table in tables)
        effects = " ".join(
            f"{table['effect'][t] or 0:+.1f}{'*' if starred(table['q'][t]) else ''}"
            for table in tables
        )
        weight = tables[0]["weight"][t]
        true = " ".join(f"{table['fidelity'][t] or 0:.2f}" for table in tables)
        print(f"| {trait} | {weight:+.2f} | {probe[t]:.2f} | {found} | {effects} | {true} |")
    print(f"\nmean of the probe on the truth: {probe.mean():.3f}")
    every = pl.concat(tables)
    for least in (0.5, 0.8):
        close = every.filter(pl.col("correlation") >= least)
        print(
            f"mean fidelity of the {len(close)} features that match a trait at {least} or more: "
            f"{close['fidelity'].mean():.3f}"
        )
    for seed, table in enumerate(tables):
        known = table.filter(pl.col("effect").is_not_null())
        rank = spearmanr(known["weight"], known["effect"]).statistic
        told = known.filter((pl.col("q") < 0.05) & (pl.col("weight") != 0))
        right = (told["effect"].sign() == told["weight"].sign()).sum()
        print(
            f"seed {seed}: mean |correlation| {table['correlation'].mean():.3f}, rank correlation "
            f"of effects {rank:.2f}, signs right {right} of {len(told)} significant (*)"
        )


if __name__ == "__main__":
    main()
