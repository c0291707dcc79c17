"""The app in a real browser: hostile files and texts, views as links, both themes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.app_run import HOSTILE, make_run
from tests.conftest import toy_rows
from tests.e2e.tabs import new_tab, open_feature, settled, upload

pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runs folder with one run of hostile texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "toy")
    return folder


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.jsonl", b"", "is empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(400), "has an unknown ending"),
        ("binary.jsonl", bytes(range(256)) * 50, "is not UTF-8"),
        ("other.json", json.dumps([{HOSTILE: HOSTILE}] * 3).encode(), "no known format fits"),
    ],
)
def test_a_file_that_is_no_pairs_is_refused_in_one_line_and_the_app_lives(
    page: Any, name: str, content: bytes, told: str
) -> None:
    upload(page, name, content)
    page.get_by_test_id("stAlert").get_by_text(told).wait_for()
    page.get_by_role("button", name="Use the demo data").click()
    page.get_by_text("about 2,675 pairs").or_(page.get_by_text("2,675 pairs")).first.wait_for()


def test_hostile_texts_are_shown_as_texts(page: Any, site: str) -> None:
    rows = toy_rows(60)
    rows[0]["response_a"] = "x" * 100_000
    rows[1]["prompt"] = f"{HOSTILE} שלום"
    upload(page, f"{HOSTILE[:20]}.jsonl", "\n".join(map(json.dumps, rows)).encode())
    page.get_by_text("60 pairs", exact=True).wait_for()
    settled(page)
    for feature in range(8):
        page.goto(f"{site}feature?run=toy&feature={feature}&pairs=Random&n=20")
        page.locator("article.pair").first.wait_for()
        settled(page)
        assert page.locator("article.pair script, article.pair img, article.pair a").count() == 0
    assert page.get_by_text("<script>document.title='owned'</script>").count() > 0
    assert page.locator("[dir=auto]").count() > 0


def test_a_view_is_its_link(page: Any, site: str, browser: Any) -> None:
    page.goto(f"{site}features?run=toy")
    whole = re.compile(r"^(\d+) of \1 features")
    page.get_by_text(whole).wait_for()
    page.get_by_role("button", name="significant").click()
    page.get_by_text(whole).wait_for(state="detached")
    page.wait_for_url("**show=significant**")
    counted = re.compile(r"^\d+ of \d+ features")
    told = page.get_by_text(counted).inner_text()
    other = new_tab(browser)
    other.goto(page.url)
    other.get_by_text(counted).wait_for()
    assert other.get_by_text(counted).inner_text() == told
    other.context.close()
    table = page.get_by_test_id("stDataFrame")
    settled(page)
    open_feature(page, table, {"x": 200, "y": 70})
    page.get_by_text("Counter-examples").click()
    page.wait_for_url("**pairs=Counter-examples**")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("heading", name="What the labels reward").wait_for()
    assert "run=toy" in page.url
    page.go_back()
    page.wait_for_url("**/feature?**")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_no_page_scrolls_sideways_in_either_theme(
    browser: Any, site: str, scheme: str, width: int
) -> None:
    tab = new_tab(browser, width, color_scheme=scheme)
    for path in ("", "overview?run=toy", "features?run=toy", "feature?run=toy&feature=1"):
        tab.goto(site + path)
        tab.locator(".stMainBlockContainer h1").wait_for()
        settled(tab)
        wide = "[...document.querySelectorAll('html, .stMain')].map(e => e.scrollWidth)"
        assert max(tab.evaluate(wide)) <= width, path
        ground = tab.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        level = sum(int(part) for part in ground.strip("rgba()").split(",")[:3]) / 3
        assert (level < 90) == (scheme == "dark"), path
    tab.context.close()
