"""A guarded tab on the app, and what every test does in one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE = 90_000
RESTS = """() => document.querySelector('[data-test-script-state=notRunning]')
  && !['stStatusWidget', 'stSpinner'].some(n => document.querySelector(`[data-testid=${n}]`))
  && !document.querySelector('[data-stale=true]')
  && document.getAnimations().every(a => a.playState !== 'running'
    || a.effect.getComputedTiming().endTime === Infinity)"""
"""No script runs, nothing waits to be drawn anew, and nothing fades in any more."""


def launched(playwright: Any) -> Any:
    """Start Debian's chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def new_tab(browser: Any, width: int = 1280, height: int = 900, **context: Any) -> Any:
    """Open a tab in a session of its own that waits as long as every other; close its context."""
    size = {"width": width, "height": height}
    tab = browser.new_context(viewport=size, **context).new_page()
    tab.set_default_timeout(PATIENCE)
    return tab


@contextmanager
def guarded_tab(browser: Any, site: str) -> Iterator[Any]:
    """Open a tab that must neither leave the machine nor run what the data hold."""
    tab = new_tab(browser)
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("dialog", lambda dialog: (trouble.append("a dialog opened"), dialog.dismiss()))
    tab.on(
        "request",
        lambda r: None if r.url.startswith((site, "data:", "blob:")) else trouble.append(r.url),
    )
    tab.goto(site)
    yield tab
    assert tab.title() != "owned"
    assert trouble == []
    tab.context.close()


def settled(tab: Any) -> None:
    """Wait until the page has stopped working and is drawn."""
    tab.wait_for_selector(".stMainBlockContainer")
    tab.wait_for_function(RESTS)


def open_feature(tab: Any, mark: Any, position: dict[str, float]) -> None:
    """Click a chart or table until the feature opens: it may be drawn anew under the pointer."""
    for _ in range(5):
        mark.click(position=position)
        try:
            tab.wait_for_url("**/feature?**", timeout=PATIENCE / 6)
            return
        except sync_api.TimeoutError:
            continue
    pytest.fail("no feature opened")


def upload(tab: Any, name: str, content: bytes) -> None:
    """Give a file to the start page."""
    tab.set_input_files(
        "input[type=file]",
        {"name": name, "mimeType": "application/octet-stream", "buffer": content},
    )
