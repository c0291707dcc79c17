"""Where the pairs of a run stand, by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import polars as pl


class Places(Mapping[str, int]):
    """Row of every pair id: laid out when one is first looked up, as a million take a second."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {one: row for row, one in enumerate(self._ids.to_list())}

    def __getitem__(self, pair_id: str) -> int:
        return self._rows[pair_id]

    def __contains__(self, pair_id: object) -> bool:
        return pair_id in self._rows

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)
