"""Names of one clause, two where the second is sure: what of the written bank a feature follows.

A clause is found on the fitting pairs and kept on the select pairs; nothing here sees a test pair.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from wimhf.base import Floats, Ints, Mask
from wimhf.describe.mapping import MOST
from wimhf.describe.terms import Term, TermTable
from wimhf.stats import Resamples, odd_correlation

TRIED = 8
"""Terms of each kind that compete to be a clause."""
TYPICAL = 6
"""Words shown as examples of what goes with a feature."""
DRAWS = 200
SURE = 2.0
"""Standard errors by which a second clause's own correlation must differ from 0, and a word must
beat the best concept."""


@dataclass(frozen=True)
class Name:
    """One or two weighted clauses that predict a code from the two texts alone.

    ``weights`` belong to the terms' columns in the described pole: the first is positive. Where it
    is ``mapped``, the words are those that a lexical mapping gives.
    """

    terms: tuple[Term, ...]
    columns: tuple[int, ...]
    weights: tuple[float, ...]
    pole: int
    mapped: bool = False

    def predict(self, columns: sparse.csc_array) -> Floats:
        """Return (n,) the predicted code in the described pole; odd under swapping."""
        chosen = columns[:, list(self.columns)]
        predicted: Floats = np.asarray(chosen @ np.asarray(self.weights), dtype=np.float64)
        return predicted

    @property
    def author(self) -> str:
        """Who is behind it: the concept bank, a lexical mapping, or the words where one leads."""
        if self.mapped:
            return "mapping"
        return "concept" if self.terms and self.terms[0].kind == "concept" else "lexical"

    @property
    def sentence(self) -> str:
        """Return the description, spoken of the response that has more of the feature."""
        return self._spoken(1)

    @property
    def opposite(self) -> str:
        """Return the other pole in words, spoken of the response that has less."""
        return self._spoken(-1)

    def _spoken(self, sign: int) -> str:
        if self.mapped:  # one clause: a list of words
            *before, last = (f"“{term.text}”" for term in self.terms)
            joined = ", ".join(before)
            return f"says {joined} or {last}" if sign > 0 else f"says none of {joined} and {last}"
        signed = zip(self.terms, self.weights, strict=True)
        return "; ".join(term.phrase(sign * weight > 0) for term, weight in signed)


NOTHING = Name((), (), (), 1)


@dataclass(frozen=True)
class Named:
    """Names that compete, their correlations on the select pairs, and which one won.

    ``typical`` are words that go with the code in one direction.
    """

    names: list[Name]
    scores: list[float]
    best: int
    typical: list[str]


class Namer:
    """Names codes by the terms of a table.

    Parameters
    ----------
    fit, select
        Rows of the table.
    component
        (n,) of every row; errors are drawn over whole components.
    """

    def __init__(
        self, table: TermTable, fit: Ints, select: Ints, component: Ints, seed: int
    ) -> None:
        self.table = table
        self._fit = sparse.csc_array(table.columns[fit], dtype=np.float64)
        self._select = sparse.csc_array(table.columns[select], dtype=np.float64)
        self._rows = (fit, select)
        # the same resamples for every prediction, so that gains are paired
        self._resamples = Resamples(component[select], DRAWS, np.random.default_rng(seed))
        self._size = np.sqrt(np.asarray(self._fit.multiply(self._fit).sum(axis=0)).ravel())

    def name(self, code: Floats, mapped: Floats | None = None) -> Named:
        """Return the names that compete for a code (n,), and which of them won.

        ``mapped`` are how far the code moves each term (p,); how well the words that it moves most
        follow it together is measured beside the names, but a list of words is no name.

        The winner is the clause that follows the code best on the select pairs, with a second one
        where that is sure; a word wins only where it surely beats every concept.
        """
        fit, select = (code[rows] for rows in self._rows)
        related = self._related(fit)
        again = np.asarray(self._select.T @ select).ravel()
        pool = (np.sign(again) == np.sign(related)) & (related != 0)
        tried = [*_top(related, pool & self.table.concepts)]
        words = _top(related, pool & ~self.table.concepts)
        names = [self._named([column], fit) for column in [*tried, *words]]
        names += self._of_mapping(mapped, pool & ~self.table.concepts, fit)
        typical = [j for j in words if related[j] * related[words[0]] > 0][:TYPICAL]
        said = [self.table.terms[j].text for j in typical]
        if not names:
            return Named([NOTHING], [0.0], 0, said)
        scores = [self._score(one, select) for one in names]
        best = int(
            np.argmax([-np.inf if one.mapped else s for one, s in zip(names, scores, strict=True)])
        )
        if best >= len(tried) > 0:
            concept = int(np.argmax(scores[: len(tried)]))
            if scores[concept] >= scores[best] - SURE * self._error(names[best], select):
                best = concept
        second = self._second(names[best], fit, select, pool & self.table.concepts)
        if second is not None:
            names.append(second)
            scores.append(self._score(second, select))
            best = len(names) - 1
        return Named(names, scores, best, said)

    def _of_mapping(self, mapped: Floats | None, pool: Mask, fit: Floats) -> list[Name]:
        """Return the name of the words that the code moves most, all in one direction, if any."""
        if mapped is None:
            return []
        moved = _top(mapped, pool)
        chosen = [j for j in moved if mapped[j] * mapped[moved[0]] > 0][:MOST]
        if len(chosen) < 2:
            return []
        name = self._named(chosen, fit)
        return [replace(name, mapped=True)] if min(name.weights) > 0 else []

    def _related(self, target: Floats) -> Floats:
        raw = np.asarray(self._fit.T @ target).ravel()
        out: Floats = np.divide(raw, self._size, out=np.zeros_like(raw), where=self._size > 0)
        return out

    def _named(self, columns: list[int], target: Floats) -> Name:
        dense = self._fit[:, columns].toarray()
        # normal equations: exchanging sides of pairs changes no bit of either factor
        weights, *_ = np.linalg.lstsq(dense.T @ dense, dense.T @ target, rcond=None)
        # the pole is the one in which the leading clause is something that is there, not absent
        pole = 1 if weights[0] >= 0 else -1
        terms = tuple(self.table.terms[column] for column in columns)
        return Name(terms, tuple(columns), tuple(float(pole * w) for w in weights), pole)

    def _score(self, one: Name, select: Floats) -> float:
        return odd_correlation(one.predict(self._select), one.pole * select)

    def _error(self, one: Name, select: Floats) -> float:
        return float(self._draws(one, select)[1:].std())

    def _draws(self, one: Name, select: Floats) -> Floats:
        return self._resamples.correlations(one.predict(self._select), one.pole * select)

    def _second(self, first: Name, fit: Floats, select: Floats, pool: Mask) -> Name | None:
        """Return the name with a second clause, if it goes with the code by itself and adds."""
        left = fit - first.pole * first.predict(self._fit)
        residual = self._related(left)
        pool = pool.copy()
        pool[list(first.columns)] = False
        alone = self._draws(first, select)
        best: tuple[float, Name] | None = None
        for column in _top(residual, pool):
            both = self._named([*first.columns, column], fit)
            own = first.pole * np.sign(both.weights[1]) * self._select[:, [column]].toarray()[:, 0]
            itself = self._resamples.correlations(own, select)
            gain = self._draws(both, select) - alone
            sure = itself[0] > SURE * itself[1:].std() and gain[0] > gain[1:].std()
            if both.pole == first.pole and sure and (best is None or gain[0] > best[0]):
                best = (float(gain[0]), both)
        return None if best is None else best[1]


def _top(related: Floats, pool: Mask) -> list[int]:
    """Return the terms of a pool that go with the code most, the first one first."""
    score = np.where(pool, np.abs(related), 0.0)
    order = np.argsort(-score, kind="stable")[:TRIED]
    return [int(column) for column in order if score[column] > 1e-9]
