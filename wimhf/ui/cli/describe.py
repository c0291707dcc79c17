"""wimhf describe: name a run's features again, with or without a language model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from wimhf.ui.cli.options import (
    BASE_URL,
    LLM,
    MAX_CALLS,
    MAX_COST,
    PRICES,
    SCORE,
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
    score: SCORE = None,
    yes: YES = False,
    tried: Annotated[
        Path | None,
        typer.Option(
            "--try",
            help="Show which features see a pair: JSON with prompt, response_a, "
            "response_b. Nothing is described again.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Name a run's features again: offline, or with a language model that has to prove itself."""
    from rich.console import Console

    from wimhf.ui.cli.analyze import watcher_notice
    from wimhf.ui.cli.analyze_shown import as_json as to_json
    from wimhf.ui.cli.analyze_shown import print_descriptions
    from wimhf.ui.cli.console import Watcher

    if tried is not None:
        show_tried(run, tried, as_json=as_json)
        return
    settings: dict[str, Any] = llm_settings(llm, base_url, max_calls, max_cost, prices, score)
    with Watcher(quiet=quiet) as watcher:
        watcher_notice(watcher, quiet)
        from wimhf.pipeline import describe_run
        from wimhf.ui.report import render_report

        done = describe_run(
            run, progress=watcher, confirm=confirming(yes), llm={"model": None} | settings
        )
        done.folder.write_text("report.html", render_report(done))
    if as_json:
        typer.echo(to_json(done))
        return
    print_descriptions(done, Console())


def show_tried(run: Path, file: Path, *, as_json: bool) -> None:
    """Print which of a run's features see a pair."""
    import json

    from rich.console import Console
    from rich.text import Text

    from wimhf.errors import InputError
    from wimhf.run import open_run, try_pair

    try:
        pair = json.loads(file.read_text(encoding="utf-8"))
        texts = [pair.get("prompt") or "", pair["response_a"], pair["response_b"]]
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        texts = [None]
    if not all(isinstance(text, str) for text in texts):
        raise InputError(
            f'{file} is no pair; write {{"prompt": ..., "response_a": ..., "response_b": ...}}'
        )
    found = try_pair(open_run(run), *texts)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    console = Console()
    for row in found.features.iter_rows(named=True):
        name = row["description"] or f"feature {row['feature']}"
        line = f" {row['more_side']} {name} (more than {row['percentile']:.0f} % of its pairs)"
        style = "" if row["understood"] else "dim"
        console.print(Text(f"{line}: {'; '.join(row['because']) or '-'}", style=style))
    if found.features.is_empty():
        console.print("No feature tells these two apart.")
