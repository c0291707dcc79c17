"""Naming discovered features offline, and proving the names on pairs that chose nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from wimhf.base import DescribeConfig, Event, Floats, Floats32, Ints, Progress, silent
from wimhf.concepts import Concept, Texts
from wimhf.describe.clauses import Name, Named, Namer
from wimhf.describe.fidelity import correlation, fidelity
from wimhf.describe.known import known_shares
from wimhf.describe.mapping import word_map
from wimhf.describe.terms import TermTable, word_table

DESCRIPTION_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "author": pl.String(), "description": pl.String(),
    "opposite": pl.String(), "pole": pl.Int64(),
    "terms": pl.List(pl.String), "weights": pl.List(pl.Float64), "select_correlation": pl.Float64(),
    "won": pl.Boolean(), "fidelity": pl.Float64(), "fidelity_low": pl.Float64(),
    "fidelity_high": pl.Float64(), "fidelity_p": pl.Float64(), "sign_accuracy": pl.Float64(),
    "active_test": pl.Int64(), "understood": pl.Boolean(), "reason": pl.String(),
    "clauses": pl.List(pl.Float64), "typical": pl.List(pl.String), "known_share": pl.Float64(),
    "known_as": pl.String(),
}  # fmt: skip
"""``clauses`` are each clause's own correlation with the code on the test pairs; ``typical`` are
words that go with it; ``known_share`` and ``known_as`` are of the concepts."""


@dataclass(frozen=True)
class Described:
    """Every candidate with its scores; fidelity is filled in for the winners only."""

    table: pl.DataFrame
    n_fit: int
    n_select: int
    n_test: int


@dataclass(frozen=True)
class Known:
    """What the bank counted in every pair: concepts, and (n, concepts) their odd values."""

    concepts: Sequence[Concept]
    odd: sparse.csc_array


class PairWords:
    """Which words tell pairs apart, counted once for the same pairs however often it is asked.

    Parameters
    ----------
    responses
        The pairs' A and B texts.
    """

    def __init__(self, responses: tuple[Texts, Texts]) -> None:
        self._responses = responses
        self._known: tuple[bytes, TermTable] | None = None

    def table(self, rows: Ints, fit: Ints, progress: Progress = silent) -> TermTable:
        """Return the words of some pairs, of which ``fit`` decide which are frequent enough."""
        key = rows.tobytes() + b"|" + fit.tobytes()
        if self._known is None or self._known[0] != key:
            self._known = key, self._counted(rows, fit, progress)
        return self._known[1]

    def _counted(self, rows: Ints, fit: Ints, progress: Progress) -> TermTable:
        sides = [
            pl.Series(side, dtype=pl.String).gather(rows).to_list() for side in self._responses
        ]
        unique = sorted({*sides[0], *sides[1]})
        row_of = {text: row for row, text in enumerate(unique)}
        progress(Event("describe", message=f"counting words in {len(unique):,} responses"))
        places = [np.array([row_of[text] for text in side], dtype=np.int64) for side in sides]
        return word_table(unique, places[0], places[1], fit)


def describe_features(
    responses: tuple[Texts, Texts] | PairWords,
    known: Known,
    codes: Floats32 | sparse.csr_array,
    split: NDArray[np.str_],
    components: Ints,
    config: DescribeConfig,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Described:
    """Name every feature by the bank, or by words, and judge the names.

    Parameters
    ----------
    responses
        The pairs' A and B texts, or their words, where several dictionaries are named.
    codes
        (n, m) signed codes.
    split
        (n,) "fit", "select" or "test".
    """
    rows = _sample(split, config.max_pairs, rng)
    some = codes[rows].toarray() if isinstance(codes, sparse.csr_array) else codes[rows]
    own = np.asarray(some, dtype=np.float64)
    parts = {name: np.flatnonzero(split[rows] == name) for name in ("fit", "select", "test")}
    odd = sparse.csc_array(known.odd[rows])
    plain = [at for at, one in enumerate(known.concepts) if one.reads == "response" and not one.of]
    named = [known.concepts[at] for at in plain]  # what a response alone shows can be a name
    words = responses if isinstance(responses, PairWords) else PairWords(responses)
    table = words.table(rows, parts["fit"], progress).with_concepts(named, odd[:, plain])
    seeds = rng.integers(2**32, size=2)
    namer = Namer(table, parts["fit"], parts["select"], components[rows], int(seeds[0]))
    held = sparse.csc_array(table.columns[parts["test"]])
    judge = _Judge(held, parts["test"], components[rows], config.min_fidelity, own.shape[1])
    shares, nearest = known_shares(odd, own, parts["fit"], parts["test"])
    mapped = _mapped(table, own, parts["fit"])
    records: list[dict[str, object]] = []
    for feature in range(own.shape[1]):
        found = namer.name(own[:, feature], mapped[feature])
        judged = judge.records(feature, found, own[:, feature], int(seeds[1]) + feature)
        at = nearest[feature]
        judged[found.best] |= {
            "typical": found.typical, "known_share": float(shares[feature]),
            "known_as": None if at < 0 else known.concepts[at].title,
        }  # fmt: skip
        records += judged
        progress(Event("describe", feature + 1, own.shape[1], unit="features"))
    records_table = pl.DataFrame(records, schema=DESCRIPTION_COLUMNS)
    return Described(records_table, *(len(parts[name]) for name in ("fit", "select", "test")))


def _mapped(table: TermTable, codes: Floats, fit: Ints) -> Floats:
    """Return how far each code moves each word (m, p); concepts are not words."""
    moved = np.zeros((codes.shape[1], len(table.terms)))
    words = ~table.concepts
    if words.any() and codes.shape[1]:
        rows = sparse.csr_array(table.columns)[fit]
        moved[:, words] = word_map(codes[fit], sparse.csc_array(rows)[:, words])
    return moved


@dataclass(frozen=True)
class _Judge:
    """The same judgement for every name: reported on test pairs."""

    columns: sparse.csc_array
    """The terms of the test pairs."""
    test: Ints
    components: Ints
    min_fidelity: float
    n_features: int

    def records(
        self, feature: int, named: Named, code: Floats, seed: int
    ) -> list[dict[str, object]]:
        """Return one record per candidate of a feature, the winner's with its fidelity."""
        own, rng = code[self.test], np.random.default_rng(seed)
        best, won = named.best, named.names[named.best]
        records = [
            _record(feature, one, score, number == best)
            for number, (one, score) in enumerate(zip(named.names, named.scores, strict=True))
        ]
        if not won.terms:
            reason = "nothing that can be counted goes with it"
            active = int(np.count_nonzero(own))
            records[best] |= {"active_test": active, "understood": False, "reason": reason}
            return records
        judged = fidelity(
            won.predict(self.columns), won.pole * own, self.components[self.test], rng
        )
        value, p = judged.correlation.value, judged.p
        records[best] |= judged.columns()
        records[best] |= verdict(value, p, self.n_features, self.min_fidelity)
        records[best]["clauses"] = [
            correlation(np.sign(weight) * self.columns[:, [column]].toarray()[:, 0], won.pole * own)
            for column, weight in zip(won.columns, won.weights, strict=True)
        ]
        return records


def verdict(
    value: float | None, p: float | None, n_features: int, floor: float
) -> dict[str, object]:
    """Say whether a description of a fidelity is understood: past Bonferroni, above the floor."""
    if value is None:
        return {"understood": False}
    if p is None:
        return {"understood": False, "reason": "it predicts nothing on the held-out pairs"}
    if value < floor:
        return {
            "understood": False,
            "reason": f"the name accounts for {max(value, 0.0) ** 2:.0%} of its variance",
        }
    if p * n_features > 0.05:
        return {"understood": False, "reason": "fidelity may be chance"}
    return {"understood": True}


def _record(feature: int, one: Name, score: float, won: bool) -> dict[str, object]:
    return dict.fromkeys(DESCRIPTION_COLUMNS) | {
        "feature": feature, "author": one.author, "description": one.sentence,
        "opposite": one.opposite, "pole": one.pole, "terms": [term.key for term in one.terms],
        "weights": list(one.weights), "won": won, "select_correlation": score,
    }  # fmt: skip


def _sample(split: NDArray[np.str_], most: int, rng: np.random.Generator) -> Ints:
    n = len(split)
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.sort(rng.choice(n, size=most, replace=False)).astype(np.int64)
