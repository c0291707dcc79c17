"""wimhf inspect: what a source is, and what is wrong with it, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.options import JSON, QUIET, SOURCES, Settings, with_settings

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from wimhf.pipeline import Inspection
PREVIEW = 3
CELL = 60
MARKS = {"ok": ("ok", "green"), "note": ("note", "cyan"), "warning": ("warn", "yellow"),
         "serious": ("BAD", "bold red")}  # fmt: skip


@with_settings("read")
def inspect(
    sources: SOURCES,
    settings: Settings,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what is in order too, not only what is not.")
    ] = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Say what a source is, which side its label favours, and what is wrong with it."""
    from wimhf.pipeline import inspect as inspection_of
    from wimhf.ui.cli.console import Watcher, print_json

    with Watcher(quiet=quiet) as watcher:
        inspection = inspection_of(sources, watcher, **settings.get("read", {}))
    if as_json:
        print_json(inspection.to_dict())
    else:
        print_inspection(inspection, everything=everything)


def print_inspection(inspection: Inspection, *, everything: bool) -> None:
    """Print what a source is."""
    from rich.console import Console
    from rich.text import Text

    console, source = Console(), inspection.source
    rows = f"{len(inspection.pairs):,} pairs from {source.n_rows:,} rows"
    kinds = f"format {source.format}, {source.container}"
    console.print(Text(f"{rows} ({kinds})", style="bold"), soft_wrap=True)
    console.print(Text(source.polarity), soft_wrap=True)
    if len(source.parts) > 1:
        parts = ", ".join(source.parts)
        console.print(Text(f"{len(source.parts)} parts: {parts}"[:400], style="dim"))
    _preview(inspection.pairs, console)
    hidden = 0
    for name, items in inspection.health.groups.items():
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


def _preview(pairs: pl.DataFrame, console: Console) -> None:
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
