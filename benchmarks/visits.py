"""Visit pages of the app for a while in one browser session; say whether its memory stays flat.

    python benchmarks/visits.py runs/big [--minutes 60 | --visits 200]

RUN is served by a process of its own, which nothing else visits; nothing is written to the run. A
visit is a link of the bar, a feature or a filter, in turn. A line is a tenth of the time: its
visits, the median visit, what the server computed for one, and its memory at the end. The ratio is
of the memory at the end to that after the first tenth, when every page was there; near 1 use stays
flat.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from playwright.sync_api import sync_playwright

import wimhf
from app import resident, served
from tests.e2e.tabs import launched, settled

BAR = ("Overview", "Audit", "Features", "Concepts", "Annotators", "Compare", "Explore", "Review",
       "Curate", "Export")  # fmt: skip


def worked(process: int) -> float:
    """Return the seconds a process has computed, which other load does not lengthen."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def stands(tab: Any, heading: str | None = None) -> None:
    """Wait until a page stands and the server has nothing more to say."""
    wanted = tab.get_by_role("heading", level=1)
    (wanted.filter(has_text=heading) if heading else wanted).first.wait_for()
    settled(tab)


def show(times: list[float], memory: list[float], computed: list[float], took: float) -> None:
    """Print a line for every tenth, and how far memory moved."""
    print(f"{len(times)} visits in {took:.0f} s; {memory[0]:.0f} MB before the first\n")
    print("| visits | median, s | of which the server computes, s | memory, MB |")
    print("| --- | --- | --- | --- |")
    ends = [round(tenth * len(times) / 10) for tenth in range(11)]
    for start, end in pairwise(ends):
        of_one = (computed[end] - computed[start]) / max(end - start, 1)
        median = statistics.median(times[start:end] or [0.0])
        print(f"| to {end} | {median:.2f} | {of_one:.2f} | {memory[end]:.0f} |")
    early, late = memory[ends[1]], memory[-1]
    each = 1000 * (late - early) / max(len(times) - ends[1], 1)
    print(f"\nafter the first tenth memory grew {late / early:.3f} times: {each:.0f} kB a visit")


def main() -> None:
    """Print visits, times and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--visits", type=int, default=100_000, help="stop after so many")
    given = parser.parse_args()
    features = wimhf.open_run(given.run).features["feature"].to_list()
    with served(given.run) as (address, process), sync_playwright() as playwright:
        browser = launched(playwright)
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.set_default_timeout(60_000)
        tab.goto(f"{address}overview?run={given.run.name}")
        stands(tab)
        times: list[float] = []
        memory, computed = [resident(process)], [worked(process)]
        began = time.perf_counter()
        while len(times) < given.visits and time.perf_counter() - began < 60 * given.minutes:
            started = time.perf_counter()
            place = len(times) % (len(BAR) + 1)
            if place < len(BAR):
                tab.get_by_role("link", name=BAR[place], exact=True).click()
                stands(tab, BAR[place] if place else None)
            else:
                number = features[len(times) % len(features)]
                tab.goto(f"{address}feature?run={given.run.name}&feature={number}")
                stands(tab)
            times.append(time.perf_counter() - started)
            memory.append(resident(process))
            computed.append(worked(process))
        browser.close()
    show(times, memory, computed, time.perf_counter() - began)


if __name__ == "__main__":
    main()
