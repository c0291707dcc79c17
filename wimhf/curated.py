"""The pair table after edits: what rules and single edits leave of every pair."""

from __future__ import annotations

import polars as pl

CURATED_COLUMNS: dict[str, pl.DataType] = {
    "source_label": pl.Float64(),
    "source_weight": pl.Float64(),
    "kept": pl.Boolean(),
    "edit": pl.Int64(),
    "edited_by": pl.String(),
    "edited_because": pl.String(),
}
"""Behind the pair table's own columns, of which ``label`` and ``weight`` are the curated ones.

``source_label`` and ``source_weight`` are what the source says; ``kept`` is False where a pair is
dropped; ``edit`` is the number of the edit that decides the pair, null where none does, with who
made it and why.
"""


def uncurated(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return a pair table as no edit leaves it, with the columns that edits fill."""
    return pairs.with_columns(
        pl.col("label").alias("source_label"),
        pl.col("weight").alias("source_weight"),
        pl.lit(True).alias("kept"),
        *(
            pl.lit(None, CURATED_COLUMNS[name]).alias(name)
            for name in ("edit", "edited_by", "edited_because")
        ),
    )


def is_changed() -> pl.Expr:
    """Say of every pair whether its label, weight or presence is not the source's."""
    return (
        ~pl.col("kept")
        | pl.col("label").ne_missing(pl.col("source_label"))
        | pl.col("weight").ne_missing(pl.col("source_weight"))
    )
