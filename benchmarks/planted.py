"""Check that the intervals cover and that the q-values keep their promise.

    python benchmarks/planted.py [--sets 200] [--pairs 1500] [--spread 0.5]

Draws data sets from a known model: sparse signed codes, half of them without effect, prompts with
several pairs whose raters share a taste of their own (so pairs are not independent), lengths that
go with some codes and are rewarded, ties. The truth of each estimate is its limit, from one
draw of 150,000 pairs. Beside the package's figures stand those of codes as they are, sizes not
capped and edges not minded, and naive ones: pairs taken as independent, length not controlled. A
second table has effects at the edge: a column active in 30 pairs whose side with more wins 90, 95
or 98 % of the time.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.errors import EstimationError
from wimhf.stats import Controls, Measured, cluster_logit, design, effects
from wimhf.stats.between_subsets import subset_effects
from wimhf.stats.design import labelled_pairs
from wimhf.stats.effects import column_effect, feature_effects
from wimhf.stats.logit import LogitFit
from wimhf.stats.score_test import robust_scores

FEATURES, LIMIT, LEVEL = 16, 150_000, 0.1
BETA = np.array([0.8, -0.6, 0.5, -0.4, 0.3, -0.3, 0.2, -0.2] + [0.0] * 8)


@contextmanager
def as_they_are() -> Iterator[None]:
    """Count sizes without a cap and treat effects at the edge like all others."""
    before = design.CAPPED_AT, effects.EDGE
    design.CAPPED_AT, effects.EDGE = 1.0, 0.0
    try:
        yield
    finally:
        design.CAPPED_AT, effects.EDGE = before


def draw(pairs: int, spread: float, rng: np.random.Generator) -> tuple[Measured, np.ndarray]:
    """Draw one data set, sizes of codes log-normal with a spread; return it with its labels."""
    component = np.arange(pairs) // 4
    shared = rng.random((component.max() + 1, FEATURES)) < 0.2
    sign = rng.choice([-1.0, 1.0], (component.max() + 1, FEATURES))
    # pairs of one prompt differ in the same features, mostly the same way round
    keep = rng.random((pairs, FEATURES)) < 0.8
    sizes = np.exp(spread * rng.standard_normal((pairs, FEATURES)) - spread**2 / 2)
    codes = shared[component] * keep * sign[component] * sizes
    codes *= np.where(rng.random((pairs, 1)) < 0.5, -1.0, 1.0)
    seen = np.clip(codes, -2, 2)  # nobody cares twice as much for twice as much of everything
    length = rng.standard_normal(pairs) + 0.8 * (seen[:, 8] + seen[:, 9] - seen[:, 0])
    taste = 0.5 * rng.standard_normal((component.max() + 1, FEATURES))
    value = seen @ BETA + (seen * taste[component]).sum(axis=1) + 0.5 * length
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
    table = feature_effects(data, controls)
    together = np.column_stack([data.codes, controls])
    try:
        joint = cluster_logit(together, data.label, data.weight, data.component)
    except EstimationError:  # no finite fit: it covers nothing
        nothing = np.full(together.shape[1], np.nan)
        joint = LogitFit(nothing, np.diag(nothing))
    z = robust_scores(data.codes, controls, data.label, data.weight, data.component)
    out = {name: table[name].cast(pl.Float64).to_numpy() for name in ("effect", "q", "p")}
    out |= {name: table[name].to_numpy() for name in ("effect_low", "effect_high")}
    size = np.sqrt(np.diag(joint.covariance))
    rms = np.sqrt(np.square(design.capped(measured.codes), dtype=float).mean(axis=0))
    return out | {"z": z, "joint": joint.beta[:FEATURES] / rms, "joint_se": size[:FEATURES] / rms}


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
    into["planted flip found, q < .05"].append(bool(tests["flips"][0]))


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
    into["not tested"].append(np.isnan(found["p"]).mean())
    told = positive & ~null
    if told.any():
        right = np.sign(found["effect"][told]) == np.sign(BETA[told])
        into["sign right"].append(right.mean())
    into["bias of effect, points"].append(np.nanmean((found["effect"] - truth["effect"])[~null]))
    into["bias of the effect's size, points"].append(
        np.nanmean((np.abs(found["effect"]) - np.abs(truth["effect"]))[~null])
    )


def at_the_edge(sets: int) -> None:
    """Print how often the interval of a column active in 30 of 300 pairs holds its true effect."""
    print("\n| wins | covered | points wide | as they are: estimated | covered, of those |")
    print("| --- | --- | --- | --- | --- |")
    rng, n = np.random.default_rng(0), 300
    z = np.where(np.arange(n) < 30, 1.0, 0.0)
    measured = Measured(
        codes=z[:, None].astype(np.float32), differences=np.zeros((n, 1), dtype=np.float32),
        length=np.zeros(n), controls=Controls([], np.empty((n, 0))), scores={},
        component=np.arange(n),
    )  # fmt: skip
    for wins in (0.9, 0.95, 0.98):
        found = {True: [], False: []}
        for _ in range(sets):
            label = (rng.random(n) < np.where(z > 0, wins, 0.5)).astype(float)
            data = labelled_pairs(measured, label, np.ones(n), np.arange(n))
            found[True].append(column_effect(data.codes[:, 0], data))
            with as_they_are():
                found[False].append(column_effect(data.codes[:, 0], data))
        truth, cells = 100 * (wins - 0.5), {}
        for kind, rows in found.items():
            known = [row for row in rows if row.effect is not None]
            held = np.mean([row.effect_low <= truth <= row.effect_high for row in known])
            wide = np.mean([row.effect_high - row.effect_low for row in known])
            cells[kind] = held, wide, len(known) / len(rows)
        print(
            f"| {wins:.0%} | {cells[True][0]:.3f} | {cells[True][1]:.1f} "
            f"| {cells[False][2]:.3f} | {cells[False][0]:.3f} |"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=1500)
    parser.add_argument("--spread", type=float, default=0.5)
    args = parser.parse_args()
    large = draw(LIMIT, args.spread, np.random.default_rng(10**6))
    truth = estimate(*large, naive=False)
    with as_they_are():
        uncapped = estimate(*large, naive=False)
    kinds = ("wimhf", "as they are", "naive")
    results = {kind: defaultdict(list) for kind in kinds}
    between: dict[str, list[float]] = defaultdict(list)
    for seed in range(args.sets):
        data = draw(args.pairs, args.spread, np.random.default_rng(seed))
        compare(*data, between)
        judge(estimate(*data, naive=False), truth, results["wimhf"])
        with as_they_are():
            judge(estimate(*data, naive=False), uncapped, results["as they are"])
            judge(estimate(*data, naive=True), uncapped, results["naive"])
    print(f"{args.sets} data sets of {args.pairs} pairs, {FEATURES} features, 8 without effect\n")
    print(f"| figure | {' | '.join(kinds)} |")
    print("| --- | --- | --- | --- |")
    for figure in results["wimhf"]:
        cells = []
        for kind in kinds:
            values = np.array(results[kind][figure])
            error = values.std(ddof=1) / np.sqrt(len(values))
            cells.append(f"{values.mean():.3f} ± {1.96 * error:.3f}")
        print(f"| {figure} | {' | '.join(cells)} |")
    at_the_edge(10 * args.sets)
    print("\n| between three subsets | share |\n| --- | --- |")
    for figure, values in between.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        print(f"| {figure} | {np.mean(values):.3f} ± {1.96 * error:.3f} |")


if __name__ == "__main__":
    main()
