"""The page Compare in a real browser: choosing, clicking, sliding, and the URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app_run import make_run
from tests.comparable import opposed_rows
from tests.e2e.conftest import Serving
from tests.e2e.tabs import PATIENCE, new_tab, settled

pytest.importorskip("streamlit", reason="the app is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[str]:
    """Serve a runs folder with two runs of opposite wishes; return its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("compare") / "runs"
        make_run(folder, "likes", opposed_rows(400, 0))
        make_run(folder, "dislikes", opposed_rows(400, 1, likes=False))
    with serving(folder) as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    tab = new_tab(browser, height=1000)
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.goto(f"{site}compare?run=likes")
    yield tab
    assert trouble == []
    tab.context.close()


def test_a_run_is_chosen_a_line_opens_pairs_of_both_and_the_link_shows_it_again(
    page: Any, browser: Any
) -> None:
    page.get_by_text("Choose a run", exact=True).first.wait_for()
    page.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option", name="dislikes").click()
    page.keyboard.press("Escape")
    page.get_by_text("points more often in likes and").first.wait_for()
    settled(page)
    chart = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg")
    for height in (30, 25, 40, 30, 25):  # it may be drawn anew under the pointer
        chart.first.click(position={"x": 700, "y": height})
        try:
            page.wait_for_url("**column=**", timeout=PATIENCE / 6)
            break
        except sync_api.TimeoutError:
            continue
    page.get_by_text("likes: ", exact=False).first.wait_for()
    page.get_by_text("dislikes: −", exact=False).first.wait_for()
    page.locator(".pair").nth(3).wait_for()
    settled(page)
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    page.get_by_text("Mixed as 55% likes and 45% dislikes").wait_for()
    settled(page)
    if os.environ.get("WIMHF_SHOTS"):
        page.screenshot(path=f"{os.environ['WIMHF_SHOTS']}/compare.png", full_page=True)
    address = page.url
    assert "with=dislikes" in address
    assert "share=55" in address
    again = new_tab(browser)
    again.goto(address)
    again.get_by_text("Mixed as 55% likes and 45% dislikes").wait_for()
    again.get_by_text("dislikes: −", exact=False).first.wait_for()
    again.close()


def test_groups_by_a_column(page: Any) -> None:
    page.get_by_text("Groups of this run").click()
    page.get_by_text("Choose a column", exact=True).first.wait_for()
    page.get_by_role("combobox", name="Column").click()
    page.get_by_role("option", name="topic").click()
    page.get_by_text("Nothing is rewarded differently beyond chance", exact=False).wait_for()
    assert "by=topic" in page.url
