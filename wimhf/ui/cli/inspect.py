"""wimhf inspect: what a source is, and what is wrong with it, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.audit import FAILED
from wimhf.ui.cli.console import put
from wimhf.ui.cli.options import JSON, QUIET, SOURCES, Settings, with_settings

if TYPE_CHECKING:
    import polars as pl

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
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="ITEM,…",
            help="End with exit code 3 where one of these checks is serious, or any of them: any.",
            show_default=False,
        ),
    ] = None,
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
    failed = _failures(inspection, fail_on) if fail_on else []
    for title in failed:
        put(f"wimhf: --fail-on: {title} is serious", err=True)
    if failed:
        raise typer.Exit(FAILED)


def _failures(inspection: Inspection, wanted: str) -> list[str]:
    """Return the titles of the serious checks among those named."""
    from wimhf.errors import ConfigError

    items = [item for items in inspection.health.groups.values() for item in items]
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    unknown = sorted(set(names) - {item.id for item in items} - {"any"})
    if unknown:
        raise ConfigError(
            f"--fail-on has no check {', '.join(unknown)}; there are "
            f"{', '.join(sorted(item.id for item in items))}, and any"
        )
    chosen = [item for item in items if "any" in names or item.id in names]
    return [item.title for item in chosen if item.severity == "serious"]


def print_inspection(inspection: Inspection, *, everything: bool) -> None:
    """Print what a source is."""
    from rich.text import Text

    from wimhf.ui.cli.console import say
    from wimhf.ui.words.mends import terminal_mend

    source = inspection.source
    rows = f"{len(inspection.pairs):,} pairs from {source.n_read:,} rows"
    if source.n_rows != source.n_read:
        rows += f", which make {source.n_rows:,} of the format"
    say(f"{rows} (format {source.format}, {source.container})", "bold")
    say(source.polarity)
    if len(source.parts) > 1:
        say(f"{len(source.parts)} parts: {', '.join(source.parts)}"[:400], "dim")
    _print_first(inspection.pairs)
    hidden = 0
    for name, items in inspection.health.groups.items():
        shown = [item for item in items if everything or item.severity != "ok"]
        hidden += len(items) - len(shown)
        if shown:
            say(f"\n{name}", "bold")
        for item in shown:
            mark, style = MARKS[item.severity]
            say(Text.assemble((f" {mark:<5}", style), (f"{item.title}: ", "bold"), item.said))
            if item.advice:
                say(f"       {terminal_mend(item.advice, item.setting)}", "dim")
    if hidden:
        say(f"\n{hidden} checks found nothing (--all shows them)", "dim")


def _print_first(pairs: pl.DataFrame) -> None:
    from rich.table import Table
    from rich.text import Text

    from wimhf.ui.cli.console import terminal

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    sides = ("prompt", "response_a", "response_b")
    for name in sides:
        table.add_column(name, overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("label", justify="right", min_width=5)
    for row in pairs.head(PREVIEW).iter_rows(named=True):
        cells = [" ".join(row[name].split()) for name in sides]
        short = [Text(cell if len(cell) <= CELL else cell[: CELL - 1] + "…") for cell in cells]
        table.add_row(*short, "-" if row["label"] is None else f"{row['label']:g}")
    terminal().print("", table, sep="\n")
