"""wimhf demo: the whole job on the data that come with WIMHF, and what was planted in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.options import JSON, QUIET, Settings

if TYPE_CHECKING:
    from wimhf.run import Run
Option = typer.Option


def demo(
    output: Annotated[Path, Option("--output", "-o", help="Run folder.")] = Path("runs/demo"),
    report: Annotated[Path, Option("--report", help="HTML report.")] = Path("reports/demo.html"),
    encoder: Annotated[str | None, Option("--encoder", help="Encoder [auto].")] = None,
    seed: Annotated[int, Option("--seed", help="Seed of everything random.")] = 0,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:
    """Analyze the demo data, whose preferences are planted, and compare with the truth."""
    from wimhf.data import demo_folder
    from wimhf.ui.cli.analyze import work

    folder = demo_folder()
    settings: Settings = {"seed": seed}
    if encoder is not None:
        settings["embed"] = {"encoder": encoder}
    file = folder / "demo.jsonl.gz"
    source = str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
    run = work([source], output, None, settings, report, as_json=as_json, quiet=quiet)
    if not as_json:
        _print_planted(run, folder)


def _print_planted(run: Run, folder: Path) -> None:
    from rich.table import Table

    from wimhf.data import match_features, read_truth
    from wimhf.ui.cli.console import terminal

    matched = match_features(
        read_truth(folder),
        run.codes(),
        run.features_as_found,
        run.pair_table["source_row"].to_numpy(),
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("planted trait")
    for name in ("weight", "feature", "|corr|", "effect"):
        table.add_column(name, justify="right")
    table.add_column("95 %")
    for row in matched.sort("weight").iter_rows(named=True):
        style = "" if row["correlation"] >= 0.5 else "dim"
        effect = "-" if row["effect"] is None else f"{row['effect']:+.1f}"
        bounds = (
            "" if row["effect_low"] is None
            else f"{row['effect_low']:+.0f} to {row['effect_high']:+.0f}"
        )  # fmt: skip
        table.add_row(
            row["trait"], f"{row['weight']:+.2f}", str(row["feature"]),
            f"{row['correlation']:.2f}", effect, bounds, style=style,
        )  # fmt: skip
    console = terminal()
    console.print("\nWhat was planted, and the feature that matches it best (dim: |corr| < .5)")
    console.print(table)
