"""wimhf export: write the curated data for a trainer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wimhf.ui.cli.console import put
from wimhf.ui.cli.options import JSON, QUIET, RUN

if TYPE_CHECKING:
    from wimhf.data import Exported


def export(
    run: RUN,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="trl, trl-conversational, trl-implicit, trl-implicit-text, trl-unpaired, "
            "trl-unpaired-conversational, native, source, openai, annotated-pairs, "
            "llm-comparator or argilla.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o",
            help="The file; its ending names the container (.jsonl, .json, .csv, .parquet, text "
            "also .gz). A name without an ending is a datasets folder.",
        ),
    ],
    ties: Annotated[
        str, typer.Option("--ties", help="Where a format holds no ties: 'leave out' or 'refuse'.")
    ] = "leave out",
    drop_weights: Annotated[
        bool, typer.Option("--drop-weights", help="Lose weights where a format holds none.")
    ] = False,
    weights: Annotated[
        str,
        typer.Option(
            "--weights",
            help="How weights act: 'column', 'duplicate', 'resample' or 'drop-below:W'.",
        ),
    ] = "column",
    margin: Annotated[
        str,
        typer.Option(
            "--margin",
            help="The `margin` column of trl formats: 'source' writes the source's strengths where "
            "all are known; 'shaped' (or 'shaped:LAMBDA', LAMBDA is 1) writes LAMBDA times "
            "s(chosen) - s(rejected), out-of-fold scores in log odds of a model of the curated "
            "labels: above 0 where it agrees with the label. TRL's RewardTrainer asks the chosen "
            "response to lead by its margin; DPOTrainer does not read it.",
        ),
    ] = "source",
    escape_formulas: Annotated[
        bool | None,
        typer.Option(
            "--escape-formulas/--keep-formulas",
            help="CSV: put a ' before cells that a spreadsheet would run [yes, but for source].",
        ),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where the source changed since the run.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Put it in the place of a file that is there.")
    ] = False,
    as_json: JSON = False,
    quiet: QUIET = False,
) -> None:  # fmt: skip
    """Write the pairs as edits leave them, checked by reading them back, with a change card."""
    from wimhf.curate import open_curation
    from wimhf.ui.cli.console import Watcher, print_json

    with Watcher(quiet=quiet) as watcher:
        done = open_curation(run).export(
            to, output, anyway=anyway, overwrite=force, progress=watcher, ties=ties,
            drop_weights=drop_weights, weights=weights, margin=margin,
            escape_formulas=escape_formulas,
        )  # fmt: skip
    if as_json:
        print_json(_facts(done))
    else:
        _print_exported(done)


def _facts(done: Exported) -> dict[str, object]:
    """Return what was written, as plain JSON types."""
    return {
        "path": str(done.path), "target": done.target, "container": done.container,
        "rows": done.rows, "pairs": done.pairs, "left_out": done.left_out,
        "rounded": done.rounded, "warnings": list(done.warnings), "sha256": done.sha256,
        "cards": [str(card) for card in done.cards], "facts": asdict(done.facts),
    }  # fmt: skip


def _print_exported(done: Exported) -> None:
    put(f"{done.path}: {done.pairs:,} pairs in {done.rows:,} rows of {done.target}")
    for why, count in done.left_out.items():
        put(f"  {count:,} pairs left out: {why}")
    if done.rounded:
        put(f"  {done.rounded:,} fractional labels became their likelier winner")
    for warning in done.warnings:
        put(f"wimhf: {warning}", err=True)
    put(f"  change card: {done.cards[0]}")
