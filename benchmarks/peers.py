"""Dictionaries beside those of hypothesaes and prefscope: the same differences, m, K and cores.

    wimhf analyze DATA/hh_rlhf_harmless_test.jsonl.gz -o runs/hh --encoder minilm
    wimhf analyze DATA/alpaca_eval_29_models.parquet -o runs/alpaca
    python benchmarks/large.py 100000 made && wimhf analyze made.parquet --embeddings made_vec.npy \
        -o runs/planted
    python benchmarks/peers.py runs/hh runs/alpaca runs/planted --folder peers [--write]

Each peer is installed from the package index into an environment of its own in the folder, beside
the torch of this one. Tools take turns, five times, each time with another seed; medians are shown.
What was measured is kept in the folder. One evaluator judges all: a logistic regression without
intercept on codes and length, out of fold by component, on pairs that no dictionary was fitted to.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

import wimhf
from wimhf.data import length_difference
from wimhf.run import differences

HERE = Path(__file__).resolve().parent
REPORT = HERE.parent / "reports/benchmarks/peers.md"
PEERS = {"hypothesaes": ["hypothesaes==2.0.1"], "prefscope": ["prefscope==0.1.0"]}
SIZES = {"runs": (32, 4), "large": (256, 8)}
LARGE = 50_000
READING = "\n## Reading it\n"
HEAD = "| tool | VE | active | AUC | swap error | s | ours to its VE, s | processor, s | GB |"


def main() -> None:
    """Measure what is not measured yet; print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    pythons = {"wimhf": sys.executable} | {
        name: environment(given.folder.resolve() / name, needs) for name, needs in PEERS.items()
    }
    tables = [compared(run, given.folder, pythons, given.rounds) for run in given.runs]
    print("\n\n".join(tables))
    if given.write:
        before = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
        reading = "".join(before.partition(READING)[1:])  # what was made of the tables stays
        command = "python benchmarks/peers.py " + " ".join(f"RUNS/{r.name}" for r in given.runs)
        REPORT.write_text(
            page(tables, f"{command} --folder FOLDER --write") + reading, encoding="utf-8"
        )


def environment(folder: Path, needs: Sequence[str]) -> str:
    """Return the Python of an environment that has a peer and our torch; make it if need be."""
    python, ready = folder / "bin/python", folder / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        constraints = HERE.parent / "constraints.txt"
        pip = [python, "-m", "pip", "install", "--quiet", "-c", constraints]
        subprocess.run([*pip, "torch"], check=True)
        subprocess.run([*pip, *needs], check=True)
        ready.touch()
    return str(python)


def compared(path: Path, folder: Path, pythons: dict[str, str], rounds: int) -> str:
    """Return the table of one data set."""
    run, data = wimhf.open_run(path), folder / f"{path.name}.npz"
    pairs = run.pair_table
    m, k = SIZES["large" if len(pairs) >= LARGE else "runs"]
    if not data.exists():
        np.savez(data, delta=differences(run), part=pairs["split"].to_numpy().astype(str))
    rows = []
    kept = len(list(folder.glob(f"{path.name}-*.json"))) // len(pythons)
    count = max(rounds, kept)
    for seed in range(count):
        for tool, python in pythons.items():
            out = folder / f"{path.name}-{tool}-{seed}"
            if not out.with_suffix(".json").exists():
                words = [python, HERE / "peers_worker.py", tool, data, seed, m, k, out]
                space = os.environ | ({} if tool == "wimhf" else {"PYTHONPATH": ""})
                subprocess.run([str(word) for word in words], check=True, env=space)
                judged(run, out)
            rows.append(json.loads(out.with_suffix(".json").read_text()))
    encoder = run.facts("embed")["encoder"]
    seeds = f"{count} seed{'s' * (count > 1)}"
    title = f"## {path.name}: {len(pairs):,} pairs, {encoder}, m = {m}, K = {k}, {seeds}"
    return f"{title}\n\n{table(rows)}"


def judged(run: wimhf.Run, out: Path) -> None:
    """Add the evaluator's AUC to what a tool wrote; its codes are not needed any more."""
    pairs, codes = run.pair_table, np.load(out.with_suffix(".npy"))
    label = pairs["label"].cast(float).fill_null(0.5).to_numpy()
    length = length_difference(pairs["response_a"], pairs["response_b"])
    rows = np.flatnonzero((pairs["split"] != "fit").to_numpy() & (label != 0.5))
    columns = np.column_stack([codes[rows], length[rows]])
    columns = columns / (np.sqrt(np.square(columns).mean(axis=0)) + 1e-12)
    won, groups = label[rows] > 0.5, pairs["component"].to_numpy()[rows]
    score = np.zeros(len(rows))
    for rest, held in GroupKFold(5).split(columns, won, groups):
        model = LogisticRegression(fit_intercept=False, C=0.1, max_iter=500)
        score[held] = model.fit(columns[rest], won[rest]).decision_function(columns[held])
    written = json.loads(out.with_suffix(".json").read_text())
    written["auc"] = float(roc_auc_score(won, score))
    out.with_suffix(".json").write_text(json.dumps(written))
    out.with_suffix(".npy").unlink()


def table(rows: list[dict]) -> str:
    """Return the medians of every tool as Markdown."""
    lines = [HEAD, "|" + " --- |" * (HEAD.count("|") - 1)]
    ours = [row for row in rows if row["tool"] == "wimhf"]
    for tool in dict.fromkeys(row["tool"] for row in rows):
        own = [row for row in rows if row["tool"] == tool]
        mid = {
            name: median(row[name] for row in own)
            for name in own[0]
            if name not in ("tool", "checks")
        }
        reached = "–"
        if tool != "wimhf":
            times = [reaching(row["checks"], mid["select"]) for row in ours]
            reached = f"{median(times):.1f}" if max(times) < np.inf else "not always"
        lines.append(
            f"| {tool} | {mid['explained']:.3f} | {mid['active']:.1f} | {mid['auc']:.3f} | "
            f"{mid['swap']:.3f} | {mid['seconds']:.1f} | {reached} | {mid['processor']:.1f} | "
            f"{mid['memory']:.1f} |"
        )
    return "\n".join(lines)


def reaching(checks: list[tuple[float, float]], wanted: float) -> float:
    """Return the seconds after which so much of the select pairs was explained."""
    return next((seconds for seconds, share in checks if share >= wanted), np.inf)


def page(tables: list[str], command: str) -> str:
    """Return the report."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, nothing else running"
    versions = ", ".join(need for needs in PEERS.values() for need in needs)
    return (
        f"# Dictionaries beside those of others\n\n`{command}`, {time.strftime('%Y-%m-%d')}; "
        f"{machine}; {versions}; medians over seeds, tools in turn, each with its own "
        "defaults and the same m and K.\n\n"
        "`VE`: share of the test pairs' squared differences given back. `active`: features of a "
        "pair (a peer that keeps more than K explains more by that). `AUC`: of codes and length, "
        "out of fold by component, on pairs no dictionary was fitted to. `swap error`: how far "
        "codes are from being negated when A and B change places. `s`: whole training. `ours to "
        "its VE`: after how many seconds ours explains as much of the select pairs as the peer "
        "does in the end. `GB`: peak memory of the process.\n\n" + "\n\n".join(tables) + "\n"
    )


if __name__ == "__main__":
    main()
