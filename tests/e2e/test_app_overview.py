"""Overview in a real browser: source or curated data, a flaw's pairs, progress from every page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app_run import make_run
from tests.conftest import toy_rows
from tests.e2e.conftest import Serving
from tests.e2e.tabs import new_tab
from wimhf.curate import open_curation
from wimhf.run import open_run

pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        rows = toy_rows(240)
        path = make_run(folder, "twice", [*rows, *rows[:15]])
    curation = open_curation(open_run(path), "kim")
    curation.apply({"when": {"health": "duplicates"}, "then": "drop"})
    with serving(folder) as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    tab = new_tab(browser)
    yield tab
    tab.context.close()


def tile(tab: Any, label: str) -> str:
    """Return the figure of a tile."""
    found = tab.locator("[data-testid=stMetric]").filter(has_text=label)
    return str(found.locator("[data-testid=stMetricValue]").inner_text())


def test_one_switch_says_of_which_data_every_number_is_and_stands_in_the_address(
    page: Any, site: str
) -> None:
    page.goto(f"{site}overview?run=twice")
    page.get_by_text("15 pairs have been edited since").wait_for()
    assert (tile(page, "Pairs"), tile(page, "Repeats")) == ("255", "15")
    page.get_by_text("Curated data", exact=True).click()
    page.get_by_text("of 255: 15 dropped").wait_for()
    assert (tile(page, "Pairs"), tile(page, "Repeats")) == ("240", "0")
    page.wait_for_url("**data=curated**")
    page.reload()
    page.get_by_text("of 255: 15 dropped").wait_for()
    assert tile(page, "Pairs") == "240"


def test_a_flaw_shows_its_pairs_and_a_finding_leads_to_its_own(page: Any, site: str) -> None:
    page.goto(f"{site}overview?run=twice")
    page.get_by_role("heading", name="What is wrong with the data").wait_for()
    flaw = page.locator(".st-key-_flaw_duplicates button")
    flaw.click()
    page.get_by_text("The first 5 of 15").wait_for()
    page.wait_for_url("**flaw=duplicates**")
    assert page.locator("article.pair").count() == 5
    page.get_by_role("link", name="Pairs").first.click()
    page.wait_for_url("**/feature?**")
    page.locator("article.pair").first.wait_for()


def test_the_words_are_one_click_away(page: Any, site: str) -> None:
    page.goto(f"{site}overview?run=twice")
    page.get_by_role("link", name="What the words mean").click()
    page.get_by_role("heading", name="Words", exact=True).wait_for()
    page.get_by_text("a pair's signed coordinates in the dictionary").wait_for()
