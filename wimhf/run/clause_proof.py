"""How far each clause of a discovered feature's name is right by itself."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from wimhf.run.run import Run

BETWEEN = "; "
"""What stands between two clauses of a name."""


@dataclass(frozen=True)
class Clause:
    """One clause of a name.

    Attributes
    ----------
    words
        What it says of the response with more of the described pole.
    correlation
        With the feature, on held-out pairs; None where it could not be measured.
    """

    words: str
    correlation: float | None


def proven_clauses(run: Run, number: int) -> tuple[Clause, ...]:
    """Return the clauses of the name a feature was found with, in the pole described now.

    Empty where its clauses were not measured one by one: of concepts, of names by a language model.
    """
    if number >= run.n_discovered:
        return ()
    table = run.folder.scan_table("descriptions.parquet")
    row = table.filter(pl.col("feature") == number, "won").collect().to_dicts()
    found = (row[0].get("clauses") or []) if row else []
    feature = run.feature(number)
    words = row[0]["opposite" if feature.flipped else "description"] if found else None
    clauses = words.split(BETWEEN) if words else []
    if len(clauses) != len(found):
        return ()
    return tuple(Clause(*pair) for pair in zip(clauses, found, strict=True))
