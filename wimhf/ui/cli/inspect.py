"""wimhf inspect: what a source is, and what is wrong with it, without any model."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from wimhf.ui.cli.options import FORMAT, LABEL, LIMIT, MAP, SOURCES, named_columns

PREVIEW = 3
CELL = 60
MARKS = {"ok": ("ok", "green"), "note": ("note", "cyan"), "warning": ("warn", "yellow"),
         "serious": ("BAD", "bold red")}  # fmt: skip


def inspect(
    sources: SOURCES,
    format: FORMAT = None,
    columns: MAP = None,
    limit: LIMIT = None,
    label: LABEL = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what is in order too, not only what is not.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Say what a source is, which side its label favours, and what is wrong with it."""
    from wimhf.pipeline import inspect as look
    from wimhf.ui.cli.console import Watcher

    given = {"format": format, "columns": named_columns(columns), "limit": limit, "label": label}
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with Watcher(quiet=quiet) as watcher:
        found = look(sources, watcher, **settings)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    show(found, everything=everything)


def show(found: Any, *, everything: bool) -> None:
    """Print what a source is."""
    from rich.console import Console
    from rich.text import Text

    console, source = Console(), found.source
    rows = f"{len(found.pairs):,} pairs from {source.n_rows:,} rows"
    kinds = f"format {source.format}, {source.container}"
    console.print(Text(f"{rows} ({kinds})", style="bold"), soft_wrap=True)
    console.print(Text(source.polarity), soft_wrap=True)
    if len(source.parts) > 1:
        parts = ", ".join(source.parts)
        console.print(Text(f"{len(source.parts)} parts: {parts}"[:400], style="dim"))
    _preview(found.pairs, console)
    hidden = 0
    for name, items in found.health.groups.items():
        shown = [item for item in items if everything or item.severity != "ok"]
        hidden += len(items) - len(shown)
        if shown:
            console.print(Text(f"\n{name}", style="bold"))
        for item in shown:
            mark, style = MARKS[item.severity]
            line = Text.assemble((f" {mark:<5}", style), (f"{item.title}: ", "bold"), item.said)
            console.print(line, soft_wrap=True)
            if item.advice:
                console.print(Text(f"       {item.advice}", style="dim"), soft_wrap=True)
    if hidden:
        console.print(Text(f"\n{hidden} checks found nothing (--all shows them)", style="dim"))


def _preview(pairs: Any, console: Any) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    for name in ("prompt", "response_a", "response_b"):
        table.add_column(name, overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("label", justify="right", min_width=5)
    for row in pairs.head(PREVIEW).iter_rows(named=True):
        cells = [" ".join(row[name].split()) for name in ("prompt", "response_a", "response_b")]
        short = [Text(cell if len(cell) <= CELL else cell[: CELL - 1] + "…") for cell in cells]
        table.add_row(*short, "-" if row["label"] is None else f"{row['label']:g}")
    console.print()
    console.print(table)
