"""A file is uploaded in a real browser and watched: through a reload, cancelled, gone on with."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import wimhf
from tests.conftest import SHARED, toy_rows
from tests.e2e.tabs import PATIENCE, open_feature, settled, upload

pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e
DEMO = Path(__file__).resolve().parents[2] / "data" / "demo.jsonl.gz"
HH = SHARED / "hh_rlhf_harmless_test.jsonl.gz"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty runs folder."""
    folder = tmp_path_factory.mktemp("app") / "runs"
    folder.mkdir()
    return folder


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
