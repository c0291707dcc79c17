"""Accessibility: axe-core finds nothing serious on any page, in either theme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app_run import make_run
from tests.e2e.conftest import Serving
from tests.e2e.tabs import new_tab, settled

pytest.importorskip("streamlit", reason="the app is not installed")
pytestmark = pytest.mark.e2e
axe_core = pytest.importorskip("axe_playwright_python", reason="no axe-core is installed")
AXE = Path(axe_core.__file__).with_name("axe.min.js")
SERIOUS = ("serious", "critical")
PAGES = (
    "", "overview?run=toy", "audit?run=toy", "features?run=toy", "feature?run=toy&feature=1",
    "concepts?run=toy", "add?run=toy", "annotators?run=toy", "compare?run=toy",
    "explore?run=toy", "review?run=toy", "curate?run=toy", "export?run=toy",
)  # fmt: skip
NOT_OURS = (
    "canvas",
    "stDataFrame",
    "data-grid-canvas",
    "vega-embed",
    "marks",
    "stBaseButton-header",
)
"""Parts that Streamlit's table and Vega draw themselves, with hidden tables of their own."""
RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  const off = n => document.querySelector(n.target[0])?.closest('.stElementContainer')
    ?.querySelector('[disabled], [aria-disabled="true"]');
  return found.violations.flatMap(v => v.nodes
    .filter(n => v.id !== 'color-contrast' || !off(n))  // what is switched off may be faint
    .map(n => ({id: v.id, impact: n.impact || v.impact, html: n.html.slice(0, 220),
                at: n.target.join(' ')})));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIMHF_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("app") / "runs"
        make_run(folder, "toy")
    with serving(folder) as address:
        yield address


def serious(tab: Any, page: str) -> set[str]:
    """Return the serious faults of what we draw on a page, and where they are."""
    settled(tab)
    return {
        f"{page} {one['id']} at {one['at']}"
        for one in tab.evaluate(RUN)
        if one["impact"] in SERIOUS
        and not any(name in one["html"] or name in one["at"] for name in NOT_OURS)
    }


def lasting(tab: Any, page: str) -> set[str]:
    """Return the serious faults that stay: what is drawn anew meanwhile is faint for a moment."""
    found = serious(tab, page)
    for _ in range(3):
        if found:
            found &= serious(tab, page)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_for_people_who_cannot_see_well_or_use_a_mouse(
    browser: Any, site: str, scheme: str
) -> None:
    tab = new_tab(browser, color_scheme=scheme)
    faults: set[str] = set()
    for path in PAGES:
        tab.goto(site + path)
        tab.locator(".stMainBlockContainer h1").first.wait_for()
        tab.add_script_tag(path=str(AXE))
        faults |= lasting(tab, path or "start")
    tab.context.close()
    assert not faults, "\n".join(sorted(faults))
