"""What is known of every pair: what the conditions of rules look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Mask
from wimhf.errors import EditError
from wimhf.run import merged_code


@dataclass(frozen=True)
class Facts:
    """The analysed pairs, as the source labels them.

    Attributes
    ----------
    pairs
        The pair table with the source's own labels.
    codes
        (n, m) signed codes.
    features
        The feature table as people want it: names, poles, mutes, members.
    poles
        The described pole of every feature, merged ones included.
    suspicion
        (n,) chance that models which never saw the pair give the other label, 0 to 1; NaN where
        it cannot be told.
    suspect
        (n,) True where the label is taken for wrong.
    health
        item and pair_id, one row per finding and pair.
    source_rows
        Gives the untouched rows: source_row, row (JSON text).
    sides_drawn
        True where sides A and B were drawn, so that neither means anything.
    """

    pairs: pl.DataFrame
    codes: Floats32
    features: pl.DataFrame
    poles: Mapping[int, int]
    suspicion: Floats
    suspect: Mask
    health: pl.DataFrame
    source_rows: Callable[[], pl.DataFrame]
    sides_drawn: bool = False

    @property
    def label(self) -> Floats:
        """(n,) the source's labels, NaN where unlabelled."""
        return self.pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()

    def feature(self, named: int | str) -> dict[str, Any]:
        """Return the row of a feature, by its number or its name.

        Raises
        ------
        EditError
            If there is none, it is muted, or the name is several features'.
        """
        rows = [row for row in self.features.iter_rows(named=True) if _is_named(row, named)]
        if not rows:
            known = [
                f"{r['feature']} ({r['description']})" for r in self.features.head(3).to_dicts()
            ]
            raise EditError(
                f"there is no feature {named!r}; name one by its number or its description, "
                f"such as {'; '.join(known)}"
            )
        if len(rows) > 1:
            numbers = ", ".join(str(row["feature"]) for row in rows)
            raise EditError(f"{named!r} is the name of features {numbers}; give the number")
        if rows[0]["muted"]:
            raise EditError(f"feature {rows[0]['feature']} is muted; unmute it to use it in a rule")
        return rows[0]

    def code(self, named: int | str) -> Floats:
        """Return the code (n,) of a feature in its described pole; merged features together."""
        row = self.feature(named)
        return merged_code(self.codes, self.poles, [row["feature"], *row["members"]])

    def column(self, name: str) -> Sequence[Any]:
        """Return a column (n) of the pairs or, failing that, of the source's rows.

        Raises
        ------
        EditError
            If neither has it.
        """
        if name in self.pairs.columns:
            return self.pairs[name].to_list()
        rows, columns = self._rows
        if name not in columns:
            known = ", ".join(
                [*self.pairs.columns, *sorted(columns - set(self.pairs.columns))][:30]
            )
            raise EditError(f"there is no column {name!r}; columns: {known}")
        return [rows.get(row, {}).get(name) for row in self.pairs["source_row"].to_list()]

    @cached_property
    def _rows(self) -> tuple[dict[int, dict[str, Any]], set[str]]:
        rows: dict[int, dict[str, Any]] = {}
        for number, text in self.source_rows().select("source_row", "row").iter_rows():
            row = json.loads(text)
            if isinstance(row, dict):
                rows[number] = row
        return rows, {name for row in rows.values() for name in row}

    @cached_property
    def places(self) -> dict[str, int]:
        """Row of every pair id."""
        return {pair_id: row for row, pair_id in enumerate(self.pairs["pair_id"].to_list())}


def _is_named(row: dict[str, Any], named: int | str) -> bool:
    if isinstance(named, int):
        return bool(row["feature"] == named or named in row["members"])
    if named.strip().isdigit():
        return _is_named(row, int(named))
    names = (row["description"], row["short"], row["found"])
    return named.strip().casefold() in {name.casefold() for name in names if name}
