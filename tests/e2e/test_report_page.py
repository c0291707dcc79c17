"""The report in a real browser: no network, no errors, light and dark, desktop and phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import toy_rows, write_rows

pytestmark = pytest.mark.e2e
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def report(analyze_toy: Callable[..., Any], tmp_path: Path) -> Path:
    """Write the report of toy data in which one response attacks the page."""
    from wimhf.ui.report import write_report

    rows = toy_rows(200)
    for row in rows[:40]:
        row["response_a"] += f" {HOSTILE} שלום 😀"
    run = analyze_toy(write_rows(tmp_path / "rows.jsonl", rows))
    return write_report(run, tmp_path / "report.html")


def open_page(browser: Any, path: Path, **context: Any) -> tuple[Any, list[str]]:
    """Open a file; return the page and what went wrong or left the machine."""
    page = browser.new_context(**context).new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith("file:") else trouble.append(r.url))
    page.goto(path.as_uri())
    return page, trouble


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_report_shows_without_errors_or_network(
    browser: Any, report: Path, scheme: str, width: int
) -> None:
    page, trouble = open_page(
        browser, report, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    assert page.locator("h1").inner_text() == "What’s in this feedback?"
    assert page.title() != "owned"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    level = sum(int(part) for part in background.strip("rgba()").split(",")[:3]) / 3
    assert (level < 90) == (scheme == "dark")
    assert trouble == []


def test_every_link_of_the_report_leads_somewhere_and_examples_open(
    browser: Any, report: Path
) -> None:
    page, trouble = open_page(browser, report)
    targets = page.eval_on_selector_all("a[href^='#']", "all => all.map(a => a.hash.slice(1))")
    assert targets
    assert all(page.locator(f"[id='{target}']").count() == 1 for target in set(targets))
    page.locator("a:has-text('Examples')").last.click()
    assert page.locator("details[open] mark").count() > 0
    assert trouble == []


def test_report_reads_without_javascript(browser: Any, report: Path) -> None:
    page, _ = open_page(browser, report, java_script_enabled=False)
    assert page.locator("table").first.is_visible()
    assert page.locator("details").first.is_visible()
