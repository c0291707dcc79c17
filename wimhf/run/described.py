"""All features of a run in words: discovered ones as they were named, concepts as they are."""

from __future__ import annotations

import polars as pl

from wimhf.run.feature import DISCOVERED
from wimhf.run.run import Run


def described_features(run: Run) -> pl.DataFrame:
    """Return one row per feature: what it is, its words, and how well they are proven."""
    table = run.folder.read_table("descriptions.parquet")
    won = table.filter("won").sort("feature")
    if "known_share" in table.columns:  # it stands with the offline name, whichever won
        known = table.group_by("feature").agg(
            pl.col("known_share", "known_as").drop_nulls().first()
        )
        won = won.drop("known_share", "known_as").join(known, on="feature", maintain_order="left")
    found = won.with_columns(
        pl.format("d{}", "feature").alias("id"),
        pl.lit(DISCOVERED).alias("kind"),
        pl.lit(None, pl.String()).alias("area"),
        *(
            pl.lit(None, kind).alias(name)
            for name, kind in (("known_share", pl.Float64()), ("known_as", pl.String()))
            if name not in won.columns
        ),
    )
    rows = run.concepts.descriptions(run.n_discovered)
    concepts = pl.DataFrame(
        [{name: row.get(name) for name in found.columns} for row in rows], schema=found.schema
    )
    return pl.concat([found, concepts])
