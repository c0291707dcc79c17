"""Agreement of annotators, two by two, as a matrix and in words."""

from __future__ import annotations

import polars as pl

from wimhf.ui.words.figures import between, decimal, share

SHOWN = 12
"""Annotators of a matrix, those with most labels."""
EXPLAINED = (
    "How often two annotators say the same of a pair that both judged (a tie is a vote of its "
    "own), with Cohen's kappa, which takes off what chance gives; of those who share 20 pairs."
)


def annotator_name(people: pl.DataFrame, number: int, *, ids: bool) -> str:
    """Return what an annotator is called: by number, or by their id where it is asked for."""
    if not ids:
        return f"Annotator {number + 1}"
    return str(people.filter(pl.col("annotator") == number)["id"].item())


def matrix_members(table: pl.DataFrame) -> list[int]:
    """Return the numbers of the annotators that a matrix has room for."""
    return sorted({*table["first"], *table["second"]})[:SHOWN]


def matrix_rows(table: pl.DataFrame, members: list[int]) -> list[list[str]]:
    """Return the cells of a matrix, such as 72% (.45); a dash where two share too little."""
    known = {(row["first"], row["second"]): row for row in table.iter_rows(named=True)}
    rows = []
    for one in members:
        cells = []
        for two in members:
            row = known.get((min(one, two), max(one, two)))
            cells.append(
                "" if one == two else "–" if row is None else
                f"{share(row['agreement'])} ({decimal(row['kappa'])})"
            )  # fmt: skip
        rows.append(cells)
    return rows


def pair_sentences(table: pl.DataFrame, people: pl.DataFrame, *, ids: bool) -> list[str]:
    """Say which two agree least and which most."""
    known = table.drop_nulls("agreement").sort("agreement")
    if known.is_empty():
        return []
    chosen = [("least", known.row(0, named=True)), ("most", known.row(-1, named=True))]
    return [
        f"{annotator_name(people, row['first'], ids=ids)} and "
        f"{annotator_name(people, row['second'], ids=ids)} agree {how}: {_told(row)}."
        for how, row in (chosen if len(known) > 1 else [("so far", chosen[0][1])])
    ]


def _told(row: dict[str, float | None]) -> str:
    known = between(row["low"], row["high"], share)
    said = f"{share(row['agreement'])}" + (f" ({known})" if known else "")
    return f"{said} of {row['shared']} pairs, kappa {decimal(row['kappa'])}"
