"""Time reading and curating a large run: opening a pair, replaying a log, listing suspects.

    python benchmarks/reading.py --pairs 100000 --features 512 --edits 16000

Makes a run of random texts and codes (no analysis), reads it through the public API and prints
milliseconds, each the median of several calls on a run opened anew.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

import wimhf
from wimhf.curate import pair_codes
from wimhf.run import Run, create_run

ROUNDS = 5
ACTIVE = 8


def synthetic_run(path: Path, n: int, m: int, seed: int = 0) -> Run:
    """Write the tables of a finished run with n pairs and m features."""
    rng = np.random.default_rng(seed)
    run = create_run(path, wimhf.Config.from_dict({"read": {"source": "made.jsonl"}}))
    ids = [f"{i:016x}" for i in range(n)]
    pairs = pl.DataFrame(
        {
            "pair_id": ids, "prompt": [f"question {i // 2}" for i in range(n)],
            "response_a": [f"one answer {i}" for i in range(n)],
            "response_b": [f"another answer {i}" for i in range(n)],
            "label": rng.integers(0, 2, n).astype(float), "weight": np.ones(n),
            "source_row": np.arange(n), "swapped": np.zeros(n, bool),
            "component": np.arange(n) // 2, "split": rng.choice(["fit", "select", "test"], n),
        }
    )  # fmt: skip
    codes = pl.DataFrame(
        {
            "pair": np.repeat(np.arange(n), ACTIVE).astype(np.uint32),
            "feature": np.concatenate([rng.choice(m, ACTIVE, replace=False) for _ in range(n)]),
            "value": rng.standard_normal(n * ACTIVE).astype(np.float32),
        }
    )
    finish(run, "read", {"pairs.parquet": pairs}, {"n_pairs": n, "sides_drawn": True})
    finish(run, "dictionary", {"codes.parquet": codes}, {"shape": [n, m]})
    measured(run, ids, m, rng)
    return run


def measured(run: Run, ids: list[str], m: int, rng: np.random.Generator) -> None:
    """Write what the statistics would have found."""
    n = len(ids)
    known = {"understood": True, "pole": 1, "p": 0.01, "q": 0.02, "author": "lexical"}
    sizes = {"effect": 5.0, "effect_low": 3.0, "effect_high": 7.0, "win_rate": 55.0, "beta": 0.1}
    rows = [
        known | sizes | {"feature": number, "description": f"says word {number}", "short": None}
        for number in range(m)
    ]
    folds = np.repeat(np.arange(5), m)
    weights = {"fold": folds, "feature": np.tile(np.arange(m), 5),
               "control": pl.Series([None] * 5 * m, dtype=pl.String),
               "beta": rng.standard_normal(5 * m)}  # fmt: skip
    finish(run, "preference", {
        "features.parquet": pl.DataFrame(rows, infer_schema_length=None),
        "predictions.parquet": pl.DataFrame({
            "pair": np.arange(n), "fold": rng.integers(0, 5, n),
            "features": rng.standard_normal(n), "dense": rng.standard_normal(n)}),
        "prediction_weights.parquet": pl.DataFrame(weights),
        "controls.parquet": pl.DataFrame({"length difference": rng.standard_normal(n)}),
    }, {})  # fmt: skip
    finish(run, "suspects", {"suspects.parquet": pl.DataFrame({
        "pair": np.arange(n), "pair_id": ids, "suspicion": rng.random(n),
        "suspect": rng.random(n) < 0.1, "rank": np.arange(1, n + 1)})}, {})  # fmt: skip
    finish(run, "health", {"health_pairs.parquet": pl.DataFrame(
        schema={"item": pl.String, "pair_id": pl.String})}, {})  # fmt: skip


def finish(run: Run, stage: str, tables: dict[str, pl.DataFrame], facts: dict[str, object]) -> None:
    """Write a stage's tables and record it as done."""
    names = [run.folder.write_table(name, table) for name, table in tables.items()]
    run.finish(stage, "made", names, facts, {})


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=512)
    parser.add_argument("--edits", type=int, default=16_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = synthetic_run(Path(folder) / "run", given.pairs, given.features)
        curation = wimhf.open_curation(run)
        ids = curation.pairs["pair_id"].to_list()
        with run.log.writing():
            run.log.write_all([
                ("pairs", {"action": "flip", "pair_ids": [one], "old": {"label": [0.0]},
                           "new": {"label": [1.0]}}, "") for one in ids[: given.edits]
            ], "bench")  # fmt: skip
        report(run.path, ids)


def opened(curation: wimhf.Curation, ids: list[str], row: int) -> None:
    """Ask what the app asks of a pair: how strong every feature is in it, and reasons."""
    shown = [one.feature for one in curation.run.feature_rows if not one.muted]
    pair_codes(curation.facts, shown, row)
    curation.reasons(ids[row])


def report(path: Path, ids: list[str]) -> None:
    """Time every kind of reading, a run opened anew each round."""
    acts: dict[str, Callable[[wimhf.Curation], object]] = {
        "the log read from disk": lambda c: c.run.log.edits(),
        "the log replayed": lambda c: c.pairs,
        "the first pair opened, as the app does": lambda c: opened(c, ids, 7),
        "another pair": lambda c: opened(c, ids, 70),
        "50 suspects with their reasons": lambda c: [
            c.reasons(one) for one in c.suspects()["pair_id"][:50].to_list()
        ],
        "one feature's pairs": lambda c: c.run.pairs(feature=3, limit=50),
    }
    took: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        curation = wimhf.open_curation(path)
        for name, act in acts.items():
            took[name].append(milliseconds(lambda act=act, c=curation: act(c)))
    print("| what | ms |\n| --- | --- |")
    for name, values in took.items():
        print(f"| {name} | {statistics.median(values):.1f} |")


if __name__ == "__main__":
    main()
