"""How far a run's annotators agree, two by two, where they judged the same pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from wimhf.data import UNIT, pair_votes
from wimhf.run.annotators import numbered_annotators
from wimhf.stats import AGREEMENT_COLUMNS, pairwise_agreement

if TYPE_CHECKING:
    from wimhf.run.run import Run


def agreement_of(run: Run) -> pl.DataFrame:
    """Return how far every two annotators agree (``stats.AGREEMENT_COLUMNS``), by their numbers.

    A vote is for one text, the other, or a tie; intervals allow for pairs of one component being
    alike. Empty where no two annotators judged 20 pairs both.
    """
    pairs = run.pair_table
    who, _ = numbered_annotators(pairs)
    rows = np.flatnonzero((who >= 0) & pairs["label"].is_not_null().to_numpy())
    if len(rows) == 0:
        return pl.DataFrame(schema=AGREEMENT_COLUMNS)
    own = pairs[rows].with_columns(annotator=pl.Series(who[rows]))
    votes = pair_votes(own)
    shared = votes.filter(pl.len().over("unit") > 1)
    if shared.is_empty():
        return pl.DataFrame(schema=AGREEMENT_COLUMNS)
    unit = pl.col("pair_id").str.head(UNIT)
    cluster = own.group_by(unit=unit).agg(pl.col("component").first())
    shared = shared.join(cluster, on="unit", how="left", maintain_order="left")
    return pairwise_agreement(
        shared["unit"].rank("dense").cast(pl.Int64).to_numpy() - 1,
        shared["annotator"].to_numpy(), shared["vote"].to_numpy(), shared["component"].to_numpy(),
    )  # fmt: skip


def overall_agreement(run: Run) -> str | None:
    """Return what the data's health says of agreement; None where nobody shares a pair."""
    health = run.folder.read_json("health.json")
    for checks in health["groups"].values():
        for check in checks:
            if check["id"] == "agreement" and check.get("figures", {}).get("shared_pairs"):
                return str(check["said"])
    return None
