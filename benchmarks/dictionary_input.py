"""What a dictionary is asked of: the differences, half-whitened ones, or what concepts leave.

Reads finished runs; trains one dictionary per input and size, judged on pairs it did not see:

    python benchmarks/dictionary_input.py runs/demo runs/hh
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

import wimhf
from wimhf.base import DictionaryConfig, Floats, Floats32
from wimhf.describe.known import known_shares
from wimhf.learn import train
from wimhf.learn.dictionary.evaluate import variance_explained
from wimhf.run import Run, differences, measured_pairs
from wimhf.stats import fold_numbers, labelled_pairs
from wimhf.stats.crossfit import ADAPTIVE, FREE, out_of_fold_models
from wimhf.stats.resampling import auc

SIZES = ((32, 4), (64, 8))
RIDGE = 30.0


def inputs(run: Run, fit: np.ndarray) -> dict[str, Floats32]:
    """Return the inputs (n, d), each of RMS length 1 on the fitting pairs."""
    delta = differences(run).astype(np.float64)
    _, odd = run.concept_columns()
    own = odd.toarray().astype(np.float64)
    own /= np.maximum(np.sqrt(np.square(own[fit]).mean(axis=0)), 1e-9)
    known = own[fit].T @ own[fit] + RIDGE * np.eye(own.shape[1])
    left = delta - own @ np.linalg.solve(known, own[fit].T @ delta[fit])
    out = {"differences": delta, "half-whitened": _whitened(delta, fit), "beyond concepts": left}
    return {
        name: (x / np.sqrt(np.square(x[fit]).sum(axis=1).mean())).astype(np.float32)
        for name, x in out.items()
    }


def _whitened(delta: Floats, fit: np.ndarray) -> Floats:
    """Return rows of length 1 in a metric between the differences' own and a white one."""
    spread, axes = np.linalg.eigh(delta[fit].T @ delta[fit] / fit.sum())
    spread = np.maximum(spread, spread.max() * 1e-6)
    turned = delta @ (axes * spread**-0.25) @ axes.T
    return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)


def judged(run: Run, values: Floats32, size: tuple[int, int], part: np.ndarray) -> str:
    """Return the figures of a dictionary of one input as a row."""
    fit, select, test = (part == name for name in ("fit", "select", "test"))
    config = DictionaryConfig(features=size[0], k=size[1])
    dictionary = train(values[fit], values[select], config, run.config.seed).dictionary
    codes = dictionary.encode(values).astype(np.float64)
    _, odd = run.concept_columns()
    shares, _ = known_shares(odd, codes, np.flatnonzero(fit), np.flatnonzero(test))
    measured = measured_pairs(run, run.config.preference)
    label = run.pair_table["label"].cast(float).fill_null(np.nan).to_numpy()
    used = np.flatnonzero(np.isfinite(label))
    data = labelled_pairs(measured, label, np.ones(len(label)), used)
    own = codes[used] / np.maximum(np.sqrt(np.square(codes[used]).mean(axis=0)), 1e-9)
    concepts = data.codes[:, run.n_discovered :]
    folds = fold_numbers(data.component, 5, np.random.default_rng(0))
    aucs = []
    for columns in (own, np.column_stack([own, concepts])):
        kinds = np.r_[np.full(columns.shape[1], ADAPTIVE), np.full(data.controls.shape[1], FREE)]
        score, _ = out_of_fold_models(
            np.column_stack([columns, data.controls]), kinds, data.label, data.weight,
            data.component, folds, np.random.default_rng(1),
        )  # fmt: skip
        aucs.append(auc(score, data.label, data.weight))
    explained = variance_explained(dictionary, values[test])
    return (
        f"{size[0]} x {size[1]} | {explained:.3f} | {shares.mean():.2f} | {aucs[0]:.3f} | "
        f"{aucs[1]:.3f}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table per run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    for path in parser.parse_args(arguments).runs:
        run = wimhf.open_run(path)
        part = run.pair_table["split"].to_numpy()
        print(f"{path}\ninput | size | variance explained | known share | AUC | with concepts")
        for name, values in inputs(run, part == "fit").items():
            for size in SIZES:
                print(f"{name} | {judged(run, values, size, part)}")


if __name__ == "__main__":
    main()
