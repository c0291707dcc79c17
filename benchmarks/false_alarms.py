"""How often labels that mean nothing give a finding or an alert.

Labels are turned over at random, whole components at a time; every column is then tested as an
analysis tests it. Finished runs are read, none is made:

    python benchmarks/false_alarms.py runs/demo runs/hh --permutations 200
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest

import wimhf
from wimhf.run import Run, measured_pairs
from wimhf.stats import effective_clusters, labelled_pairs, two_sided_p
from wimhf.stats.effects import MIN_ACTIVE, MIN_PROMPTS
from wimhf.stats.inference import q_values
from wimhf.stats.score_test import robust_scores

LEVEL = 0.05


def alarms(run: Run, permutations: int, seed: int) -> tuple[int, int, int]:
    """Return how many permutations give a finding, how many a concern, and how many tests."""
    measured = measured_pairs(run, run.config.preference)
    label = run.pair_table["label"].cast(float).fill_null(np.nan).to_numpy()
    weight = run.pair_table["weight"].to_numpy()
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    data = labelled_pairs(measured, label, weight, used)
    clusters = np.array([effective_clusters(z, data.weight, data.component) for z in data.codes.T])
    tested = ((data.codes != 0).sum(axis=0) >= MIN_ACTIVE) & (clusters >= MIN_PROMPTS)
    audited = [row["feature"] for row in run.audit if row["feature"] is not None]
    audited = [feature for feature in audited if tested[feature]]
    rng, findings, alerts = np.random.default_rng(seed), 0, 0
    for _ in range(permutations):
        turned = (rng.random(int(data.component.max()) + 1) < 0.5)[data.component]
        blind = np.where(turned, 1 - data.label, data.label)
        z = robust_scores(data.codes, data.controls, blind, data.weight, data.component)
        p = np.where(tested, two_sided_p(z, clusters), np.nan)
        findings += bool(np.nanmin(q_values(p)) < LEVEL)
        alerts += bool(q_values(p[audited]).min() < LEVEL)
    return findings, alerts, int(tested.sum())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the shares with their 95 % intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--permutations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    print("run | columns tested | any finding | any concern (either way)")
    for path in given.runs:
        found, alerts, tested = alarms(wimhf.open_run(path), given.permutations, given.seed)
        shares = []
        for count in (found, alerts):
            interval = binomtest(count, given.permutations).proportion_ci(method="wilson")
            shares.append(
                f"{100 * count / given.permutations:.1f} % "
                f"({100 * interval.low:.1f} to {100 * interval.high:.1f})"
            )
        print(f"{path} | {tested} | {shares[0]} | {shares[1]}")


if __name__ == "__main__":
    main()
