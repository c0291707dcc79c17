"""Ratings of models, before and after curation, in words and as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from wimhf.ui.words.figures import ABSENT, between, listed

TOLD = 6
"""Models whose move is told."""
HEADERS = {
    "source": "rating", "source, length": "at equal length", "curated": "curated",
    "curated, length": "curated, at equal length", "change": "moved",
}  # fmt: skip
EXPLAINED = (
    "Bradley and Terry's ratings: 400 points are odds of 10 to 1, the mean is 1000 over the models "
    "that can be held against each other; 95 % intervals are clustered by prompt. At equal length: "
    "with the difference in words controlled for."
)


@dataclass(frozen=True)
class RatedRow:
    """A model as a table shows it.

    Attributes
    ----------
    cells
        By a key of HEADERS what stands there, figures with their intervals.
    """

    name: str
    pairs: int
    cells: dict[str, str]
    reason: str | None


def model_rows(models: pl.DataFrame) -> list[RatedRow]:
    """Return the models (``run.RATED_COLUMNS``), the highest rating first."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in models.iter_rows(named=True):
        found.setdefault(row["model"], []).append(row)
    rows = []
    for name, own in found.items():
        cells: dict[str, str] = {}
        for one in own:
            place = str(one["labels"]) + (", length" if one["held"] == "length" else "")
            cells[place] = _written(one, "rating", "low", "high", whole)
            if one["labels"] == "curated" and one["held"] == "nothing":
                cells["change"] = _written(one, "change", "change_low", "change_high", moved)
        pairs, reason = own[0]["pairs"], own[0]["reason"]
        rows.append(RatedRow(name, int(str(pairs)), cells, str(reason) if reason else None))
    return rows


def shown_headers(models: pl.DataFrame) -> dict[str, str]:
    """Return the columns of the table by the keys of a row's cells."""
    curated = (models["labels"] == "curated").any()
    return {key: name for key, name in HEADERS.items() if curated or key.startswith("source")}


def model_sentences(models: pl.DataFrame) -> list[str]:
    """Say which models curation moved beyond chance, and where the order changed at the top."""
    after = models.filter((pl.col("labels") == "curated") & (pl.col("held") == "nothing"))
    known = after.drop_nulls("change")
    if known.is_empty():
        return []
    if not known["change"].abs().max():
        return [f"Curation moves none of {len(known)} models: they are rated as before."]
    sure = known.filter((pl.col("change_low") > 0) | (pl.col("change_high") < 0))
    order = sure.sort(pl.col("change").abs(), descending=True)
    told = [
        f"{row['model']} by {_written(row, 'change', 'change_low', 'change_high', moved)}"
        for row in order.head(TOLD).iter_rows(named=True)
    ]
    rest = f", and {len(order) - TOLD} more" if len(order) > TOLD else ""
    if not told:
        return [f"Curation moves none of {len(known)} models beyond chance."]
    return [f"Curation moves the rating of {listed(told)}{rest}."]


def whole(value: float) -> str:
    """Write a rating."""
    return f"{value:.0f}"


def moved(value: float) -> str:
    """Write a change of a rating."""
    return f"{value:+.0f}".replace("-", "−") if round(value) else "0"


def _written(
    row: Mapping[str, object], name: str, low: str, high: str, said: Callable[[float], str]
) -> str:
    value, least, most = (_number(row[key]) for key in (name, low, high))
    if value is None:
        return ABSENT
    if least is not None and most is not None:
        return f"{said(value)} ({between(least, most, said)})"
    if least is not None:
        return f"{said(value)} ({said(least)} or more)"
    return f"{said(value)} ({said(most)} or less)" if most is not None else said(value)


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None
