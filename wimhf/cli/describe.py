"""wimhf describe: name a run's features again, with or without a language model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from wimhf.cli.options import (
    BASE_URL,
    LLM,
    MAX_CALLS,
    MAX_COST,
    PRICES,
    YES,
    confirming,
    llm_settings,
)


def describe(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    llm: LLM = None,
    base_url: BASE_URL = None,
    max_calls: MAX_CALLS = None,
    max_cost: MAX_COST = None,
    prices: PRICES = None,
    yes: YES = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Name a run's features again: offline, or with a language model that has to prove itself."""
    from rich.console import Console

    from wimhf.cli.analyze import watcher_notice
    from wimhf.cli.console import Watcher
    from wimhf.cli.show import as_json as to_json
    from wimhf.cli.show import print_descriptions

    settings: dict[str, Any] = llm_settings(llm, base_url, max_calls, max_cost, prices)
    with Watcher(quiet=quiet) as watcher:
        watcher_notice(watcher, quiet)
        from wimhf.pipeline import describe_run
        from wimhf.report import render_report

        done = describe_run(
            run, progress=watcher, confirm=confirming(yes), llm={"model": None} | settings
        )
        done.write_text("report.html", render_report(done))
    if as_json:
        typer.echo(to_json(done))
        return
    print_descriptions(done, Console())
