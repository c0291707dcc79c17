"""The app in a real browser: upload, watch, open, reload, cancel; hostile files; both themes."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wimhf
from tests.app_run import HOSTILE, make_run
from tests.conftest import SHARED, toy_rows
from tests.e2e.conftest import Serving

pytest.importorskip("streamlit", reason="the app is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.e2e
DEMO = Path(__file__).resolve().parents[2] / "data" / "demo.jsonl.gz"
HH = SHARED / "hh_rlhf_harmless_test.jsonl.gz"
PATIENCE = 60_000


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runs folder with one run of hostile texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "toy")
    return folder


@pytest.fixture(scope="module")
def site(runs: Path, serving: Serving) -> Iterator[str]:
    """Serve the app as `wimhf app` does; return its address."""
    with serving(runs) as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    """Open a tab that must neither leave the machine nor run what the data hold."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("dialog", lambda dialog: (trouble.append("a dialog opened"), dialog.dismiss()))
    tab.on(
        "request",
        lambda r: None if r.url.startswith((site, "data:", "blob:")) else trouble.append(r.url),
    )
    tab.set_default_timeout(PATIENCE)
    tab.goto(site)
    yield tab
    assert tab.title() != "owned"
    assert trouble == []
    context.close()


def settled(tab: Any) -> None:
    """Wait until the page has stopped working."""
    tab.wait_for_selector(".stMainBlockContainer")
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")


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


def part_of_demo(count: int) -> bytes:
    """Return some rows of the demo file, packed as it is."""
    with gzip.open(DEMO) as stream:
        return gzip.compress(b"".join(line for line, _ in zip(stream, range(count), strict=False)))


def begin(tab: Any, name: str, **advanced: int) -> None:
    """Agree to the labels, name the run and start it."""
    tab.get_by_text("Yes, that is how the labels are meant").click()
    settled(tab)
    box = tab.get_by_label("Name of the run")
    box.fill(name)
    box.press("Enter")
    if advanced:
        tab.get_by_text("Advanced settings").click()
        for label, value in advanced.items():
            field = tab.get_by_label(label.replace("_", " "))
            field.fill(str(value))
            field.press("Enter")
            settled(tab)
    tab.get_by_role("button", name="Start", exact=False).last.click()
    tab.get_by_text(f"Analyzing {name}").wait_for()


def test_a_file_is_uploaded_watched_through_a_reload_and_its_features_opened(
    page: Any, site: str, runs: Path
) -> None:
    upload(page, "part.jsonl.gz", part_of_demo(900))
    page.get_by_text("900 pairs", exact=True).wait_for()
    assert "source=" in page.url
    begin(page, "part")
    page.get_by_text("reading pairs").first.wait_for()
    page.reload()
    page.get_by_text("Analyzing part").wait_for()
    page.get_by_text("is analyzed, in").wait_for(timeout=4 * PATIENCE)
    page.get_by_test_id("stBaseButton-primary").click()
    page.get_by_role("heading", name="What the labels reward").wait_for()
    assert "overview?run=part" in page.url
    page.get_by_role("heading", name="Effects").scroll_into_view_if_needed()
    chart = page.locator("[data-testid=stVegaLiteChart]:visible").first
    chart.scroll_into_view_if_needed()
    settled(page)
    box = chart.bounding_box()
    open_feature(page, chart, {"x": box["width"] * 0.7, "y": 60})
    page.locator("article.pair").first.wait_for()


@pytest.mark.skipif(not HH.exists(), reason=f"{HH} is not there")
def test_real_data_are_uploaded_recognised_and_analyzed(page: Any, runs: Path) -> None:
    upload(page, HH.name, HH.read_bytes())
    page.get_by_text("Read as hh").first.wait_for()
    page.get_by_text("Which side does the label favour?").first.wait_for()
    begin(page, "hh", Rows_to_read_at_most=300, Features_in_the_dictionary=8)
    page.get_by_text("reading pairs").first.wait_for()
    page.get_by_text("is analyzed, in").wait_for(timeout=3 * PATIENCE)
    assert wimhf.open_run(runs / "hh").n_discovered == 8


def test_a_running_analysis_is_cancelled_and_goes_on(page: Any, runs: Path) -> None:
    rows = b"".join(json.dumps(row).encode() + b"\n" for row in toy_rows(1500))
    upload(page, "long.jsonl", rows)
    page.get_by_text("1,500 pairs", exact=True).wait_for()
    begin(page, "long", Features_in_the_dictionary=64)
    page.get_by_text("learning how responses differ").first.wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("was cancelled; what was finished is kept").wait_for()
    page.get_by_role("button", name="Go on with it").click()
    page.get_by_text("Analyzing long").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("was cancelled").wait_for()
    page.get_by_role("button", name="Dismiss").first.click()
    page.get_by_text("was cancelled").wait_for(state="detached")


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
    other = browser.new_context().new_page()
    other.goto(page.url)
    other.get_by_text(counted).wait_for(timeout=PATIENCE)
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
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    tab = context.new_page()
    for path in ("", "overview?run=toy", "features?run=toy", "feature?run=toy&feature=1"):
        tab.goto(site + path)
        tab.locator(".stMainBlockContainer h1").wait_for(timeout=PATIENCE)
        settled(tab)
        wide = "[...document.querySelectorAll('html, .stMain')].map(e => e.scrollWidth)"
        assert max(tab.evaluate(wide)) <= width, path
        ground = tab.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
        level = sum(int(part) for part in ground.strip("rgba()").split(",")[:3]) / 3
        assert (level < 90) == (scheme == "dark"), path
    context.close()
