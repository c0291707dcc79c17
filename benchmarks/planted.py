"""Check that the intervals cover and that the q-values keep their promise.

    python benchmarks/planted.py [--sets 200] [--pairs 1500]

Draws data sets from a known model: sparse signed codes, half of them without effect, prompts with
several pairs whose raters share a taste of their own (so pairs are not independent), lengths that
go with some codes and are rewarded, ties. The truth of each estimate is its limit, from one
draw of 150,000 pairs. Beside the package's figures stand the naive ones: pairs taken as
independent, length not controlled.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.stats.between_subsets import subset_effects
from wimhf.stats.design import Controls, Measured, labelled_pairs
from wimhf.stats.effects import feature_effects, joint_effects

FEATURES, LIMIT, LEVEL = 16, 150_000, 0.1
BETA = np.array([0.8, -0.6, 0.5, -0.4, 0.3, -0.3, 0.2, -0.2] + [0.0] * 8)


def draw(pairs: int, rng: np.random.Generator) -> tuple[Measured, np.ndarray]:
    """Draw one data set; return it with its labels."""
    component = np.arange(pairs) // 4
    shared = rng.random((component.max() + 1, FEATURES)) < 0.2
    sign = rng.choice([-1.0, 1.0], (component.max() + 1, FEATURES))
    # pairs of one prompt differ in the same features, mostly the same way round
    keep = rng.random((pairs, FEATURES)) < 0.8
    codes = shared[component] * keep * sign[component] * rng.gamma(4, 0.25, (pairs, FEATURES))
    codes *= np.where(rng.random((pairs, 1)) < 0.5, -1.0, 1.0)
    length = rng.standard_normal(pairs) + 0.8 * (codes[:, 8] + codes[:, 9] - codes[:, 0])
    taste = 0.5 * rng.standard_normal((component.max() + 1, FEATURES))
    value = codes @ BETA + (codes * taste[component]).sum(axis=1) + 0.5 * length
    label = (rng.random(pairs) < 1 / (1 + np.exp(-value))).astype(float)
    label[rng.random(pairs) < 0.15 * np.exp(-np.abs(value))] = 0.5
    measured = Measured(
        codes=codes.astype(np.float32), differences=np.zeros((pairs, 1), dtype=np.float32),
        length=length, controls=Controls(["length"], length[:, None]), scores={},
        component=component,
    )  # fmt: skip
    return measured, label


def estimate(measured: Measured, label: np.ndarray, *, naive: bool) -> dict[str, np.ndarray]:
    """Return estimates in raw units of the codes, so that data sets can be compared."""
    data = labelled_pairs(measured, label, np.ones(len(label)), np.arange(len(label)))
    controls = data.controls
    if naive:
        data = type(data)(**{**data.__dict__, "component": np.arange(len(label))})
        controls = np.empty((len(label), 0))
    rms = np.sqrt(np.square(measured.codes.astype(float)).mean(axis=0))
    table = feature_effects(data, controls)
    joint, _ = joint_effects(data, controls)
    out = {name: table[name].cast(pl.Float64).to_numpy() for name in ("effect", "q", "p")}
    out |= {name: table[name].to_numpy() for name in ("effect_low", "effect_high")}
    out |= {"beta": table["beta"].to_numpy() / rms, "se": table["se"].to_numpy() / rms}
    return out | {"joint": joint["joint_beta"] / rms, "joint_se": joint["joint_se"] / rms}


def compare(measured: Measured, label: np.ndarray, into: dict) -> None:
    """Compare three subsets of prompts that are rewarded alike, and three whose first effect flips.

    Whole prompts are in a subset. In the second, labels of the second subset are drawn with the
    opposite sign of feature 0.
    """
    member = measured.component % 3
    data = labelled_pairs(measured, label, np.ones(len(label)), np.arange(len(label)))
    _, tests = subset_effects(data, member, ["one", "two", "three"])
    into["equal effects with p < .05"].append((tests["heterogeneity_p"] < 0.05).mean())
    into["equal effects that flip, p < .05"].append((tests["flip_p"] < 0.05).mean())
    turned = measured.codes.copy()
    turned[member == 1, 0] *= -1
    flipped = replace(measured, codes=turned)
    data = labelled_pairs(flipped, label, np.ones(len(label)), np.arange(len(label)))
    _, tests = subset_effects(data, member, ["one", "two", "three"])
    into["planted flip found, q < .05"].append(float(tests["flips"][0]))


def judge(found: dict[str, np.ndarray], truth: dict[str, np.ndarray], into: dict) -> None:
    """Add one data set's outcomes."""
    null = BETA == 0
    covered = (found["effect_low"] <= truth["effect"]) & (truth["effect"] <= found["effect_high"])
    into["effect covered"].append(covered.mean())
    inside = np.abs(found["joint"] - truth["joint"]) <= 1.96 * found["joint_se"]
    into["joint beta covered"].append(inside.mean())
    positive = found["q"] < LEVEL
    into["false discoveries"].append((positive & null).sum() / max(1, positive.sum()))
    into["power"].append(positive[~null].mean())
    told = positive & ~null
    if told.any():
        right = np.sign(found["effect"][told]) == np.sign(BETA[told])
        into["sign right"].append(right.mean())
    into["bias of effect, points"].append((found["effect"] - truth["effect"])[~null].mean())
    into["bias of the effect's size, points"].append(
        (np.abs(found["effect"]) - np.abs(truth["effect"]))[~null].mean()
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=1500)
    args = parser.parse_args()
    truth = estimate(*draw(LIMIT, np.random.default_rng(10**6)), naive=False)
    results = {kind: defaultdict(list) for kind in ("wimhf", "naive")}
    between: dict[str, list[float]] = defaultdict(list)
    for seed in range(args.sets):
        data = draw(args.pairs, np.random.default_rng(seed))
        compare(*data, between)
        for kind, into in results.items():
            judge(estimate(*data, naive=kind == "naive"), truth, into)
    print(f"{args.sets} data sets of {args.pairs} pairs, {FEATURES} features, 8 without effect\n")
    print("| figure | wimhf | naive |")
    print("| --- | --- | --- |")
    for figure in results["wimhf"]:
        cells = []
        for kind in ("wimhf", "naive"):
            values = np.array(results[kind][figure])
            error = values.std(ddof=1) / np.sqrt(len(values))
            cells.append(f"{values.mean():.3f} ± {1.96 * error:.3f}")
        print(f"| {figure} | {cells[0]} | {cells[1]} |")
    print("\n| between three subsets | share |\n| --- | --- |")
    for figure, values in between.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        print(f"| {figure} | {np.mean(values):.3f} ± {1.96 * error:.3f} |")


if __name__ == "__main__":
    main()
