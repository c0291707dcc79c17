"""The candidate terms of lexical descriptions, as odd columns over pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from wimhf.measures import MEASURES, WORD, measure_texts, odd_log

Floats = NDArray[np.float32]
Index = NDArray[np.int64]
MAX_NGRAMS = 4000
MIN_SUPPORT = 8
"""Fewest fitting pairs in which an n-gram must tell the responses apart."""
MIN_SHARE = 0.008
SAYS_NOTHING = ENGLISH_STOP_WORDS - frozenset(
    "i me my you your yourself we us our he she they cannot cant not no never nothing please why "
    "how what who when where because if but".split()
)
"""Words that, alone or together, would be true names and tell a reader nothing."""


@dataclass(frozen=True)
class Term:
    """One thing that can be said of a response: a measure, or that it says some words."""

    kind: str
    text: str

    @property
    def key(self) -> str:
        """Kind and text in one, as it is saved."""
        return f"{self.kind}:{self.text}"

    @classmethod
    def saved(cls, key: str) -> Term:
        """Return the term of a saved key."""
        kind, _, text = key.partition(":")
        return cls(kind, text)

    def difference(self, a: str, b: str) -> float:
        """Return the term's odd value on one pair, as its column holds it."""
        if self.kind == "measure":
            measure = next(m for m in MEASURES if m.name == self.text)
            lead = np.array([measure.count(a) - measure.count(b)], dtype=np.float32)
            return float(odd_log(lead)[0])
        has = [f" {self.text} " in f" {' '.join(tokens(text))} " for text in (a, b)]
        return float(has[0]) - float(has[1])

    def phrase(self, positive: bool) -> str:
        """Return the words for a response with more (or less) of the term."""
        if self.kind == "measure":
            measure = next(m for m in MEASURES if m.name == self.text)
            return measure.more if positive else measure.less
        return f"says “{self.text}”" if positive else f"does not say “{self.text}”"


@dataclass(frozen=True)
class TermTable:
    """Terms and their odd values on pairs.

    ``columns`` is (n, p): of measures the odd logarithm of the difference, of n-grams presence
    in A minus presence in B.
    """

    terms: list[Term]
    columns: sparse.csc_array

    @property
    def kinds(self) -> NDArray[np.str_]:
        """Kind of every term."""
        return np.array([term.kind for term in self.terms])


def term_table(responses: list[str], text_a: Index, text_b: Index, fit: Index) -> TermTable:
    """Measure pairs of responses.

    Parameters
    ----------
    responses
        Unique texts.
    text_a, text_b
        (n,) each pair's row in ``responses``.
    fit
        Pairs that decide which n-grams are frequent enough.
    """
    counts = measure_texts(responses)
    measured = odd_log(counts[text_a] - counts[text_b])
    vectorizer = CountVectorizer(
        tokenizer=tokens, token_pattern=None, lowercase=False, ngram_range=(1, 3), binary=True,
        dtype=np.float32, min_df=min(5, len(responses)),
    )  # fmt: skip
    names: list[str] = []
    ngrams = sparse.csc_array((len(text_a), 0), dtype=np.float32)
    try:
        present = sparse.csr_array(vectorizer.fit_transform(responses))
    except ValueError:  # no n-gram is frequent enough
        present = None
    if present is not None:
        vocabulary = vectorizer.get_feature_names_out()
        telling = [
            i for i, name in enumerate(vocabulary) if not SAYS_NOTHING.issuperset(name.split())
        ]
        every = sparse.csc_array((present[text_a] - present[text_b])[:, telling])
        chosen = _frequent(every[fit])
        ngrams = sparse.csc_array(every[:, chosen])
        names = [str(vocabulary[telling[column]]) for column in chosen]
    terms = [Term("measure", m.name) for m in MEASURES] + [Term("ngram", name) for name in names]
    columns = sparse.csc_array(sparse.hstack([sparse.csc_array(measured), ngrams]))
    return TermTable(terms, columns)


def tokens(text: str) -> list[str]:
    """Return lower-case words; a straight and a curly apostrophe are the same."""
    return WORD.findall(text.lower().replace("’", "'"))


def _frequent(columns: sparse.csc_array) -> Index:
    telling = sparse.csc_array(columns != 0).sum(axis=0)
    floor = max(MIN_SUPPORT, MIN_SHARE * columns.shape[0])
    enough = np.flatnonzero(telling >= floor)
    if len(enough) > MAX_NGRAMS:
        enough = np.sort(enough[np.argsort(-telling[enough], kind="stable")[:MAX_NGRAMS]])
    chosen: Index = enough.astype(np.int64)
    return chosen
