"""With the address that is printed the app opens; without its token nothing is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.app_run import make_run
from tests.e2e.conftest import Serving
from tests.e2e.tabs import new_tab

pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e
TOKEN = "a-token-of-this-test"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runs folder with one run whose texts would call for more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "toy")
    return folder


def test_the_token_opens_the_app_once_and_a_canary_stays_silent(
    browser: Any, serving: Serving, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIMHF_TOKEN", TOKEN)
    with serving(runs, "--no-browser") as site:
        tab = new_tab(browser)
        called: list[str] = []
        tab.on("request", lambda request: called.append(request.url))
        assert tab.goto(site).status == 403
        assert "token" in tab.inner_text("body")
        assert tab.goto(f"{site}?token=wrong").status == 403
        tab.goto(f"{site}overview?run=toy&token={TOKEN}")
        tab.get_by_role("heading", name="What the labels reward").wait_for()
        assert "token" not in tab.url
        tab.goto(f"{site}explore?run=toy")
        tab.get_by_text("displayed of").wait_for()
        assert tab.title() != "owned"
        away = [url for url in called if not url.startswith((site, "data:", "blob:"))]
        assert away == []
        assert new_tab(browser).goto(f"{site}overview?run=toy").status == 403
        tab.context.close()
