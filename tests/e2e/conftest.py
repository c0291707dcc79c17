"""One browser for every test, and the app served as `wimhf app` serves it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.tabs import CHROMIUM, guarded_tab, launched

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
SERVE = "import typer; from wimhf.ui.cli.app import app; typer.run(app)"
Serving = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Debian's chromium once."""
    if CHROMIUM is None:
        if os.environ.get("WIMHF_REQUIRE_BROWSER"):
            pytest.fail("chromium is required here and not installed")
        pytest.skip("chromium is not installed; apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Serving:
    """Return what serves a runs folder, gives the address, and finds no traceback in the end."""

    @contextmanager
    def serve(runs: Path, *more: str) -> Iterator[str]:
        more = more or ("--no-token",)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = tmp_path_factory.mktemp("log") / "app.log"
        environment = {**os.environ, "WIMHF_CACHE": str(shared_cache), "WIMHF_USER": "kim"}
        with log.open("wb") as out:
            server = subprocess.Popen(
                [sys.executable, "-c", SERVE, "--runs", str(runs), "--port", str(port), *more],
                stdout=out, stderr=out, env=environment, cwd=runs,
            )  # fmt: skip
        address = f"http://127.0.0.1:{port}/"
        try:
            _await(address)
            yield address
        finally:
            server.terminate()
            server.wait(20)
        assert "Traceback" not in log.read_text(encoding="utf-8")

    return serve


def _await(address: str) -> None:
    for _ in range(900):
        try:
            with urllib.request.urlopen(f"{address}_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app does not answer")


@pytest.fixture(scope="module")
def site(runs: Path, serving: Serving) -> Iterator[str]:
    """Serve a module's ``runs`` as `wimhf app` does; return the address."""
    with serving(runs) as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    """Open a guarded tab."""
    with guarded_tab(browser, site) as tab:
        yield tab
