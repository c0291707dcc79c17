"""Which pairs show what a feature's name says, and what in their texts does."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Ints
from wimhf.concepts import Concept, written_pattern
from wimhf.run.clause_proof import BETWEEN
from wimhf.run.run import Run
from wimhf.run.views import oriented_pairs

_PHRASE = re.compile(r"(?:says|does not say) “(.+)”")


@dataclass(frozen=True)
class Sign:
    """What gives a clause of a name away.

    Attributes
    ----------
    column
        The number of the concept that the clause says; None of a phrase.
    turn
        -1 where the clause is said of the response with less of it, else 1.
    pattern
        A Rust regular expression of it for plain text; empty where no words give it away.
    """

    column: int | None
    turn: int
    pattern: str


def signs_of(run: Run, number: int) -> list[Sign]:
    """Return what gives the clauses of a feature's name away; none for words that nobody counts."""
    known: dict[str, tuple[int, int, Concept]] = {}
    for place, one in enumerate(run.concepts.features):
        column = run.n_discovered + place
        known.setdefault(one.concept.more, (column, 1, one.concept))
        known.setdefault(one.concept.less, (column, -1, one.concept))
    signs = []
    for clause in (run.feature(number).description or "").split(BETWEEN):
        phrase = _PHRASE.fullmatch(clause)
        if clause in known:
            column, turn, concept = known[clause]
            signs.append(Sign(column, turn, written_pattern(concept)))
        elif phrase is not None:
            turn = 1 if clause.startswith("says") else -1
            signs.append(Sign(None, turn, f"(?i){re.escape(phrase[1])}"))
    return signs


def pairs_showing(run: Run, number: int, limit: int) -> pl.DataFrame:
    """Return the strongest pairs of a feature as ``Run.pairs`` does, and what they show of it.

    Returns
    -------
    pl.DataFrame
        With ``shows``: how many clauses of the name hold of the response with more of the feature,
        of those that can be counted.
    """
    code = run.code(number)
    code = code.sort(pl.col("value").abs(), descending=True, maintain_order=True).head(limit)
    pairs = oriented_pairs(run.pair_table, code, None)
    shows: Ints = np.zeros(len(pairs), dtype=np.int64)
    for sign in signs_of(run, number):
        if sign.column is not None:
            said = code.select("pair").join(
                run.code_of(sign.column), on="pair", how="left", maintain_order="left"
            )["value"].fill_null(0.0)  # fmt: skip
            shows += sign.turn * said.to_numpy() * np.sign(code["value"].to_numpy()) > 0
        else:
            more, less = (straight(pairs[side]) for side in ("more", "less"))
            told = more.str.count_matches(sign.pattern).cast(pl.Int64) - less.str.count_matches(
                sign.pattern
            ).cast(pl.Int64)
            shows += sign.turn * told.to_numpy() > 0
    return pairs.with_columns(shows=pl.Series(shows))


def straight(texts: pl.Series) -> pl.Series:
    """Return texts with straight apostrophes, letter for letter as long as they were."""
    return texts.str.replace_all("[’‘ʼ＇´]", "'")
