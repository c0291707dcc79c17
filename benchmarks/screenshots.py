"""Photograph every page of the app, light and dark, and the top of ``demo.html`` beside them.

    python benchmarks/screenshots.py runs/demo [-o reports/screenshots]

RUN is copied first: what is done for a picture is done to the copy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))

from playwright.sync_api import sync_playwright

import wimhf
from app import served
from tests.e2e.tabs import launched, settled

WIDTH, HEIGHT, TALL = 1280, 900, 1900


def views(run: wimhf.Run) -> dict[str, str]:
    """Return the address behind the site, per picture."""
    known = run.features.filter("understood").sort("q", nulls_last=True)
    strongest = known["feature"][0]
    rule = quote(f'{{"when": {{"feature": {strongest}, "rewarded": false}}, "then": "flip"}}')
    name = f"run={run.path.name}"
    groups = quote("Groups of this run")
    return {
        "start": "?source=demo",
        "overview": f"overview?{name}",
        "features": f"features?{name}",
        "feature": f"feature?{name}&feature={strongest}",
        "explore": f"explore?{name}&map=true",
        "review": f"review?{name}",
        "curate": f"curate?{name}&rule={rule}",
        "history": f"curate?{name}&tab=History",
        "audit": f"audit?{name}",
        "concepts": f"concepts?{name}",
        "check": f"check?{name}&concept=apologises",
        "annotators": f"annotators?{name}",
        "compare": f"compare?{name}&against={groups}&by=subset",
        "add": f"add?{name}",
        "export": f"export?{name}",
    }


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("reports/screenshots"))
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        copy = Path(shutil.copytree(given.run, Path(folder) / given.run.name))
        curation = wimhf.open_curation(copy, "kim")
        curation.apply({"when": {"text": "as an AI"}, "then": {"weight": 0.5}}, "counts half")
        curation.accept(curation.suspects()["pair_id"][0])
        browser = launched(playwright)
        with served(copy) as (address, _):
            for theme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=theme
                )
                tab = context.new_page()
                tab.set_default_timeout(60_000)
                for name, path in views(curation.run).items():
                    tab.set_viewport_size({"width": WIDTH, "height": HEIGHT})
                    tab.goto(address + path)
                    tab.locator(".stMainBlockContainer h1").first.wait_for()
                    settled(tab)
                    if name == "curate":
                        tab.get_by_role("button", name="Preview").click()
                        tab.get_by_text("Before and after").first.wait_for()
                    settled(tab)
                    tall = TALL if name in ("curate", "overview", "feature") else HEIGHT
                    tab.set_viewport_size({"width": WIDTH, "height": tall})
                    tab.wait_for_timeout(500)
                    tab.screenshot(path=given.output / f"{name}-{theme}.png")
                context.close()
        top = browser.new_page(viewport={"width": 1200, "height": 1250})
        report = given.output.parent / "demo.html"
        if report.is_file():
            top.goto(report.resolve().as_uri())
            top.screenshot(path=report.with_suffix(".png"))
        browser.close()


if __name__ == "__main__":
    main()
