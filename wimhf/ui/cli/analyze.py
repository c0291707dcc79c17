"""wimhf analyze: the whole job on a source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.options import (
    JSON,
    QUIET,
    SOURCES,
    YES,
    Settings,
    confirming,
    with_settings,
)

if TYPE_CHECKING:
    from wimhf.run import Run
Option = typer.Option


@with_settings()
def analyze(
    sources: SOURCES,
    settings: Settings,
    output: Annotated[
        Path | None, Option("--output", "-o", help="Run folder [runs/<name of the source>].")
    ] = None,
    config: Annotated[
        Path | None, Option("--config", help="Settings in TOML, one table per stage.")
    ] = None,
    preset: Annotated[
        str | None, Option("--preset", help="Settings together: offline, paper, strong or gpu.")
    ] = None,
    no_control: Annotated[bool, Option("--no-control", help="Hold nothing fixed.")] = False,
    no_bank: Annotated[
        bool, Option("--no-bank", help="Count your own concepts only, not the packaged ones.")
    ] = False,
    report: Annotated[
        Path | None, Option("--report", help="HTML report [report.html in the run folder].")
    ] = None,
    yes: YES = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Read pairs, learn how responses differ, and say what the labels reward."""
    if no_control:
        settings.setdefault("preference", {})["controls"] = []
    if no_bank:
        settings.setdefault("describe", {})["bank"] = False
    work(
        sources, output, config, settings, report, as_json=as_json, quiet=quiet,
        confirm=confirming(yes), preset=preset,
    )  # fmt: skip


def work(
    sources: list[str],
    output: Path | None,
    config: Path | None,
    settings: Settings,
    report: Path | None,
    *,
    as_json: bool,
    quiet: bool,
    confirm: Callable[[str], bool] = lambda question: False,
    preset: str | None = None,
) -> Run:
    """Analyze, write the report, print the findings; return the run."""
    from wimhf.base import Config
    from wimhf.ui.cli.console import Watcher, print_json, say

    base = Config.from_toml(config) if config is not None else Config()
    with Watcher(quiet=quiet) as watcher:
        watcher.loading()
        from wimhf.pipeline import analyze as run_analysis
        from wimhf.ui.report import render_report, write_report

        run = run_analysis(
            sources, output, base, progress=watcher, confirm=confirm, preset=preset, **settings
        )
        if report is None:
            path = run.path / run.folder.write_text("report.html", render_report(run))
        else:
            path = write_report(run, report)
    from wimhf.ui.cli.analyze_shown import findings_of, print_findings

    if as_json:
        print_json(findings_of(run))
        return run
    print_findings(run)
    say(f"\nReport: {path}\nRun:    {run.path}")
    return run
