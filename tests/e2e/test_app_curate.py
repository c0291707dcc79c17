"""Repairing and exporting in a real browser: keys, rules, two sessions, the downloaded bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import polars as pl
import pytest

from tests.app_run import hostile_rows, make_run
from tests.e2e.conftest import Serving
from tests.e2e.tabs import new_tab, settled
from wimhf.curate import Curation, open_curation, rule_checked, sample_rule

pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e
Tab = Callable[..., Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runs folder with one run of hostile texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "toy", hostile_rows(400))
    return folder


@pytest.fixture(scope="module")
def site(runs: Path, serving: Serving) -> Iterator[str]:
    """Serve the app as `wimhf app` does; return its address."""
    with serving(runs) as address:
        yield address


@pytest.fixture
def tab(browser: Any, site: str) -> Iterator[Tab]:
    """Return a function that opens a page in a session of its own.

    No tab may leave the machine, run what the data hold, or scroll sideways.
    """
    opened: list[Any] = []
    trouble: list[str] = []

    def show(name: str, width: int = 1280, **params: str) -> Any:
        page = new_tab(browser, width)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: (trouble.append("a dialog opened"), dialog.dismiss()))
        page.on(
            "request",
            lambda r: None if r.url.startswith((site, "data:", "blob:")) else trouble.append(r.url),
        )
        page.goto(f"{site}{name}?{urlencode({'run': 'toy', **params})}")
        page.get_by_role("heading", level=1).wait_for()
        opened.append(page)
        return page

    yield show
    for page in opened:
        assert page.title() != "owned"
        page.context.close()
    assert trouble == []


@pytest.fixture
def c(runs: Path) -> Iterator[Curation]:
    """Return the run's curation; what a test did is undone after it."""
    found = open_curation(runs / "toy", "robin")
    yield found
    while found.run.history.active:
        found.undo(found.run.history.active[-1].number)


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def hearing(page: Any) -> None:
    """Wait until the page hears keys, which is a moment after it has been shown."""
    page.get_by_role("heading", name="Why it is here").wait_for()
    page.wait_for_timeout(2_000)


def reviewed(page: Any, count: int) -> None:
    page.get_by_text(f"{count} of ").filter(has_text="suspects decided").wait_for()


def test_a_feature_is_renamed_and_its_pairs_are_handed_to_curate(tab: Tab, c: Curation) -> None:
    feature = c.run.features["feature"][0]
    page = tab("feature", feature=str(feature))
    button(page, "Rename").click()
    page.get_by_label("Name", exact=True).fill("says <script>so</script>")
    button(page, "Save").click()
    page.get_by_text("The feature is renamed").wait_for()
    page.get_by_text("says <script>so</script>").first.wait_for()
    named = c.run.features.filter(c.run.features["feature"] == feature)
    assert named["description"].item() == "says <script>so</script>"
    settled(page)
    page.get_by_role("link", name="Select these pairs").last.click()
    page.get_by_role("heading", name="Curate").wait_for()
    page.get_by_text(re.compile("^Selects")).wait_for()
    assert f'"feature":{feature}' in unquote_plus(page.url)


def test_five_suspects_are_reviewed_by_keyboard(tab: Tab, c: Curation) -> None:
    queue = c.suspects()["pair_id"].to_list()
    page = tab("review")
    hearing(page)
    for number, key in enumerate("kftd", start=1):
        page.get_by_text(queue[number - 1]).wait_for()
        page.keyboard.press(key)
        reviewed(page, number)
    page.get_by_text(queue[4]).wait_for()
    page.keyboard.press("s")
    page.get_by_text(queue[5]).wait_for()
    page.keyboard.press("k")
    reviewed(page, 5)
    kinds = {one: c.decisions.get(one) for one in queue[:6]}
    assert list(kinds.values()) == ["dismissed", *["accepted"] * 3, None, "dismissed"]
    page.keyboard.press("u")
    reviewed(page, 4)
    page.get_by_text(queue[5]).wait_for()
    page.reload()
    reviewed(page, 4)
    page.get_by_text(queue[5]).wait_for()  # the place stands in the URL
    assert queue[5] not in c.decisions


def test_a_rules_pairs_are_checked_by_keyboard_beside_its_preview(tab: Tab, c: Curation) -> None:
    rule = {"when": {"text": "water"}, "then": "drop"}
    sample, before = sample_rule(c.state, rule), len(c.run.log.edits())
    page = tab("curate", rule=json.dumps(rule))
    button(page, "Preview").click()
    page.get_by_text("Nobody has looked yet").wait_for()
    button(page, "Check pairs by hand").click()
    page.get_by_text(sample[0].pair_id).wait_for()
    page.get_by_role("heading", name="What it would change").wait_for()
    page.wait_for_timeout(2_000)
    for number, key in enumerate("ynsy", start=1):
        page.keyboard.press(key)
        page.get_by_text(sample[number].pair_id).wait_for()
    page.get_by_text("Checked by hand: 2 of 3 pairs, at least 21 % truly fit").wait_for()
    page.keyboard.press("u")
    page.get_by_text("Checked by hand: 1 of 2 pairs").wait_for()
    page.get_by_text(sample[3].pair_id).wait_for()
    page.reload()
    page.get_by_text("Checked by hand: 1 of 2 pairs").wait_for()
    page.get_by_role("textbox", name="Why").press_sequentially("yny")
    page.wait_for_timeout(1_000)
    found = rule_checked(c.state, rule)
    assert found is not None
    assert (found.hits, found.asked, found.skipped) == (1, 2, 2)
    assert len(c.run.log.edits()) == before
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_a_rule_is_applied_and_undone_and_a_pasted_one_previewed(tab: Tab, c: Curation) -> None:
    rule = {"when": {"text": "water"}, "then": "drop"}
    count = len(c.select(rule))
    page = tab("curate", rule=json.dumps(rule))
    page.get_by_text(f"Selects {count} of").wait_for()
    page.get_by_label("Why").fill("wet")
    page.get_by_label("Why").press("Enter")
    assert button(page, "Apply").is_disabled()
    button(page, "Preview").click()
    page.get_by_role("heading", name="What it would change").wait_for()
    button(page, "Apply").click()
    page.get_by_text(f"to {count} pairs").wait_for()
    assert len(c.changed) == count
    page.get_by_label("Pairs that have").wait_for()  # it is empty again
    assert button(page, "Apply").count() == 0
    assert "rule=" not in page.url
    page.get_by_role("tab", name="History").click()
    page.get_by_text("wet").wait_for()
    button(page, "Undo").last.click()
    page.get_by_text("is undone").wait_for()
    assert c.changed.is_empty()
    page.get_by_role("tab", name="Rule").click()
    button(page, "Write TOML").click()
    text = page.get_by_label("Rules, as in a rules file")
    text.fill('[[rule]]\nwhen = {text = "stone"}\nthen = "tie"  # hard\n')
    text.press("Control+Enter")
    wanted = len(c.select({"when": {"text": "stone"}, "then": "tie"}))
    page.get_by_text(f"Selects {wanted} of").wait_for()
    button(page, "Preview").click()
    page.get_by_role("heading", name="What it would change").wait_for()
    page.get_by_role("heading", name="Before and after").wait_for()
    assert "# hard" in text.input_value()


def test_curate_opens_empty_from_the_bar(tab: Tab) -> None:
    page = tab("overview")
    page.get_by_role("link", name="Curate", exact=True).click()
    page.get_by_label("Pairs that have").wait_for()
    assert button(page, "Apply").count() == 0
    assert "rule=" not in page.url


@pytest.mark.parametrize("width", [1280, 800])
def test_the_toolbar_covers_no_control(tab: Tab, width: int) -> None:
    page = tab("explore", width=width)
    page.get_by_text("displayed of").wait_for()
    page.get_by_role("combobox", name="Run").click()  # work at the server shows the whole toolbar
    lowest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('.stAppHeader button')]"
        ".map(e => e.getBoundingClientRect().bottom), 32)"
    )
    highest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.stMainBlockContainer')]"
        ".flatMap(m => [...m.querySelectorAll('a, button, input')])"
        ".map(e => e.getBoundingClientRect()).filter(r => r.height > 0).map(r => r.top))"
    )
    assert lowest <= highest


def test_what_is_downloaded_is_what_the_library_writes(
    tab: Tab, c: Curation, tmp_path: Path
) -> None:
    c.edit(c.pairs["pair_id"].to_list()[:5], "flip", why="five")
    page = tab("export", target="native")
    button(page, "Make the file").click()
    with page.expect_download() as waiting:
        button(page, "toy-native.jsonl").click()
    theirs = c.export("native", tmp_path / "toy-native.jsonl")
    assert Path(waiting.value.path()).read_bytes() == theirs.path.read_bytes()
    with page.expect_download() as waiting:
        button(page, "Card .md").click()
    assert Path(waiting.value.path()).read_text("utf-8") == theirs.cards[0].read_text("utf-8")
    with page.expect_download() as waiting:
        button(page, "Download the report").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"<!doctype html>")


def test_two_sessions_see_each_others_edits(tab: Tab, c: Curation) -> None:
    queue = c.suspects()["pair_id"].to_list()
    one, two = tab("review"), tab("review")
    past = tab("curate", tab="History")
    past.get_by_text("pairs are not as the source has them").wait_for()
    for page in (one, two):
        page.get_by_text(queue[0]).wait_for()
        hearing(page)
    one.keyboard.press("f")
    two.get_by_text(queue[1]).wait_for()  # without a key pressed there
    two.keyboard.press("d")
    one.get_by_text(queue[2]).wait_for()
    reviewed(one, 2)
    past.get_by_text("2 pairs are not as the source has them").wait_for()
    assert set(c.decisions) == set(queue[:2])


def test_a_pair_is_found_opened_and_a_box_of_the_map_filters(tab: Tab, c: Curation) -> None:
    page = tab("explore", map="true")
    page.get_by_text("filtered pairs are drawn").wait_for()
    chart = page.locator("[data-testid=stVegaLiteChart]").first
    chart.scroll_into_view_if_needed()
    chart.locator("canvas, svg").first.wait_for()
    place = chart.bounding_box()
    x, y = place["x"] + place["width"] * 0.3, place["y"] + place["height"] * 0.35
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 260, y + 140, steps=6)
    page.mouse.up()
    page.wait_for_url("**box=**")
    button(page, "Whole map").click()
    page.wait_for_url(lambda url: "box=" not in url)
    row = c.pairs.row(3, named=True)
    page = tab("explore", pair=row["pair_id"], width=800)
    page.get_by_role("heading", name="The model's reasons").wait_for()
    over = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not over


def test_marks_of_a_search_are_its_hits(tab: Tab, c: Curation) -> None:
    found = c.select({"when": {"text": "water", "within": "responses"}, "then": "drop"})
    page = tab("explore", find="water", where="in a response", pair=found["pair_id"][0])
    page.locator("article.pair mark").first.wait_for()
    marks = page.locator("article.pair mark").all_inner_texts()
    assert marks
    assert {mark.casefold() for mark in marks} == {"water"}


def test_a_finding_opens_its_pairs_and_its_mend_with_a_preview(tab: Tab, c: Curation) -> None:
    ties = c.run.table("health_pairs.parquet").filter(pl.col("item") == "ties").height
    page = tab("curate")
    page.get_by_role("link", name="Drop ties").click()
    page.get_by_text(f"Selects {ties} of").wait_for()
    assert button(page, "Apply").is_disabled()
    button(page, "Preview").click()
    page.get_by_role("heading", name="What it would change").wait_for()
    page.get_by_role("link", name="Look at them").click()
    page.get_by_text(f"of {ties} filtered").wait_for()
    assert c.changed.is_empty()


def test_a_second_tab_decides_nothing_of_a_pair_it_does_not_show(tab: Tab, c: Curation) -> None:
    queue = c.suspects()["pair_id"].to_list()
    one = tab("review")
    one.get_by_text(queue[0]).wait_for()
    hearing(one)
    c.dismiss(queue[0])  # in another tab; this one still shows the pair
    one.keyboard.press("f")
    one.get_by_text(queue[1]).wait_for()
    reviewed(one, 1)
    assert c.decisions == {queue[0]: "dismissed"}
    assert c.changed.is_empty()
