"""Time the app in a real browser: pages, filters, and memory over many clicks.

    python benchmarks/app.py runs/big [--rounds 40]

RUN is served as `wimhf app RUN` serves it, by a process of its own; a time ends when what was asked
for stands on the page. Nothing is written to the run. Targets at 100,000 pairs on two cores: a run
opens in 2 s, pages and filters take .5 s, memory stays flat.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.e2e.tabs import launched, settled

SERVE = "import typer; from wimhf.ui.cli.app import app; typer.run(app)"
PAGES = {
    "Overview": "Labels and lengths",
    "Audit": "Rewarded or penalised",
    "Features": "Greyed",
    "Concepts": "Add a concept",
    "Annotators": re.compile("Who departs|Annotators cannot be compared"),
    "Compare": "Against",
    "Explore": "total)",
    "Review": "Why it is here",
    "Curate": "Selects",
    "Export": "The first rows",
}
"""What stands on a page when it is there."""


@contextmanager
def served(run: Path, log: Path = Path(os.devnull)) -> Iterator[tuple[str, int]]:
    """Serve a run; give the address and the server's process number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(run), "--port", str(port), "--no-token"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        address = f"http://127.0.0.1:{port}/"
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}_stcore/health", timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield address, server.pid
        finally:
            server.terminate()


def resident(process: int) -> float:
    """Return a process's resident memory, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class Clock:
    """Takes times of one tab."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.taken: dict[str, list[float]] = {}

    def take(self, name: str, act: Callable[[], object], words: str | re.Pattern[str]) -> None:
        """Do something and wait until the words stand on the page."""
        started = time.perf_counter()
        act()
        self.tab.get_by_text(words).first.wait_for()
        self.taken.setdefault(name, []).append(time.perf_counter() - started)
        settled(self.tab)
        self.tab.wait_for_timeout(300)

    def page(self, name: str) -> None:
        """Go to a page by its link."""
        link = self.tab.get_by_role("link", name=name, exact=True)
        self.take(f"to {name}", link.click, PAGES[name])

    def show(self) -> None:
        """Print a line per action."""
        for name, times in self.taken.items():
            rest = times[1:] or times
            print(f"| {name} | {times[0]:.2f} | {statistics.median(rest):.2f} | {len(times)} |")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with served(given.run) as (address, process), sync_playwright() as playwright:
        browser = launched(playwright)
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.set_default_timeout(60_000)
        clock = Clock(tab)
        view = f"{address}overview?run={given.run.name}"
        clock.take(
            "the app's first page, imports and all", lambda: tab.goto(address), "New analysis"
        )
        clock.take("open the run", lambda: tab.goto(view), PAGES["Overview"])
        clock.take("reload", tab.reload, PAGES["Overview"])
        memory = []
        for _ in range(given.rounds):
            for name in list(PAGES)[1:]:
                clock.page(name)
            clock.page("Features")
            chip = tab.get_by_role("button", name="significant")
            clock.take("filter features", chip.click, "features. Greyed")
            clock.page("Overview")
            memory.append(resident(process))
        print("| action | first, s | median of the rest, s | times |\n| --- | --- | --- | --- |")
        clock.show()
        print(f"\nresident memory of the server after round 1, {given.rounds // 2} and "
              f"{given.rounds}: {memory[0]:.0f}, {memory[given.rounds // 2 - 1]:.0f} and "
              f"{memory[-1]:.0f} MB")  # fmt: skip
        browser.close()


if __name__ == "__main__":
    main()
