"""What ``wimhf compare`` prints: sentences first, then the table."""

from __future__ import annotations

import polars as pl
from rich.table import Table
from rich.text import Text

from wimhf.compare import Comparison, Mixture
from wimhf.ui.cli.console import say, terminal
from wimhf.ui.words.comparison import (
    TOLD,
    Cell,
    ComparedRow,
    compared_rows,
    comparison_title,
    contested_sentences,
    distance_sentences,
    driven_sentences,
    mixture_sentences,
    unmeasured_sentences,
)
from wimhf.ui.words.figures import ABSENT, between, chance, points, share
from wimhf.ui.words.models import EXPLAINED, model_rows, model_sentences, shown_headers

WIDTH, OWN_WIDTH = 100, 32
"""Characters of the table, and those that every camp adds."""


def print_comparison(comparison: Comparison, mixture: Mixture, top: int) -> None:
    """Print a comparison for a person."""
    say(f"\n{comparison_title(comparison)}", "bold")
    for camp in comparison.camps:
        say(f"  {camp.name}: {camp.labelled:,} labelled pairs of {camp.pairs:,}")
    for note in comparison.notes:
        say(f"  note: {note}", "yellow")
    contested = comparison.contested()
    told = contested_sentences(comparison)
    nothing = "Nothing is rewarded differently beyond chance."
    say(f"\n{'Rewarded differently' if told else nothing}", "bold")
    for sentence in told:
        say(f"  {sentence}")
    if len(contested) > TOLD:
        say(f"  … and {len(contested) - TOLD} more; see the table (--top)")
    say("\nAs a whole", "bold")
    rest = [
        *distance_sentences(comparison), *mixture_sentences(comparison, mixture),
        *driven_sentences(comparison, mixture),
        *unmeasured_sentences(comparison),
    ]  # fmt: skip
    for sentence in rest:
        say(f"  {sentence}")
    if top:
        _table(comparison, mixture, top)
    if len(comparison.models):
        print_models(comparison.models)


def print_models(models: pl.DataFrame) -> None:
    """Print how models are rated before and after curation."""
    say("\nModels", "bold")
    for sentence in model_sentences(models):
        say(f"  {sentence}")
    headers = shown_headers(models)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("model", "pairs", *headers.values(), ""):
        table.add_column(name, no_wrap=True)
    for row in model_rows(models):
        cells = [row.cells.get(key, ABSENT) for key in headers]
        table.add_row(Text(row.name), f"{row.pairs:,}", *cells, row.reason or "")
    say("")
    terminal(width=WIDTH + OWN_WIDTH * 3).print(table)
    say(f"\n{EXPLAINED}", "dim")


def _table(comparison: Comparison, mixture: Mixture, top: int) -> None:
    mixed = {row["feature"]: row for row in mixture.effects.iter_rows(named=True)}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("more of it", no_wrap=True)
    for camp in comparison.camps:
        table.add_column(Text(camp.name), no_wrap=True)
    for name in ("surest gap", "q", "mixed", ""):
        table.add_column(name, no_wrap=True)
    rows = compared_rows(comparison)
    for row in rows[:top]:
        style = "yellow" if row.conflict else "" if row.differs else "dim"
        table.add_row(
            Text(row.title), *map(_effect, row.cells), _gap(row),
            chance(row.gap["q"]) if row.gap else ABSENT, points(mixed[row.number]["effect"]),
            row.verdict, style=style,
        )  # fmt: skip
    say("")
    terminal(width=WIDTH + OWN_WIDTH * len(comparison.camps)).print(table)
    say(
        f"\nPoints of win rate with 95 % intervals, with controls, and in how many pairs; "
        f"{len(rows[:top])} of {len(rows)} columns. q over all gaps; a conflict is rewarded by one "
        "and penalised by another (Gail and Simon, q < .05).", "dim",
    )  # fmt: skip


def _effect(cell: Cell) -> str:
    if cell["effect"] is None:
        return ABSENT
    ends = between(cell["effect_low"], cell["effect_high"])
    return f"{points(cell['effect'])} ({ends}; {share(cell['prevalence'])})"


def _gap(row: ComparedRow) -> str:
    if row.gap is None:
        return ABSENT
    return f"{points(row.gap['gap'])} ({between(row.gap['low'], row.gap['high'])})"
