"""Replaying edits over the source's labels: rules in their order, then single edits in theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from wimhf.data import CURATED_COLUMNS, uncurated
from wimhf.run import Edit

CHANGED = ("label", "weight", "kept")


@dataclass(frozen=True)
class Replayed:
    """A curated pair table.

    Attributes
    ----------
    pairs
        The pair table with the columns of ``wimhf.curated``.
    missing
        Per edit the number of its pairs that the run does not hold any more.
    """

    pairs: pl.DataFrame
    missing: dict[int, int]


def ranked(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits that change pairs in the order in which they outrank one another."""
    chosen = [edit for edit in edits if edit.kind in ("rule", "pairs")]
    return sorted(chosen, key=lambda edit: (edit.kind == "pairs", edit.number))


def replay(pairs: pl.DataFrame, edits: Iterable[Edit]) -> Replayed:
    """Return the curated pairs; the last of those that say something of a field decides it."""
    values: dict[str, list[Any]] = {
        "label": pairs["label"].to_list(), "weight": pairs["weight"].to_list(),
        "kept": [True] * len(pairs),
    }  # fmt: skip
    by: list[Edit | None] = [None] * len(pairs)
    places = {pair_id: row for row, pair_id in enumerate(pairs["pair_id"].to_list())}
    missing: dict[int, int] = {}
    for edit in ranked(edits):
        rows = [places.get(pair_id) for pair_id in edit.data["pair_ids"]]
        lost = rows.count(None)
        if lost:
            missing[edit.number] = lost
        for name, new in edit.data["new"].items():
            column = values[name]
            for row, value in zip(rows, new, strict=True):
                if row is not None:
                    column[row] = value
        for row in rows:
            if row is not None:
                by[row] = edit
    curated = uncurated(pairs).with_columns(
        *(
            pl.Series(name, values[name], dtype=pairs.schema.get(name, pl.Boolean))
            for name in CHANGED
        ),
        pl.Series("edit", [e and e.number for e in by], dtype=CURATED_COLUMNS["edit"]),
        pl.Series("edited_by", [e and e.who for e in by], dtype=pl.String),
        pl.Series("edited_because", [e and (e.why or None) for e in by], dtype=pl.String),
    )
    return Replayed(curated, missing)


def change(
    pairs: pl.DataFrame, chosen: Sequence[int], new: Mapping[str, Sequence[Any]]
) -> dict[str, Any]:
    """Return what an edit records: pair ids, old and new values per field.

    Parameters
    ----------
    pairs
        The curated pairs before it.
    chosen
        Rows of the pairs it is made to.
    """
    part = pairs[list(chosen)]
    return {
        "pair_ids": part["pair_id"].to_list(),
        "old": {name: part[name].to_list() for name in new},
        "new": {name: list(values) for name, values in new.items()},
    }


@dataclass(frozen=True)
class Overlap:
    """An edit in force that speaks of the same pairs and fields as a rule.

    Attributes
    ----------
    outranks
        True where the rule's word counts less than the edit's (a single edit).
    pairs
        Pairs both speak of; ``differ``: those of which they say different things.
    whole
        True where the rule takes every pair the edit decides.
    """

    edit: Edit
    outranks: bool
    pairs: int
    differ: int
    whole: bool


def overlaps(edits: Iterable[Edit], recorded: Mapping[str, Any]) -> list[Overlap]:
    """Return the edits in force that a rule's change meets."""
    found: list[Overlap] = []
    told = {name: dict(zip(recorded["pair_ids"], values, strict=True))
            for name, values in recorded["new"].items()}  # fmt: skip
    for edit in ranked(edits):
        both: set[str] = set()
        differ: set[str] = set()
        for name, values in edit.data["new"].items():
            mine = told.get(name, {})
            for pair_id, value in zip(edit.data["pair_ids"], values, strict=True):
                if pair_id in mine:
                    both.add(pair_id)
                    if mine[pair_id] != value:
                        differ.add(pair_id)
        if both:
            whole = len(both) == len(set(edit.data["pair_ids"]))
            found.append(Overlap(edit, edit.kind == "pairs", len(both), len(differ), whole))
    return found
