"""wimhf analyze: the whole job on a source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wimhf.ui.cli.options import (
    BASE_URL,
    FORMAT,
    LABEL,
    LIMIT,
    LLM,
    MAP,
    MAX_CALLS,
    MAX_COST,
    PRICES,
    SOURCES,
    YES,
    confirming,
    llm_settings,
    named_columns,
)

Option = typer.Option


def analyze(
    sources: SOURCES,
    output: Annotated[
        Path | None, Option("--output", "-o", help="Run folder [runs/<name of the source>].")
    ] = None,
    config: Annotated[
        Path | None, Option("--config", help="Settings in TOML, one table per stage.")
    ] = None,
    format: FORMAT = None,
    columns: MAP = None,
    limit: LIMIT = None,
    label: LABEL = None,
    encoder: Annotated[
        str | None,
        Option(
            "--encoder",
            help="minilm, fast, a sentence-transformers id or folder, openai:MODEL [auto].",
        ),
    ] = None,
    embeddings: Annotated[
        Path | None, Option("--embeddings", help="Your own vectors: .npy by row or .parquet.")
    ] = None,
    template: Annotated[
        str | None,
        Option("--template", help="Text to embed, e.g. 'User: {prompt} Assistant: {response}'."),
    ] = None,
    max_tokens: Annotated[
        int | None, Option("--max-tokens", help="Cut texts here [the encoder's own limit].")
    ] = None,
    features: Annotated[
        int | None, Option("--features", help="Features in the dictionary [by size].")
    ] = None,
    k: Annotated[
        int | None, Option("--k", help="Mean active features in a pair [by size].")
    ] = None,
    prefixes: Annotated[
        str | None, Option("--prefixes", help="Matryoshka prefixes, e.g. 8,16 [none].")
    ] = None,
    control: Annotated[
        list[str] | None,
        Option("--control", help="Held constant: length, style, a numeric column [length]."),
    ] = None,
    no_control: Annotated[bool, Option("--no-control", help="Hold nothing constant.")] = False,
    score_column: Annotated[
        str | None,
        Option("--score-column", help="Scores in the source as a baseline: NAME or FIRST:SECOND."),
    ] = None,
    reward_model: Annotated[
        str | None,
        Option("--reward-model", help="A transformers reward model (hub id or folder) to compare."),
    ] = None,
    by: Annotated[
        str | None,
        Option("--by", help="Compare subsets: a column, prompts (clusters), none [auto]."),
    ] = None,
    llm: LLM = None,
    base_url: BASE_URL = None,
    max_calls: MAX_CALLS = None,
    max_cost: MAX_COST = None,
    prices: PRICES = None,
    yes: YES = False,
    device: Annotated[str | None, Option("--device", help="cpu, cuda or mps [auto].")] = None,
    seed: Annotated[int | None, Option("--seed", help="Seed of everything random [0].")] = None,
    report: Annotated[
        Path | None, Option("--report", help="HTML report [report.html in the run folder].")
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Print everything found as JSON.")] = False,
    quiet: Annotated[bool, Option("--quiet", "-q", help="No progress, only warnings.")] = False,
) -> None:
    """Read pairs, learn how responses differ, and say what the labels reward."""
    settings: dict[str, dict[str, Any]] = {
        "read": {
            "format": format, "columns": named_columns(columns), "limit": limit, "label": label,
        },
        "embed": {
            "encoder": encoder,
            "embeddings": None if embeddings is None else str(embeddings),
            "template": template,
            "max_tokens": max_tokens,
            "device": device,
        },
        "dictionary": {
            "features": features, "k": k, "prefixes": _numbers(prefixes), "device": device
        },
        "llm": llm_settings(llm, base_url, max_calls, max_cost, prices),
        "reward": {"model": reward_model, "device": device},
        "subsets": {"by": by},
        "preference": {
            "controls": [] if no_control else control or None,
            "score_column": score_column,
        },
    }  # fmt: skip
    given = {
        stage: {name: value for name, value in values.items() if value is not None}
        for stage, values in settings.items()
    }
    whole = given if seed is None else {**given, "seed": seed}
    work(
        sources, output, config, whole, report, as_json=as_json, quiet=quiet,
        confirm=confirming(yes),
    )  # fmt: skip


def work(
    sources: list[str],
    output: Path | None,
    config: Path | None,
    settings: dict[str, Any],
    report: Path | None,
    *,
    as_json: bool,
    quiet: bool,
    confirm: Callable[[str], bool] = lambda question: False,
) -> Any:
    """Analyze, write the report, print the findings; return the run."""
    from wimhf.base import Config
    from wimhf.ui.cli.console import Watcher

    base = Config.from_toml(config) if config is not None else Config()
    with Watcher(quiet=quiet) as watcher:
        watcher_notice(watcher, quiet)
        from wimhf.pipeline import analyze as run_analysis
        from wimhf.ui.report import render_report, write_report

        run = run_analysis(sources, output, base, progress=watcher, confirm=confirm, **settings)
        if report is None:
            path = run.path / run.folder.write_text("report.html", render_report(run))
        else:
            path = write_report(run, report)
    from rich.console import Console

    from wimhf.ui.cli.analyze_shown import as_json as to_json
    from wimhf.ui.cli.analyze_shown import print_findings

    if as_json:
        typer.echo(to_json(run))
        return run
    console = Console()
    print_findings(run, console)
    console.print(f"\nReport: {path}\nRun:    {run.path}", highlight=False, soft_wrap=True)
    return run


def watcher_notice(watcher: Any, quiet: bool) -> None:
    """Say that something is happening while the libraries load, which takes seconds."""
    from wimhf.base import Event

    if not quiet:
        watcher(Event("start", message="loading torch and polars"))


def _numbers(text: str | None) -> list[int] | None:
    from wimhf.errors import ConfigError

    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"--prefixes {text!r} is not understood; write e.g. 8,16") from None
