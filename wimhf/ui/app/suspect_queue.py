"""Where somebody stands in the queue of suspects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Queue:
    """Where somebody stands in the queue of suspects.

    Attributes
    ----------
    at
        The pair to decide next; None at the end of the list.
    rank, chance
        Its place in the list, and how often such pairs have the other label.
    total, open, skipped
        Suspects, those still to be decided, and those of them that were passed over.
    """

    at: str | None
    rank: int
    chance: float
    total: int
    open: int
    skipped: int


def queue_after(suspects: pl.DataFrame, after: int, judged: Collection[str] | None = None) -> Queue:
    """Return the first suspect still to be decided behind a place in the list.

    Parameters
    ----------
    suspects
        All suspects: pair_id, chance, rank and decision.
    after
        The rank of the last that was passed over; 0 at the start.
    judged
        The pairs that one person has judged, where that one is asked about all others, those that
        somebody else has decided among them; else those that anybody decided are left out.
    """
    done = pl.col("decision").is_not_null()
    if judged is not None:
        done = pl.col("pair_id").is_in(pl.Series(list(judged), dtype=pl.String).implode())
    undecided = suspects.filter(~done).sort("rank")
    ahead = undecided.filter(pl.col("rank") > after)
    counts = suspects.height, undecided.height, undecided.height - ahead.height
    if ahead.is_empty():
        return Queue(None, after, 0.0, *counts)
    first = ahead.row(0, named=True)
    return Queue(first["pair_id"], first["rank"], first["chance"], *counts)
