"""Where somebody stands in the queue of suspects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

Row = dict[str, Any]


@dataclass(frozen=True)
class Queue:
    """Where somebody stands in the queue of suspects.

    Attributes
    ----------
    at
        The pair to decide next; None at the end of the list.
    rank, suspicion
        Its place in the list, and the chance that its label is wrong.
    total, open, skipped
        Suspects, those nobody has decided, and those of them that were passed over.
    """

    at: str | None
    rank: int
    suspicion: float
    total: int
    open: int
    skipped: int


def queue(suspects: pl.DataFrame, after: int) -> Queue:
    """Return the first suspect nobody has decided behind a place in the list.

    Parameters
    ----------
    suspects
        All suspects: pair_id, suspicion, rank and decision.
    after
        The rank of the last that was passed over; 0 at the start.
    """
    open_ = suspects.filter(pl.col("decision").is_null()).sort("rank")
    ahead = open_.filter(pl.col("rank") > after).head(1).to_dicts()
    nobody: Row = {"pair_id": None, "rank": after, "suspicion": 0.0}
    first = ahead[0] if ahead else nobody
    skipped = open_.filter(pl.col("rank") <= after).height
    return Queue(
        first["pair_id"], first["rank"], first["suspicion"], suspects.height, open_.height, skipped
    )
