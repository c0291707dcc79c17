"""Measure a whole analysis against the number of pairs, with texts of 100 words and own vectors.

    python benchmarks/scaling.py --folder /tmp/scaling [--pairs 1000,10000,100000,1000000] [--write]

Data come from ``benchmarks/large.py``; 256 features, 8 active. Every size is measured once and kept
in the folder; run it on a machine that does nothing else. Memory is what all processes hold that
is no part of a file (RssAnon), every half second.
``--write`` writes reports/benchmarks/scaling.md and scaling.svg.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parent / "reports/benchmarks"
STAGES = ("read", "concepts", "health", "dictionary", "describe", "preference")
EVERY = 0.5


def main() -> None:
    """Measure what is not measured yet; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--pairs", default="1000,10000,100000,1000000")
    parser.add_argument("--write", action="store_true")
    own = parser.parse_args()
    own.folder.mkdir(parents=True, exist_ok=True)
    rows = [measured(own.folder, int(n)) for n in own.pairs.split(",")]
    print(table(rows))
    if own.write:
        command = f"python benchmarks/scaling.py --folder FOLDER --pairs {own.pairs} --write"
        (REPORTS / "scaling.md").write_text(page(rows, command), encoding="utf-8")
        (REPORTS / "scaling.svg").write_text(plot(rows), encoding="utf-8")


def measured(folder: Path, n: int) -> dict[str, float]:
    """Return seconds and gigabytes of n pairs, from the folder if they are there."""
    kept, made, run = folder / f"{n}.json", folder / f"{n}", folder / f"run_{n}"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    if not made.with_suffix(".parquet").exists():
        subprocess.run([sys.executable, HERE / "large.py", str(n), str(made)], check=True)
    shutil.rmtree(run, ignore_errors=True)  # what is there would be kept, and nothing measured
    command = [
        sys.executable, "-m", "wimhf", "analyze", f"{made}.parquet", "--embeddings",
        f"{made}_vec.npy", "-o", str(run), "--features", "256", "--k", "8", "--quiet",
    ]  # fmt: skip
    began, peak = time.monotonic(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            time.sleep(EVERY)
    if process.returncode:
        sys.exit(f"{n:,} pairs: exit code {process.returncode}")
    stages = json.loads((run / "manifest.json").read_text())["stages"]
    row = {"pairs": n, "seconds": time.monotonic() - began, "gigabytes": peak}
    row |= {stage: stages[stage]["seconds"] for stage in STAGES}
    kept.write_text(json.dumps(row))
    return row


def memory(session: int) -> float:
    """Return the gigabytes that all processes of a session hold."""
    kilobytes = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                found = re.search(r"RssAnon:\s+(\d+)", (folder / "status").read_text())
                kilobytes += int(found[1]) if found else 0
        except (OSError, ProcessLookupError):
            continue
    return kilobytes / 1e6


def table(rows: list[dict[str, float]]) -> str:
    """Return the figures as Markdown."""
    head = ["pairs", "whole, s", "memory, GB", *(f"{stage}, s" for stage in STAGES)]
    lines = ["| " + " | ".join(head) + " |", "|" + " --: |" * len(head)]
    for row in rows:
        seconds = [f"{row[stage]:,.0f}" for stage in STAGES]
        cells = [f"{row['pairs']:,}", f"{row['seconds']:,.0f}", f"{row['gigabytes']:.1f}", *seconds]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page(rows: list[dict[str, float]], command: str) -> str:
    """Return the report."""
    today = time.strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, no GPU, nothing else running"
    return (
        f"# Time and memory against the number of pairs\n\n`{command}`, {today}; "
        f"{machine}. Responses of 100 words, vectors of 384 dimensions that are brought, 256 "
        "features of which 8 are active.\n\n"
        f"{table(rows)}\n\n![Seconds and gigabytes against pairs, both axes logarithmic]"
        "(scaling.svg)\n\nMemory is what all processes hold that is no part of a file. What is "
        "sampled from large data: [docs/scale.md](../../docs/scale.md).\n"
    )


def plot(rows: list[dict[str, float]]) -> str:
    """Return seconds and gigabytes against pairs, on logarithmic axes."""
    width, height, edge = 560, 320, 50
    low, high = math.log10(rows[0]["pairs"]), math.log10(rows[-1]["pairs"])
    names = {"seconds": "#2a6f97", "gigabytes": "#c05621"}
    values = [math.log10(row[name]) for row in rows for name in names]
    floor, top = math.floor(min(values)), math.ceil(max(values))

    def x(n: float) -> float:
        return edge + (width - 2 * edge) * (math.log10(n) - low) / ((high - low) or 1)

    def y(value: float) -> float:
        return height - edge - (height - 2 * edge) * (math.log10(value) - floor) / (top - floor)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for power in range(floor, top + 1):
        at = y(10**power)
        parts.append(f'<path d="M{edge} {at:.1f}H{width - edge}" stroke="#ddd"/>')
        parts.append(text(edge - 6, at + 4, f"{10**power:g}", "end"))
    for row in rows:
        parts.append(text(x(row["pairs"]), height - edge + 18, f"{row['pairs']:,.0f}", "middle"))
    for name, colour in names.items():
        points = [(x(row["pairs"]), y(row[name])) for row in rows]
        line = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        parts.append(text(points[-1][0], points[-1][1] - 8, name, "end", colour))
    parts.append(text(width / 2, height - 8, "pairs", "middle"))
    return "\n".join([*parts, "</svg>", ""])


def text(x: float, y: float, said: str, anchor: str, colour: str = "black") -> str:
    """Return words in the plot."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{said}</text>'


if __name__ == "__main__":
    main()
