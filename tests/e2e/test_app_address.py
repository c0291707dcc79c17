"""The address says what is open: after every way of moving, an action hits what is shown."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.tabs import settled
from tests.e2e.test_app_curate import Tab, c, runs, site, tab  # noqa: F401
from wimhf.curate import Curation

pytestmark = pytest.mark.e2e


def opened(page: Any) -> int:
    """Return the feature that the page shows, once it is drawn and the address says the same."""
    settled(page)
    page.wait_for_function(
        "() => { const h = document.querySelector('.st-key-which p')?.innerText ?? '';"
        "const n = new URLSearchParams(location.search).get('feature');"
        "return n !== null && h.trim().startsWith(`Feature ${n} `); }"
    )
    settled(page)
    return int(parse_qs(urlsplit(page.url).query)["feature"][0])


def moved(page: Any, before: int) -> int:
    page.wait_for_function(
        "n => new URLSearchParams(location.search).get('feature') !== n", arg=str(before)
    )
    return opened(page)


def acted(page: Any, c: Curation, name: str, done: str) -> tuple[int, str]:  # noqa: F811
    """Press a button of the feature that is shown; return whose edit was written, and what."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_text(re.compile(done)).wait_for()
    edit = c.run.log.edits()[-1]
    named = next(f for f in c.run.feature_rows if edit.feature in (f.feature, f.id))
    return named.feature, next(iter(edit.new))


def test_after_every_way_of_moving_an_action_hits_the_feature_shown(tab: Tab, c: Curation) -> None:  # noqa: F811
    first = c.run.features["feature"][0]
    page = tab("feature", feature=str(first))
    assert opened(page) == first
    page.get_by_role("link", name="Next").click()
    second = moved(page, first)
    assert acted(page, c, "Pin", r"Pin: on \(edit") == (second, "pinned")
    assert opened(page) == second
    page.get_by_role("link", name="Next").click()
    third = moved(page, second)
    assert acted(page, c, "Mute", r"Mute: on \(edit") == (third, "muted")
    assert acted(page, c, "Unmute", r"Mute: off \(edit") == (third, "muted")
    page.get_by_role("link", name="Previous").click()
    fourth = moved(page, third)
    page.reload()
    assert opened(page) == fourth
    assert acted(page, c, "Flip poles", "The other pole is described")[0] == fourth
    page.get_by_role("link", name="Next").click()
    fifth = moved(page, fourth)
    page.go_back()
    assert moved(page, fifth) == fourth
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("is renamed after going back")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The feature is renamed").wait_for()
    assert opened(page) == fourth
    named = c.run.features.filter(c.run.features["description"] == "is renamed after going back")
    assert named["feature"].to_list() == [fourth]


def test_after_moving_the_feature_that_is_shown_is_the_one_merged(tab: Tab, c: Curation) -> None:  # noqa: F811
    first = c.run.features["feature"][0]
    page = tab("feature", feature=str(first))
    assert opened(page) == first
    page.get_by_role("link", name="Next").click()
    second = moved(page, first)
    page.get_by_role("link", name="Next").click()
    third = moved(page, second)
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("combobox", name="Into").fill(f"{first} ·")
    page.get_by_role("option", name=re.compile(rf"^{first} ·")).click()
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Merge").click()
    page.get_by_text(f"Feature {third} is merged into {first}.").wait_for()
    assert opened(page) == first
    edit = c.run.log.edits()[-1]
    members = {f.feature: f.members for f in c.run.feature_rows}
    assert (edit.kind, members[first]) == ("feature", (third,))
    page.get_by_role("link", name="Next").click()
    assert moved(page, first) != third  # whose figures moved: the order may be another one


def test_a_row_of_the_table_opens_and_one_step_back_leads_to_the_table(tab: Tab) -> None:  # noqa: F811
    page = tab("features")
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    settled(page)
    steps = page.evaluate("history.length")
    for _ in range(5):  # it may be drawn anew under the pointer
        table.click(position={"x": 200, "y": 70})
        try:
            page.wait_for_url("**/feature?**", timeout=5_000)
            break
        except Exception:
            continue
    opened(page)
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    page.wait_for_url("**/features?**")
    page.get_by_role("heading", name="Features", exact=True).wait_for()


def test_the_bar_leads_to_a_page_without_what_was_open_on_it(tab: Tab, c: Curation) -> None:  # noqa: F811
    page = tab("explore", pair=c.pairs["pair_id"][3])
    page.get_by_role("heading", name="The model's reasons").wait_for()
    page.get_by_role("link", name="Explore", exact=True).click()
    page.get_by_role("heading", name="The model's reasons").wait_for(state="detached")
    page.wait_for_url(lambda url: "pair=" not in url)
    page.reload()
    page.get_by_text("displayed of").wait_for()
    assert page.get_by_role("heading", name="The model's reasons").count() == 0
