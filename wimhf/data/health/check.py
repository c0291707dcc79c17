"""All checks, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypedDict

import polars as pl

from wimhf.base import Event, Progress, silent
from wimhf.data.health.annotators import check_annotators
from wimhf.data.health.degenerate import check_degenerate
from wimhf.data.health.duplicates import check_duplicates
from wimhf.data.health.item import SEVERITIES, Checked, Item
from wimhf.data.health.labels import check_labels
from wimhf.data.health.markers import check_markers
from wimhf.data.health.reading import check_reading
from wimhf.data.health.shortcuts import check_shortcuts
from wimhf.data.health.texts import check_texts

CHECKS: dict[str, Callable[[Checked], Iterator[Item]]] = {
    "Labels": check_labels,
    "Repeats": check_duplicates,
    "Shortcuts": lambda data: chain(
        check_shortcuts(data), check_degenerate(data), check_markers(data)
    ),
    "Annotators": check_annotators,
    "Texts": check_texts,
    "Reading": check_reading,
}


class HealthRecord(TypedDict):
    """The findings as JSON holds them: how many of each severity, and all of them by group."""

    counts: dict[str, int]
    groups: dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class Health:
    """The findings of all checks, by group."""

    groups: dict[str, list[Item]]

    @property
    def items(self) -> list[Item]:
        """All findings."""
        return [item for items in self.groups.values() for item in items]

    def to_dict(self) -> HealthRecord:
        """Return the findings as plain JSON types, without the pairs behind them."""
        counts: dict[str, int] = {
            grade: sum(item.severity == grade for item in self.items) for grade in SEVERITIES
        }
        groups = {name: [item.to_dict() for item in items] for name, items in self.groups.items()}
        return {"counts": counts, "groups": groups}

    def pairs(self, pair_ids: pl.Series) -> pl.DataFrame:
        """Return the pairs behind the findings: item, pair (row of the pair table), pair_id."""
        tables = [
            pl.DataFrame({"item": [item.id] * len(item.rows), "pair": item.rows})
            for item in self.items
            if len(item.rows)
        ]
        schema = {"item": pl.String, "pair": pl.Int64}
        table = pl.concat(tables) if tables else pl.DataFrame(schema=schema)
        return table.with_columns(pair_ids.gather(table["pair"]).alias("pair_id"))


def check_health(data: Checked, progress: Progress = silent) -> Health:
    """Examine pairs without any model.

    Parameters
    ----------
    data
        Pairs, rejects and what is known of the source.
    """
    groups: dict[str, list[Item]] = {}
    for number, (name, check) in enumerate(CHECKS.items()):
        groups[name] = list(check(data))
        progress(Event("health", number + 1, len(CHECKS), unit="checks"))
    return Health(groups)
