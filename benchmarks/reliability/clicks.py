"""An hour of clicks through the app in a real browser: the server's memory and handles stay.

Every round is a session of its own: it opens the run, goes to every page, looks at a feature,
previews a rule, applies it and undoes it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from steady import State, judged, state_of
from toy import Count

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import PAGES, served
from tests.app_run import hostile_rows, make_run
from tests.e2e.tabs import CHROMIUM, launched, settled

HOUR = 3600.0
PACE = 1_000
"""Milliseconds that a reader looks at a page."""
KEPT = 20
"""Open files of two sessions: those that ended are kept for two minutes, more or fewer of them."""
RULE = {"when": {"text": "water"}, "then": "drop"}


def counted(folder: Path, share: float) -> list[Count]:
    """Click for an hour, or a share of it."""
    count = Count("clicks: sessions through every page, a rule applied and undone")
    if CHROMIUM is None:
        count.notes["not possible without chromium"] = 1
        return [count]
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import sync_playwright

    run = make_run(folder / "runs", "toy", hostile_rows(400))
    log, known = folder / "app.log", list[State]()
    until = time.monotonic() + HOUR * share
    with served(run, log) as (address, number), sync_playwright() as playwright:
        browser = launched(playwright)
        process = psutil.Process(number)
        while not known or time.monotonic() < until:
            with _session(browser, count) as tab:
                try:
                    _walk(tab, address)
                except PlaywrightError as error:
                    count.faults.append(f"round {count.tries + 1}: {str(error).splitlines()[0]}")
            known.append(state_of(process))
            count.tries += 1
        browser.close()
    if "Traceback" in log.read_text(encoding="utf-8"):
        count.faults.append("a traceback in the server's log")
    judged(count, known, KEPT)
    return [count]


@contextmanager
def _session(browser: Any, count: Count) -> Iterator[Any]:
    """Open a tab whose errors are faults."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.on("pageerror", lambda error: count.faults.append(f"in the page: {error}"))
    yield tab
    if tab.get_by_test_id("stException").count():
        count.faults.append("an error is shown")
    context.close()


def _walk(tab: Any, address: str) -> None:
    """Go to every page, and change something and back."""
    tab.goto(f"{address}overview?run=toy")
    _reads(tab, PAGES["Overview"])
    for name in list(PAGES)[1:]:
        tab.get_by_role("link", name=name, exact=True).click()
        _reads(tab, PAGES[name])
    tab.goto(f"{address}feature?{urlencode({'run': 'toy', 'feature': '0'})}")
    _reads(tab, "Rename")
    tab.goto(f"{address}curate?{urlencode({'run': 'toy', 'rule': json.dumps(RULE)})}")
    _press(tab, "Preview")
    _reads(tab, "What it would change")
    _press(tab, "Apply")
    tab.get_by_label("Pairs that have").wait_for()
    tab.get_by_role("tab", name="History").click()
    _press(tab, "Undo")
    _reads(tab, "is undone")


def _press(tab: Any, name: str) -> None:
    """Press a button once the page is at rest: one that is drawn anew loses the click."""
    button = tab.get_by_role("button", name=name, exact=True).last
    button.wait_for()
    _rests(tab)
    button.click()


def _reads(tab: Any, words: Any) -> None:
    """Wait for words, and look at them."""
    tab.get_by_text(words).first.wait_for()
    _rests(tab)


def _rests(tab: Any) -> None:
    settled(tab)
    tab.wait_for_timeout(PACE)
