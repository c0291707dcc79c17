"""The lexical describer: a few countable differences that predict a feature.

Greedy orthogonal selection (orthogonal matching pursuit, Pati et al. 1993) on the fit split gives
candidates of growing length; which one is kept is decided elsewhere, on pairs that chose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wimhf.base import Floats, Ints, Mask
from wimhf.describe.terms import Term, TermTable

AUTHOR = "lexical"


@dataclass(frozen=True)
class LexicalDescription:
    """A few weighted terms that predict a code from the two texts alone.

    ``weights`` belong to the terms' columns in the described pole: the first is positive.
    """

    terms: tuple[Term, ...]
    columns: tuple[int, ...]
    weights: tuple[float, ...]
    pole: int

    def predict(self, columns: sparse.csc_array) -> Floats:
        """Return (n,) the predicted code in the described pole; odd under swapping."""
        chosen = columns[:, list(self.columns)]
        predicted: Floats = np.asarray(chosen @ np.asarray(self.weights), dtype=np.float64)
        return predicted

    @property
    def author(self) -> str:
        """Who is behind it: the concept bank where a written concept leads, else the words."""
        return "concept" if self.terms and self.terms[0].kind == "concept" else AUTHOR

    @property
    def sentence(self) -> str:
        """Return the description, spoken of the response that has more of the feature."""
        return self._spoken(1)

    @property
    def opposite(self) -> str:
        """Return the other pole in words, spoken of the response that has less."""
        return self._spoken(-1)

    def _spoken(self, sign: int) -> str:
        phrases = [
            term.phrase(sign * weight > 0)
            for term, weight in zip(self.terms, self.weights, strict=True)
        ]
        return "; ".join(_merged(phrases))


def candidates(
    table: TermTable, codes: Floats, fit: Ints, select: Ints, max_terms: int
) -> list[list[LexicalDescription]]:
    """Return per feature the candidate descriptions found on the fitting pairs.

    For all terms, those of each kind alone, and measures with concepts: the best 1, 2, ...
    ``max_terms`` terms.

    Parameters
    ----------
    codes
        (n, m) signed codes.
    fit
        Rows of the pairs to learn from.
    select
        Rows on which a term must go with the code in the same direction, to be spoken of at all.
    """
    columns = sparse.csc_array(table.columns[fit], dtype=np.float64)
    norms = np.sqrt(np.asarray(columns.multiply(columns).sum(axis=0)).ravel())
    target = np.asarray(codes[fit], dtype=np.float64)
    described: list[list[LexicalDescription]] = []
    correlations = _correlations(columns, norms, target)
    again = np.asarray(table.columns[select].T @ np.asarray(codes[select], dtype=np.float64))
    agrees = np.sign(again) == np.sign(correlations)
    pools = [np.ones(len(table.terms), dtype=bool)]
    pools += [table.kinds == kind for kind in ("measure", "ngram", "concept")]
    pools.append(table.kinds != "ngram")
    for feature in range(target.shape[1]):
        own: dict[tuple[int, ...], LexicalDescription] = {}
        for pool in pools:
            for columns_of, weights in _pursue(
                columns,
                norms,
                target[:, feature],
                correlations[:, feature],
                pool & agrees[:, feature],
                max_terms,
            ):
                own.setdefault(columns_of, _described(table, columns_of, weights))
        described.append(list(own.values()))
    return described


def _correlations(columns: sparse.csc_array, norms: Floats, target: Floats) -> Floats:
    raw = np.asarray(columns.T @ target)
    scaled: Floats = np.divide(
        raw, norms[:, None], out=np.zeros_like(raw), where=norms[:, None] > 0
    )
    return scaled


def _pursue(
    columns: sparse.csc_array,
    norms: Floats,
    target: Floats,
    first: Floats,
    pool: Mask,
    max_terms: int,
) -> list[tuple[tuple[int, ...], Floats]]:
    steps: list[tuple[tuple[int, ...], Floats]] = []
    chosen: list[int] = []
    relation = first
    for _ in range(3 * max_terms):
        score = np.where(pool, np.abs(relation), 0.0)
        best = int(np.argmax(score))
        if score[best] <= 1e-9 or len(chosen) == max_terms:
            break
        pool = pool & (np.arange(len(pool)) != best)
        dense = columns[:, [*chosen, best]].toarray()
        # normal equations: exchanging sides of pairs changes no bit of either factor
        weights, *_ = np.linalg.lstsq(dense.T @ dense, dense.T @ target, rcond=None)
        # a term that helps only against its own direction would be spoken of backwards
        if (np.sign(weights) != np.sign(first[[*chosen, best]])).any():
            continue
        chosen.append(best)
        steps.append((tuple(chosen), weights))
        relation = _correlations(columns, norms, (target - dense @ weights)[:, None])[:, 0]
    return steps


def _described(table: TermTable, columns: tuple[int, ...], weights: Floats) -> LexicalDescription:
    # the pole is the one in which the leading term is something that is there, not absent
    pole = 1 if weights[0] >= 0 else -1
    return LexicalDescription(
        terms=tuple(table.terms[column] for column in columns),
        columns=columns,
        weights=tuple(float(pole * weight) for weight in weights),
        pole=pole,
    )


def _merged(phrases: list[str]) -> list[str]:
    """Join what begins alike: says “a”; says “b” -> says “a” or “b”."""
    for start in ("says “", "does not say “"):
        same = [phrase for phrase in phrases if phrase.startswith(start)]
        if len(same) > 1:
            verb = start.removesuffix("“")
            joined = " or ".join(phrase.removeprefix(verb) for phrase in same)
            first = phrases.index(same[0])
            phrases = [p for i, p in enumerate(phrases) if p not in same or i == first]
            phrases[phrases.index(same[0])] = verb + joined
    return phrases
