"""How behaviour moved, in words."""

from __future__ import annotations

from typing import Any

import polars as pl

from wimhf.compare import Shift
from wimhf.ui.words.figures import between, decimal, points

TOLD, KIND_TOLD = 8, 4
LEVEL = 0.05
VERDICTS = {"rewarded": "as predicted", "penalised": "against it", "unclear": ""}
Mark = dict[str, Any]
"""A row of ``Shift.concepts`` with ``looks``, a key of VERDICTS, and ``verdict``, its words."""


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


def kind_sentences(shift: Shift) -> list[str]:
    """Say on which kinds of prompt what moved otherwise than on the others, beyond chance."""
    if shift.kinds.is_empty():
        return []
    sure = shift.by_kind.filter(pl.col("q") < LEVEL)
    said = []
    for kind in shift.kinds["kind"]:
        rows = sure.filter(pl.col("kind") == kind).sort(pl.col("difference").abs(), descending=True)
        told = [
            f"{row['title'] or row['id']} {points(row['there'])} there and "
            f"{points(row['elsewhere'])} elsewhere"
            for row in rows.head(KIND_TOLD).iter_rows(named=True)
        ]
        rest = f"; and {len(rows) - KIND_TOLD} more" if len(rows) > KIND_TOLD else ""
        if told:
            said.append(f"Where {kind}: {'; '.join(told)}{rest}.")
    count = len(shift.kinds)
    return said or [f"On none of {count} kinds of prompt did it move otherwise, beyond chance."]


def shift_marks(shift: Shift) -> list[Mark]:
    """Return the concepts as a scatter draws them."""
    marks = []
    for row in shift.concepts.drop_nulls("predicted").iter_rows(named=True):
        both = row["sure"] and row["q"] < LEVEL
        looks = "unclear" if not both else "penalised" if row["against"] else "rewarded"
        marks.append({**row, "looks": looks, "verdict": VERDICTS[looks],
                      "title": row["title"] or row["id"]})  # fmt: skip
    return marks


def _told(row: dict[str, object]) -> str:
    return (
        f"{row['title']} {points(_number(row['observed']))} "
        f"({between(_number(row['low']), _number(row['high']))}), rewarded by "
        f"{points(_number(row['effect']))}"
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None
