"""The signed codes of a run's pairs, sparse as they are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Floats, Floats32, Ints


class Codes:
    """Signed codes (n, m), kept by feature: a column, some rows, features taken together.

    Parameters
    ----------
    table
        pair, feature and value of every code that is not zero.
    shape
        Pairs and features.
    """

    def __init__(self, table: pl.DataFrame, shape: tuple[int, int]) -> None:
        if not table["feature"].is_sorted():
            table = table.sort("feature", "pair")
        few = len(table) < 2**31  # one type for all numbers, or all are copied
        starts = np.zeros(shape[1] + 1, dtype=np.int32 if few else np.int64)
        np.cumsum(np.bincount(table["feature"].to_numpy(), minlength=shape[1]), out=starts[1:])
        pair = table["pair"].to_numpy().astype(starts.dtype)
        self._columns = sparse.csc_array((table["value"].to_numpy(), pair, starts), shape=shape)

    @property
    def shape(self) -> tuple[int, int]:
        """Pairs and features."""
        n, m = self._columns.shape
        return int(n), int(m)

    def beside(self, other: Codes) -> Codes:
        """Return these and other features of the same pairs, the others numbered behind them."""
        one, two = self._columns, other._columns
        starts = np.r_[one.indptr, two.indptr[1:] + one.indptr[-1].astype(np.int64)]
        kind = np.int32 if starts[-1] < 2**31 else np.int64
        numbers = np.concatenate([one.indices, two.indices], dtype=kind)
        values = np.concatenate([one.data, two.data])
        joined = Codes.__new__(Codes)
        shape = self.shape[0], self.shape[1] + other.shape[1]
        joined._columns = sparse.csc_array((values, numbers, starts.astype(kind)), shape=shape)
        return joined

    @property
    def rows(self) -> sparse.csr_array:
        """All of them (n, m), a pair's row at a time."""
        return self._columns.tocsr()

    def dense(self) -> Floats32:
        """Return all of them as one array (n, m)."""
        whole: Floats32 = self._columns.toarray().astype(np.float32)
        return whole

    def of_rows(self, pairs: Ints) -> Floats32:
        """Return those of some pairs (k, m), given by row, each once."""
        some = np.zeros((len(pairs), self.shape[1]), dtype=np.float32)
        place = np.full(self.shape[0], -1, dtype=np.int32)
        place[pairs] = np.arange(len(pairs), dtype=np.int32)
        for feature in range(self.shape[1]):
            pair, value = self._entries(feature)
            at = place[pair]
            some[at[at >= 0], feature] = value[at >= 0]
        return some

    def _entries(self, feature: int) -> tuple[Ints, Floats32]:
        """Return the pairs in which a feature is active, and its codes there."""
        start, end = self._columns.indptr[feature : feature + 2]
        return self._columns.indices[start:end], self._columns.data[start:end]

    def column(self, feature: int) -> Floats:
        """Return one feature's code (n,), its pole not applied."""
        whole = np.zeros(self.shape[0])
        pair, value = self._entries(feature)
        whole[pair] = value
        return whole

    def shown(self, poles: Mapping[int, int], groups: Sequence[Sequence[int]]) -> Floats32:
        """Return a column (n, g) for each of ``groups``, as ``together`` gives it."""
        heads = self._columns[:, [whole[0] for whole in groups]]
        columns: Floats32 = heads.toarray().astype(np.float32, copy=False)
        columns *= np.array([poles[whole[0]] for whole in groups], dtype=np.float32)
        for place, whole in enumerate(groups):
            if len(whole) > 1:
                columns[:, place] = self.together(poles, whole)
        return columns

    def rms(self, feature: int) -> float:
        """Return the root mean square of a feature's code over all pairs; 1 where it is 0."""
        squares = np.square(self._entries(feature)[1], dtype=np.float64).sum()
        return float(np.sqrt(squares / self.shape[0])) or 1.0

    def together(self, poles: Mapping[int, int], whole: Sequence[int]) -> Floats:
        """Return the code (n,) of features taken together, in their described poles.

        Each counts in units of its own RMS. A lone feature keeps its code.
        """
        if len(whole) == 1:
            return poles[whole[0]] * self.column(whole[0])
        total = np.zeros(self.shape[0])
        for feature in whole:
            total += poles[feature] * self.column(feature) / self.rms(feature)
        return total

    def active(self, pair: int) -> dict[int, float]:
        """Return the features that are active in a pair (row), poles not applied."""
        found = np.flatnonzero(self._columns.indices == pair)
        numbers = np.searchsorted(self._columns.indptr, found, side="right") - 1
        return dict(zip(numbers.tolist(), map(float, self._columns.data[found]), strict=True))

    def of_pair(
        self, pair: int, poles: Mapping[int, int], groups: Mapping[int, Sequence[int]]
    ) -> dict[int, float]:
        """Return what ``together`` gives in one pair, without looking at the others.

        Parameters
        ----------
        groups
            Per feature shown the features it counts.

        Returns
        -------
        dict
            Code by feature shown, where it is not 0.
        """
        return self.joined(self.active(pair), poles, groups)

    def joined(
        self,
        active: Mapping[int, float],
        poles: Mapping[int, int],
        groups: Mapping[int, Sequence[int]],
    ) -> dict[int, float]:
        """Return the codes of features shown from the codes of single ones, in the run's units."""
        found: dict[int, float] = {}
        for number, whole in groups.items():
            mine = [one for one in whole if one in active]
            if len(whole) == 1 and mine:
                found[number] = poles[number] * active[number]
            elif mine:
                found[number] = sum(poles[one] * active[one] / self.rms(one) for one in mine)
        return {number: code for number, code in found.items() if code != 0}
