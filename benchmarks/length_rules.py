"""How often labels that follow a rule of length alone make another feature look rewarded.

Labels are drawn from a rule that sees only how many words the two responses have; every column is
then tested with length held, by the run's own controls and by the log ratio alone. A finished run
is read, none is made:

    python benchmarks/length_rules.py runs/hh --sets 100
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.special import expit

import wimhf
from wimhf.concepts import count_words
from wimhf.run import Run, measured_pairs
from wimhf.stats import effective_clusters, labelled_pairs, two_sided_p
from wimhf.stats.effects import MIN_ACTIVE, MIN_PROMPTS
from wimhf.stats.inference import q_values
from wimhf.stats.score_test import robust_scores

LEVEL = 0.05


def rules(run: Run) -> dict[str, np.ndarray]:
    """Return per rule the log odds (n,) that A wins."""
    sides = [run.pair_table[side].to_list() for side in ("response_a", "response_b")]
    a, b = (np.array([count_words(text) for text in side]) for side in sides)
    return {
        "tanh(words / 30) of each": 3 * (np.tanh(a / 30) - np.tanh(b / 30)),
        "tanh(words / 100) of each": 3 * (np.tanh(a / 100) - np.tanh(b / 100)),
        "tanh(difference / 5)": 1.2 * np.tanh((a - b) / 5),
        "tanh(difference / 30)": 1.5 * np.tanh((a - b) / 30),
        "the sign of the difference": np.sign(a - b),
        "log ratio": 1.5 * (np.log1p(a) - np.log1p(b)),
        "difference": (a - b) / np.std(a - b),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print for each rule the share of data sets with any column at q < .05."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    run = wimhf.open_run(given.run)
    n = len(run.pair_table)
    measured = measured_pairs(run, run.config.preference)
    data = labelled_pairs(measured, np.ones(n), np.ones(n), np.arange(n))
    clusters = np.array([effective_clusters(z, data.weight, data.component) for z in data.codes.T])
    tested = ((data.codes != 0).sum(axis=0) >= MIN_ACTIVE) & (clusters >= MIN_PROMPTS)
    rng = np.random.default_rng(given.seed)
    print(f"{tested.sum()} columns tested, {given.sets} data sets per rule")
    print("rule | length held | log ratio alone held")
    for name, odds in rules(run).items():
        found = [0, 0]
        for _ in range(given.sets):
            label = (rng.random(n) < expit(odds)).astype(float)
            for place, controls in enumerate((data.controls, data.controls[:, :1])):
                z = robust_scores(data.codes, controls, label, data.weight, data.component)
                p = np.where(tested, two_sided_p(z, clusters), np.nan)
                found[place] += bool(np.nanmin(q_values(p)) < LEVEL)
        print(name, *(f"{100 * count / given.sets:.0f} %" for count in found), sep=" | ")


if __name__ == "__main__":
    main()
