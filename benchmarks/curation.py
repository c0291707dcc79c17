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
from wimhf.base.config import Config, ReadConfig
from wimhf.concepts import load_concepts, measure_concepts
from wimhf.curate import open_curation
from wimhf.data.formats import read_pairs
from wimhf.data.splits import pair_components
from wimhf.run.coder import encoder_of, new_differences
from wimhf.run.run import Run
from wimhf.stats.probe import HeldOut, fit_probe, preferences_of
from wimhf.stats.resampling import odd_correlation
from wimhf.stats.whatif import Labels

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
    a, b = refusals(pairs["response_a"]), refusals(pairs["response_b"])
    one = apart & ((a > 0) != (b > 0))
    columns = ["prompt", "response_a", "response_b", "label"]
    held = pairs.filter(pl.Series(one)).select(columns).to_dicts()
    for row, first in zip(held, (a > 0)[one], strict=True):
        row["label"] = float(first)
    kept = pairs.filter(pl.Series(~apart)).select(columns).to_dicts()
    return write_rows(folder / "hh.jsonl", kept), write_rows(folder / "hh_safe.jsonl", held)


def refusal_feature(run: Run) -> tuple[int, str, str]:
    """Return a feature of refusing, which way refusing is, and how it was found.

    The one that an alert of the run names, if there is one. Else an understood one whose
    description is led by refusing. Else the one whose code goes most closely with the written
    concept of refusing; labels are not looked at.
    """
    alerted = [alert["feature"] for alert in run.preference["alerts"]]
    won = (
        run.folder.read_table("descriptions.parquet")
        .filter("won")
        .select("feature", "terms", "weights")
    )
    table = run.features.filter("understood").join(won, on="feature")
    table = table.sort(~pl.col("feature").is_in(alerted), -pl.col("fidelity"), nulls_last=True)
    for row in table.iter_rows(named=True):
        for term, weight in list(zip(row["terms"], row["weights"], strict=True))[:2]:
            if term.partition(":")[2].startswith("refus"):
                how = "an alert" if row["feature"] in alerted else "its description"
                return int(row["feature"]), "more" if weight > 0 else "less", how
    leads = np.subtract(*(refusals(run.pair_table[f"response_{side}"]) for side in "ab"))
    poles = dict(run.features.select("feature", "pole").iter_rows())
    codes = run.codes()
    goes = {f: odd_correlation(leads, pole * codes[:, f]) for f, pole in poles.items()}
    feature = max(goes, key=lambda f: abs(goes[f]))
    way = "more" if goes[feature] > 0 else "less"
    return feature, way, f"its correlation of {abs(goes[feature]):.2f} with the written concept"


def refusals(texts: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how often each text refuses, by the written concept."""
    concept = [one for one in load_concepts() if one.id == "refuses_request"]
    return np.asarray(measure_concepts(concept, texts.to_list()).toarray()[:, 0], dtype=np.float64)


def trained(run: Run, source: Path, held: pl.DataFrame) -> dict[str, Any]:
    """Return what probes of the source and of an export prefer on the held-out pairs."""
    encoder = encoder_of(run, None)
    fitted = {}
    for name, path in (("before", run.config.read.source), ("after", str(source))):
        pairs = read_pairs(ReadConfig(source=path)).pairs
        label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        labels = Labels(label, pairs["weight"].to_numpy())
        component, _ = pair_components(pairs)
        fitted[name] = fit_probe(new_differences(run, pairs, encoder), labels, component, 0)
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
    feature, refusing, how = refusal_feature(run)
    row = run.features.row(by_predicate=pl.col("feature") == feature, named=True)
    effect = " to ".join(f"{row[end]:+.1f}" for end in ("effect_low", "effect_high"))
    print(f"\n{name}: feature {feature}, {row['description']}")
    print(f"fidelity {row['fidelity']:.2f}; effect {row['effect']:+.1f} points ({effect})")
    print(f"alerts: {[alert['rewards'] for alert in run.preference['alerts']]}")
    print(f"found by {how}; refusing is {refusing} of it")
    when = {"feature": feature, "rewarded": refusing == "less"}
    held = read_pairs(ReadConfig(source=str(safe))).pairs
    curation = open_curation(run, "benchmark")
    print(
        "| rule | pairs | prefers the refusal | change | AUC of the probe elsewhere | of features |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for said, then in (("the refusal wins", {"prefer": refusing}), ("a tie", "tie")):
        features = curation.preview({"when": when, "then": then}).auc["difference"]
        curation.apply({"when": when, "then": then}, "refusals should not lose")
        # a trainer leaves ties out, so they are dropped from what the probe is trained on, too
        out = curation.export("trl", folder / f"{name}.trl.jsonl", overwrite=True)
        judged = trained(run, out.path, held)
        general = curation.evaluate(safe)["general"]
        wins = " -> ".join(told(judged[when]["wins"]) for when in ("before", "after"))
        print(
            f"| {said} | {len(curation.changed):,} | {wins} | {told(judged['difference'], '+')} | "
            f"{general['before']['value']:.3f}, {moved(general['difference'])} | "
            f"{moved(features)} |"
        )
        curation.undo()
    print(f"{judged['pairs']:,} held-out pairs; AUC on {general['pairs']:,} pairs out of reach")


def moved(difference: dict[str, float]) -> str:
    """Return a difference of AUCs with its interval."""
    return f"{difference['value']:+.3f} ({difference['low']:+.3f} to {difference['high']:+.3f})"


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
