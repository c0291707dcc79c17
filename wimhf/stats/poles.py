"""Turning a feature round: the one place that knows which figures change sign with the pole."""

from __future__ import annotations

import polars as pl

SIGNED = ("beta", "effect", "raw_effect", "shrunk", "joint_beta", "joint_effect", "sparse_beta")
"""Negated with the pole."""
SHARES = ("win_rate",)
"""Out of 100, of the side with more: what is left of 100 goes to the other side."""
BOUNDS = (
    ("effect_low", "effect_high"), ("shrunk_low", "shrunk_high"), ("joint_low", "joint_high"),
)  # fmt: skip
"""Negated and exchanged."""


def turned(table: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    """Return a table of effects with some rows seen from the other pole.

    Parameters
    ----------
    table
        Any of the columns above; the others stay as they are.
    where
        True in the rows that turn.
    """
    columns = [pl.when(where).then(-pl.col(c)).otherwise(c).alias(c) for c in SIGNED if c in table]
    columns += [
        pl.when(where).then(100 - pl.col(c)).otherwise(c).alias(c) for c in SHARES if c in table
    ]
    for low, high in BOUNDS:
        if low in table:
            columns += [
                pl.when(where).then(-pl.col(high)).otherwise(low).alias(low),
                pl.when(where).then(-pl.col(low)).otherwise(high).alias(high),
            ]
    return table.with_columns(columns)
