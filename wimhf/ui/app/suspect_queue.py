"""Where somebody stands in the queue of suspects."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


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


def queue_after(suspects: pl.DataFrame, after: int) -> Queue:
    """Return the first suspect nobody has decided behind a place in the list.

    Parameters
    ----------
    suspects
        All suspects: pair_id, suspicion, rank and decision.
    after
        The rank of the last that was passed over; 0 at the start.
    """
    undecided = suspects.filter(pl.col("decision").is_null()).sort("rank")
    ahead = undecided.filter(pl.col("rank") > after)
    counts = suspects.height, undecided.height, undecided.height - ahead.height
    if ahead.is_empty():
        return Queue(None, after, 0.0, *counts)
    first = ahead.row(0, named=True)
    return Queue(first["pair_id"], first["rank"], first["suspicion"], *counts)
