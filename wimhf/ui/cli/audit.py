"""``wimhf audit``: the table of concerns that somebody signs before training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.console import put

if TYPE_CHECKING:
    from wimhf.run import Run

WIDTH = 120
FAILED = 3
"""Exit code where a concern is as ``--fail-on`` says it must not be."""


def audit(
    run: Annotated[Path, typer.Argument(help="A finished run.", show_default=False)],
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="VERDICT:CONCERN,…",
            help="End with exit code 3 where one holds, e.g. rewarded:is_longer or rewarded:any.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what the labels do with every concern: rewarded, penalised, or no evidence."""
    import wimhf
    from wimhf.ui.cli.console import print_json
    from wimhf.ui.words.audit import failures

    opened = wimhf.open_run(run)
    rows = opened.audit
    failed = failures(rows, fail_on) if fail_on else []
    if as_json:
        print_json({"audit": rows, "failed": [row["concept"] for row in failed]})
    else:
        _print(opened)
    for row in failed:
        put(f"wimhf: --fail-on: {row['title']} is {row['verdict']}", err=True)
    if failed:
        raise typer.Exit(FAILED)


def _print(opened: Run) -> None:
    from rich.table import Table

    from wimhf.ui.cli.console import say, terminal
    from wimhf.ui.words.audit import audit_lines

    say(f"\nAudit of {opened.path}: {opened.preference['n_labelled']:,} labelled pairs", "bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("concern", "the labels", "differ in", "points of win rate, 95 %"):
        wraps = name.startswith("points")
        table.add_column(
            name, justify="right" if name == "differ in" else "left", no_wrap=not wraps
        )
    for line in audit_lines(opened.audit, opened.feature_rows):
        row = line.row
        style = "yellow" if line.worrying else "dim" if row["effect"] is None else ""
        table.add_row(row["title"], row["verdict"], f"{row['differ']:,}", line.said, style=style)
    terminal(width=max(terminal().width, WIDTH)).print(table)
    say(
        "\nNo evidence: the effect is within 5 points of none. Undecided: it may be more. "
        "Could have seen: in four of five such data sets.",
        "dim",
    )
