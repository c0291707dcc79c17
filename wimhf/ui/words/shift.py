"""How behaviour moved, in words."""

from __future__ import annotations

import polars as pl

from wimhf.compare import Shift
from wimhf.ui.words.figures import between, decimal, points

TOLD = 8


def shift_sentences(shift: Shift) -> list[str]:
    """Say how much of the shift is as predicted, what moved so most, and what moved against it."""
    share = shift.explained
    ends = between(share["low"], share["high"], decimal)
    said = [
        f"Over {len(shift.concepts)} concepts, what the labels reward explains "
        f"{decimal(share['value'])} ({ends}; R2) of how {shift.after} differs, in "
        f"{shift.pairs:,} pairs."
    ]
    moved = shift.concepts.filter(pl.col("sure") & (pl.col("q") < 0.05))
    order = moved.sort(pl.col("observed").abs(), descending=True)
    for name, rows in (
        ("As predicted", order.filter(~pl.col("against"))),
        ("Against what is predicted", order.filter("against")),
    ):
        told = [_told(row) for row in rows.head(TOLD).iter_rows(named=True)]
        rest = f"; and {len(rows) - TOLD} more" if len(rows) > TOLD else ""
        said.append(f"{name}: {'; '.join(told) or 'nothing'}{rest}.")
    return said


def _told(row: dict[str, object]) -> str:
    return (
        f"{row['title']} {points(_number(row['observed']))} "
        f"({between(_number(row['low']), _number(row['high']))}), rewarded by "
        f"{points(_number(row['effect']))}"
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None
