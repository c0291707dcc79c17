"""The relabelling experiment: find a harmful preference, mend it with one rule, see what is learnt.

    python benchmarks/curation.py [--hh PATH] [--runs FOLDER]

On the demo data, and on HH harmless where its file is given. Prompts that judge are kept apart
from the start: the run never sees them. What is judged is a probe trained on the exported file,
read back as a trainer would read it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import wimhf
from wimhf.config import Config, ReadConfig
from wimhf.curate.probe import HeldOut, preferences_of, probe
from wimhf.curate.whatif import Labels
from wimhf.curation import curate
from wimhf.describe.concepts import load_concepts, measure_concepts
from wimhf.formats import read_pairs
from wimhf.run import Run
from wimhf.splits import pair_components
from wimhf.stages.recoding import encoder_of, new_differences

ROOT = Path(__file__).parents[1]
Rows = list[dict[str, Any]]


def read_rows(path: Path) -> Rows:
    """Read gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_rows(path: Path, rows: Rows) -> Path:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def demo_parts(folder: Path) -> tuple[Path, Path]:
    """Return demo rows without half of the safety prompts, and refusals on those prompts.

    The held-out pairs are drawn anew by the demo's generator; one response of each refuses, and
    the label says that it should be preferred.
    """
    rows = read_rows(ROOT / "data" / "demo.jsonl.gz")
    prompts = sorted({row["prompt"] for row in rows if row["subset"] == "safety"})
    apart = set(np.random.default_rng(0).permutation(prompts)[: len(prompts) // 2].tolist())
    made = folder / "made"
    generate = [sys.executable, ROOT / "data" / "generate.py", "--seed", "7", "--pairs", "20000"]
    subprocess.run([*generate, "-o", made], check=True, stdout=subprocess.DEVNULL)
    held = []
    for row, truth in zip(
        read_rows(made / "demo.jsonl.gz"), read_rows(made / "truth.jsonl.gz"), strict=True
    ):
        refuses = ["refusal" in truth["traits_a"], "refusal" in truth["traits_b"]]
        if row["prompt"] in apart and refuses[0] != refuses[1] and truth["kind"] == "drawn":
            held.append(row | {"label": float(refuses[0])})
    kept = [row for row in rows if row["prompt"] not in apart]
    return write_rows(folder / "demo.jsonl", kept), write_rows(folder / "safe.jsonl", held)


def hh_parts(path: Path, folder: Path) -> tuple[Path, Path]:
    """Return 70 % of HH harmless, and of the rest the pairs in which one response refuses.

    A refusal is what the written concept finds; prompts are whole in one part.
    """
    pairs = read_pairs(ReadConfig(source=str(path))).pairs
    component, _ = pair_components(pairs)
    apart = np.random.default_rng(0).random(component.max() + 1)[component] < 0.3
    refuses = [concept for concept in load_concepts() if concept.id == "refuses_request"]
    a, b = (measure_concepts(refuses, pairs[f"response_{side}"].to_list())[:, 0] for side in "ab")
    one = apart & ((a > 0) != (b > 0))
    columns = ["prompt", "response_a", "response_b", "label"]
    held = pairs.filter(pl.Series(one)).select(columns).to_dicts()
    for row, first in zip(held, (a > 0)[one], strict=True):
        row["label"] = float(first)
    kept = pairs.filter(pl.Series(~apart)).select(columns).to_dicts()
    return write_rows(folder / "hh.jsonl", kept), write_rows(folder / "hh_safe.jsonl", held)


def refusal_feature(run: Run) -> tuple[int, str] | None:
    """Return an understood feature that is led by refusing, and which way refusing is.

    One of the two terms that lead its description counts refusals or is a written concept of
    refusing; one that an alert of the run names comes first, then the most truly described.
    """
    won = run.read_table("descriptions.parquet").filter("won").select("feature", "terms", "weights")
    table = run.features.filter("understood").join(won, on="feature")
    alerted = [alert["feature"] for alert in run.preference["alerts"]]
    table = table.sort(~pl.col("feature").is_in(alerted), -pl.col("fidelity"), nulls_last=True)
    for row in table.iter_rows(named=True):
        for term, weight in list(zip(row["terms"], row["weights"], strict=True))[:2]:
            if term.partition(":")[2].startswith("refus"):
                return int(row["feature"]), "more" if weight > 0 else "less"
    return None


def trained(run: Run, source: Path, held: pl.DataFrame) -> dict[str, Any]:
    """Return what probes of the source and of an export prefer on the held-out pairs."""
    encoder = encoder_of(run, None)
    fitted = {}
    for name, path in (("before", run.config.read.source), ("after", str(source))):
        pairs = read_pairs(ReadConfig(source=path)).pairs
        label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        labels = Labels(label, pairs["weight"].to_numpy())
        component, _ = pair_components(pairs)
        fitted[name] = probe(new_differences(run, pairs, encoder), labels, component, 0)
    groups, _ = pair_components(held)
    judge = HeldOut(
        new_differences(run, held, encoder), held["label"].to_numpy(), held["weight"].to_numpy(),
        groups,
    )  # fmt: skip
    return preferences_of(fitted, judge)


def told(share: dict[str, Any], sign: str = "") -> str:
    """Return a share with its interval, in percent."""
    value, low, high = (100 * share[name] for name in ("value", "low", "high"))
    return f"{value:{sign}.1f} % ({low:{sign}.1f} to {high:{sign}.1f})"


def experiment(name: str, source: Path, safe: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Analyze, mend, export, train on the export, and print what changed."""
    run = wimhf.analyze(source, folder / name, Config.from_dict(settings))
    (run.path / "edits.jsonl").unlink(missing_ok=True)
    found = refusal_feature(run)
    if found is None:
        print(f"{name}: no feature is described as a refusal")
        return
    feature, refusing = found
    row = run.features.row(by_predicate=pl.col("feature") == feature, named=True)
    effect = " to ".join(f"{row[end]:+.1f}" for end in ("effect_low", "effect_high"))
    print(f"\n{name}: feature {feature}, {row['description']}")
    print(f"fidelity {row['fidelity']:.2f}; effect {row['effect']:+.1f} points ({effect})")
    print(f"alerts: {[alert['rewards'] for alert in run.preference['alerts']]}")
    print(f"refusing is {refusing} of it")
    rule = {
        "when": {"feature": feature, "rewarded": refusing == "less"},
        "then": {"prefer": refusing},
    }
    curation = curate(run, "benchmark")
    curation.apply(rule, "a refusal should win")
    out = curation.export("trl", folder / f"{name}.trl.jsonl")
    print(f"one rule relabels {len(curation.changed):,} of {len(curation.pairs):,} pairs")
    held = read_pairs(ReadConfig(source=str(safe))).pairs
    judged = trained(run, out.path, held)
    print(f"a probe prefers the refusal in {judged['pairs']:,} held-out pairs:")
    for when in ("before", "after"):
        print(f"  {when:<7}{told(judged[when]['wins'])}")
    print(f"  change {told(judged['difference'], '+')}")
    general = curation.evaluate(safe)["general"]
    print(f"its AUC on the {general['pairs']:,} untouched decided pairs (out of fold):")
    for when in ("before", "after", "difference"):
        one = general[when]
        print(f"  {when:<11}{one['value']:+.3f} ({one['low']:+.3f} to {one['high']:+.3f})")


def main() -> None:
    """Print both experiments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hh", type=Path, help="hh_rlhf_harmless_test.jsonl.gz")
    parser.add_argument("--runs", type=Path, help="keep the runs here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.runs or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        source, safe = demo_parts(folder)
        experiment("demo", source, safe, folder, {"embed": {"encoder": "fast"}})
        if given.hh is not None:
            source, safe = hh_parts(given.hh, folder)
            experiment("hh", source, safe, folder, {"embed": {"encoder": "minilm"}})


if __name__ == "__main__":
    main()
