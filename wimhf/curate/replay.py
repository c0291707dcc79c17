"""Replaying edits over the source's labels: rules in their order, then single edits in theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Mask
from wimhf.data import CURATED_COLUMNS, uncurated
from wimhf.run import Edit, Value

FIELDS = ("label", "weight", "kept")
Recorded = Mapping[str, object]
"""What an edit records: pair_ids, and per field the old and the new values."""


@dataclass(frozen=True)
class Change:
    """What an edit in force, or a rule that may become one, says of pairs.

    Attributes
    ----------
    kind
        ``rule``, or ``pairs`` for a single edit, which outranks rules.
    data
        As in the log.
    number
        The edit's; None where nothing is written yet.
    place
        Of a rule that is not applied yet: which of its file it is, from 1.
    """

    kind: str
    data: Recorded
    number: int | None = None
    who: str = ""
    why: str = ""
    place: int | None = None

    @classmethod
    def of(cls, edit: Edit) -> Change:
        """Take what an edit says."""
        return cls(edit.kind, edit.data, edit.number, edit.who, edit.why)

    @property
    def rule(self) -> Mapping[str, object]:
        """The rule, as it is written in a rules file."""
        return cast("Mapping[str, object]", self.data["rule"])

    @property
    def single(self) -> bool:
        """Whether people made it pair by pair."""
        return self.kind == "pairs"

    @property
    def pair_ids(self) -> list[str]:
        """The pairs it speaks of."""
        return cast("list[str]", self.data["pair_ids"])

    @property
    def values(self) -> Mapping[str, Sequence[Value]]:
        """Per field a new value for each of its pairs."""
        return cast("Mapping[str, Sequence[Value]]", self.data["new"])


@dataclass(frozen=True)
class Layer:
    """What changes say of n pairs: the last that says something of a field decides it.

    Attributes
    ----------
    values
        Per field (n,) values, NaN where a label is unknown; they count where ``spoken`` is True.
    by
        (n,) place in ``changes`` of the last that speaks of the pair, -1 where none does.
    missing
        Per edit the number of its pairs that are gone.
    """

    values: dict[str, Floats]
    spoken: dict[str, Mask]
    by: Ints
    changes: list[Change]
    missing: dict[int, int]

    @classmethod
    def of(cls, changes: Sequence[Change], places: Mapping[str, int]) -> Layer:
        """Lay changes over one another in their order.

        Parameters
        ----------
        places
            Row of every pair id.
        """
        ids = [pair_id for change in changes for pair_id in change.pair_ids]
        counts = [len(change.pair_ids) for change in changes]
        rows = np.fromiter((places.get(one, -1) for one in ids), dtype=np.int64, count=len(ids))
        place = np.repeat(np.arange(len(changes)), counts)
        lost = np.bincount(place[rows < 0], minlength=len(changes))
        n = len(places)
        by = np.full(n + 1, -1)  # rows of pairs that are gone end in the last, which is cut off
        by[rows] = place
        values, spoken = {}, {}
        for name in FIELDS:
            mine = np.repeat([name in change.values for change in changes], counts).astype(bool)
            new = [v for change in changes for v in change.values.get(name, ())]
            values[name], spoken[name] = np.zeros(n + 1), np.zeros(n + 1, dtype=bool)
            # of rows that stand there twice the last one is assigned
            values[name][rows[mine]] = np.array(new, dtype=np.float64)
            spoken[name][rows[mine]] = True
            values[name], spoken[name] = values[name][:n], spoken[name][:n]
        missing = {c.number: int(lost[i]) for i, c in enumerate(changes) if c.number and lost[i]}
        return cls(values, spoken, by[:n], list(changes), missing)

    def over(self, below: Layer) -> Layer:
        """Return what both say where this one has the last word."""
        return Layer(
            {f: np.where(self.spoken[f], self.values[f], below.values[f]) for f in FIELDS},
            {f: self.spoken[f] | below.spoken[f] for f in FIELDS},
            np.where(self.by >= 0, self.by + len(below.changes), below.by),
            below.changes + self.changes,
            below.missing | self.missing,
        )


class Replay:
    """The pairs of a run under the changes that are in force.

    Parameters
    ----------
    pairs
        The pair table.
    places
        Row of every pair id.
    changes
        In the order in which they were made.
    """

    def __init__(
        self, pairs: pl.DataFrame, places: Mapping[str, int], changes: Sequence[Change]
    ) -> None:
        self._pairs, self._places = pairs, places
        self._rules = Layer.of([change for change in changes if not change.single], places)
        self._singles = Layer.of([change for change in changes if change.single], places)

    @cached_property
    def now(self) -> Curated:
        """What they leave of the pairs."""
        return Curated(self._pairs, self._singles.over(self._rules))

    def after(self, planned: Sequence[Change]) -> Curated:
        """Return what they leave with more rules after them."""
        more = Layer.of(planned, self._places)
        return Curated(self._pairs, self._singles.over(more.over(self._rules)))


class Curated:
    """Pairs as changes leave them."""

    def __init__(self, pairs: pl.DataFrame, layer: Layer) -> None:
        self._source, self._layer = pairs, layer
        label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        source = {
            "label": label, "weight": pairs["weight"].to_numpy(), "kept": np.ones(len(pairs))
        }  # fmt: skip
        self.values: dict[str, Floats] = {
            name: np.where(layer.spoken[name], layer.values[name], source[name]) for name in FIELDS
        }

    @property
    def missing(self) -> dict[int, int]:
        """Per edit the number of its pairs that the run does not hold any more."""
        return self._layer.missing

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The pair table with the columns of ``data.CURATED_COLUMNS``."""
        changes, by = self._layer.changes, pl.Series(self._layer.by, dtype=pl.Int64)
        decided = by.replace(-1, None)
        made: dict[str, list[int | None] | list[str] | list[str | None]] = {
            "edit": [change.number for change in changes],
            "edited_by": [change.who for change in changes],
            "edited_because": [change.why or None for change in changes],
        }
        return uncurated(self._source).with_columns(
            pl.Series("label", self.values["label"], nan_to_null=True),
            pl.Series("weight", self.values["weight"]),
            pl.Series("kept", self.values["kept"] > 0),
            *(
                pl.Series(name, values, dtype=CURATED_COLUMNS[name]).gather(decided).alias(name)
                for name, values in made.items()
            ),
        )

    def differs(self, other: Curated) -> Mask:
        """Return (n,) True where a pair's label, weight or presence is another."""
        unlike: Mask = np.zeros(len(self._source), dtype=bool)
        for name in FIELDS:
            one, two = self.values[name], other.values[name]
            unlike |= (one != two) & ~(np.isnan(one) & np.isnan(two))
        return unlike

    def record(self, rows: Sequence[int], new: Mapping[str, Sequence[Value]]) -> Recorded:
        """Return what an edit of some rows records: pair ids, old and new values per field."""
        old = {name: [_plain(name, v) for v in self.values[name][list(rows)]] for name in new}
        return {
            "pair_ids": self._source["pair_id"].gather(list(rows)).to_list(),
            "old": old,
            "new": {name: list(values) for name, values in new.items()},
        }


def _plain(name: str, value: float) -> Value:
    if name == "kept":
        return bool(value)
    return None if np.isnan(value) else float(value)
