"""Show whether own weights help, intervals cover, and nobody is called different by chance.

    python benchmarks/annotators.py [--sets 40] [--large]

Draws labels of 200 annotators, 30 each, with 8 features of which four are weighed differently by
everybody, and pairs of shared prompts. Own weights by partial pooling stand beside one model for
all, a model of each annotator alone, and models of five planted groups that share half of their
tastes, on 60 held-out labels of each. Coverage is of data sets without groups. ``--large`` times
5,000 annotators, 200,000 labels and 64 features.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from scipy.special import expit

from wimhf.stats import auc, ridge_model
from wimhf.stats.adaptation import gain_curve
from wimhf.stats.pooling import fit_pooled
from wimhf.stats.subjectivity import subjectivity_p
from wimhf.stats.tastes import Design

BETA = np.array([0.6, -0.4, 0.3, 0.0, 0.0, 0.2, -0.3, 0.0])
TAU = np.array([0.6, 0.4, 0.2, 0.5, 0.0, 0.0, 0.0, 0.0])
HELD_OUT = 60


def draw(
    people: int, each: int, rng: np.random.Generator, features: int = 8, shared: float = 0.0
) -> tuple:
    """Return (features, controls, label, component, annotator), departures and groups."""
    n, extra = people * each, np.zeros(features - 8)
    codes = rng.standard_normal((n, features)) * (rng.random((n, features)) < 0.3)
    codes /= np.sqrt(np.square(codes).mean(axis=0))
    length = rng.standard_normal((n, 1))
    who, group = np.repeat(np.arange(people), each), np.arange(people) % 5
    tau, beta = np.r_[TAU, extra], np.r_[BETA, extra]
    common = rng.standard_normal((5, features)) * np.sqrt(shared)
    own = rng.standard_normal((people, features)) * np.sqrt(1 - shared)
    taste = tau * (common[group] + own)
    value = (codes * (beta + taste[who])).sum(axis=1) + 0.4 * length[:, 0]
    label = (rng.random(n) < expit(value)).astype(float)
    return (codes, length, label, rng.integers(0, n // 3, n), who), taste, group


def compare(rng: np.random.Generator, out: dict[str, list[float]]) -> None:
    """Draw one data set; add its figures."""
    people, each = 200, 30
    (codes, length, label, component, who), _, group = draw(
        people, each + HELD_OUT, rng, shared=0.5
    )
    train = np.tile(np.arange(each + HELD_OUT) < each, people)
    parts = (codes[train], length[train], label[train], np.ones(train.sum()), component[train],
             who[train])  # fmt: skip
    design, _ = Design.of(*parts)
    found = fit_pooled(design, rng)
    held, own = ~train, who[~train]
    columns = np.column_stack([codes, length])[held]
    pooled = columns @ found.beta
    scores = {
        "pooled": pooled,
        "partial": pooled + (codes[held] * found.departure[own]).sum(axis=1),
    }
    for name, part in (("groups", group), ("alone", np.arange(people))):
        scores[name] = np.zeros(held.sum())
        for one in np.unique(part):
            rows = np.flatnonzero(part[design.annotator] == one)
            beta = ridge_model(
                design.columns, np.r_[np.ones(8, int), 0], design.label, design.weight,
                design.component, rows, rng,
            )  # fmt: skip
            mine = part[own] == one
            scores[name][mine] = columns[mine] @ beta
    for name, score in scores.items():
        out[f"AUC, {name}"].append(auc(score, label[held], np.ones(held.sum())))


def cover(rng: np.random.Generator, out: dict[str, list[float]]) -> None:
    """Draw one data set without groups; add how well intervals and tests hold."""
    (codes, length, label, component, who), taste, _ = draw(200, 30, rng)
    parts = (codes, length, label, np.ones(len(label)), component, who)
    found = fit_pooled(Design.of(*parts)[0], rng)
    out["pooled weights covered"].append(
        (np.abs(found.beta[:8] - BETA) <= 1.96 * found.se[:8]).mean()
    )
    out["tau covered"].append(((found.tau_low <= TAU) & (TAU <= found.tau_high)).mean())
    out["departures covered"].append(
        (np.abs(found.departure - taste) <= 1.96 * found.departure_se)[:, TAU > 0].mean()
    )
    p, _ = subjectivity_p(*parts, rng)
    out["subjective found, p < .05"].append((p[TAU > 0] < 0.05).mean())
    out["false subjective, p < .05"].append((p[TAU == 0] < 0.05).mean())


def large() -> None:
    """Print the time and memory of a large data set."""
    rng = np.random.default_rng(0)
    (codes, length, label, component, who), _, _ = draw(5_000, 40, rng, 64)
    start = time.perf_counter()
    parts = (codes, length, label, np.ones(len(label)), component, who)
    subjectivity_p(*parts, rng)
    design, _ = Design.of(*parts)
    fit_pooled(design, rng)
    gain_curve(design, rng)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"5,000 annotators, 200,000 labels, 64 features: {time.perf_counter() - start:.0f} s, "
          f"{peak:.1f} GB at most")  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--large", action="store_true")
    own = parser.parse_args()
    if own.large:
        large()
        return
    names = [f"AUC, {name}" for name in ("pooled", "partial", "groups", "alone")]
    names += ["pooled weights covered", "tau covered", "departures covered",
              "subjective found, p < .05", "false subjective, p < .05"]  # fmt: skip
    out: dict[str, list[float]] = {name: [] for name in names}
    for seed in range(own.sets):
        compare(np.random.default_rng(seed), out)
        cover(np.random.default_rng(seed + 10_000), out)
    print(
        f"{own.sets} data sets of 200 annotators with 30 labels\n\n| figure | mean |\n| --- | --- |"
    )
    for name, values in out.items():
        error = 1.96 * np.std(values, ddof=1) / np.sqrt(len(values))
        print(f"| {name} | {np.mean(values):.3f} ± {error:.3f} |")
    for name in names[1:4]:
        gain = np.array(out[name]) - np.array(out[names[0]])
        error = 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
        print(f"| {name} less pooled | {gain.mean():+.3f} ± {error:.3f} |")


if __name__ == "__main__":
    main()
