"""How loud the margin may be that a transcoder writes beside the difference.

    python benchmarks/margin.py data/demo.jsonl.gz --encoder minilm [--k 8] [--folder bench]

Trains `transcoder` with the probe's margin at several shares of the difference's mean square, and
`batch_topk` beside it, and prints what their codes know of the labels (five seeds, the protocol of
`wimhf bench dictionaries`). A share of 0 is a transcoder that sees no labels.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SHARES = (0.0, 0.05, 0.25)
NOTHING = 1e-6
"""A margin that nobody hears, in place of none."""
RUN = """
import sys
import wimhf.learn.dictionary.kinds.transcoder as transcoder
transcoder.MARGIN_SHARE = float(sys.argv.pop(1))
from wimhf.ui import run_cli
run_cli()
"""
WANTED = ("| kind |", "| --- |", "| batch_topk |", "| transcoder |")


def main() -> None:
    """Print two tables per share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--encoder", default="minilm")
    parser.add_argument("--k", default="8")
    parser.add_argument("--folder", type=Path, default=Path("bench"))
    args = parser.parse_args()
    for share in SHARES:
        place = args.folder / f"margin-{args.source.name.split('.')[0]}-{args.encoder}-{share:g}"
        report = place.with_suffix(".md")
        place.parent.mkdir(parents=True, exist_ok=True)
        words = ["bench", "dictionaries", str(args.source), "-o", str(place), "--no-words",
                 "--encoder", args.encoder, "--k", args.k, "--seeds", "5", "--features", "32",
                 "--kinds", "batch_topk,transcoder", "--report", str(report)]  # fmt: skip
        subprocess.run(
            [sys.executable, "-c", RUN, str(max(share, NOTHING)), *words],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        tables = report.read_text(encoding="utf-8")
        print(f"\nmargin {share:g}")
        for title in ("**What the codes know", "**AUC recovered"):
            section = tables.partition(title)[2].partition("\n**")[0]
            print("\n".join(line for line in section.splitlines() if line.startswith(WANTED)))


if __name__ == "__main__":
    main()
