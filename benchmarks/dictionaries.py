"""Which kind of dictionary for whom: the protocol on four data sets and two encoders.

    python benchmarks/dictionaries.py [--data hh,demo,auto_j,alpaca_eval] [--encoders minilm,fast]
        [--kinds ...] [--k 4,8] [--seeds 5] [--features 32] [--folder bench] [--write]

Every data set and encoder is one folder, in which what was measured is kept, so it can be run in
pieces, on a quiet machine. ``--write`` puts the tables of these data sets and encoders into
``reports/dictionaries.md`` below its marked line, in place of those that stood there; all else
stays. HH-RLHF harmless is also held against Auto-J, which is to be told from it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared/data"
DATA = {
    "hh": SHARED / "hh_rlhf_harmless_test.jsonl.gz",
    "demo": ROOT / "data/demo.jsonl.gz",
    "auto_j": SHARED / "auto_j_pairwise.jsonl",
    "alpaca_eval": SHARED / "alpaca_eval_annotations_phi2sft.json.gz",
}
BESIDE = {"hh": SHARED / "auto_j_pairwise.jsonl"}
ENCODERS = ("minilm", "fast")
REPORT = ROOT / "reports/dictionaries.md"
MARK = "<!-- tables: what stands below is written by benchmarks/dictionaries.py -->"


def command(name: str, encoder: str, args: argparse.Namespace) -> list[str]:
    """Return the command that measures one data set with one encoder."""
    words = ["bench", "dictionaries", str(DATA[name]), "-o", str(args.folder / f"{name}-{encoder}"),
             "--encoder", encoder, "--k", args.k, "--seeds", str(args.seeds),
             "--features", str(args.features)]  # fmt: skip
    words += ["--kinds", args.kinds] if args.kinds else []
    words += ["--beside", str(BESIDE[name])] if name in BESIDE else []
    return words + ([] if args.words else ["--no-words"])


def shown(words: list[str], folder: Path) -> str:
    """Return a command as somebody would type it."""
    places = {str(SHARED): "DATA", str(folder): "bench", f"{ROOT}/": ""}
    for path, short in places.items():
        words = [word.replace(path, short) for word in words]
    return "wimhf " + " ".join(words)


def measured(name: str, encoder: str, args: argparse.Namespace) -> str:
    """Measure; return the section of the report."""
    words, report = command(name, encoder, args), args.folder / f"{name}-{encoder}.md"
    args.folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "wimhf", *words, "--report", str(report)],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    tables = report.read_text(encoding="utf-8")
    return f"## {name}, {encoder}\n\n`{shown(words, args.folder)}`\n\n{tables}"


def heading(section: str) -> str:
    """Return what a section is of."""
    return section.partition("\n")[0].removeprefix("## ")


def main() -> None:
    """Print the tables, or write them into the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=",".join(DATA))
    parser.add_argument("--encoders", default=",".join(ENCODERS))
    parser.add_argument("--kinds", default="")
    parser.add_argument("--k", default="4,8")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--folder", type=Path, default=ROOT / "bench")
    parser.add_argument("--no-words", dest="words", action="store_false")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    absent = [str(DATA[name]) for name in args.data.split(",") if not DATA[name].is_file()]
    if absent:
        sys.exit(f"{', '.join(absent)}: absent; leave them out with --data")
    sections = []
    for name in args.data.split(","):
        for encoder in args.encoders.split(","):
            sections.append(measured(name, encoder, args))
            print(sections[-1], flush=True)
    if args.write:
        above, _, below = REPORT.read_text(encoding="utf-8").partition(MARK)
        tables = {heading(one): one for one in re.split(r"(?m)^(?=## )", below)[1:] + sections}
        ranked = [f"{name}, {encoder}" for name in DATA for encoder in ENCODERS]
        kept = "\n".join(tables[one].strip() + "\n" for one in ranked if one in tables)
        REPORT.write_text(f"{above}{MARK}\n\n{kept}", encoding="utf-8")


if __name__ == "__main__":
    main()
