"""Groups of texts in words: the lexical describer, on pairs of texts from different groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from wimhf.base import DescribeConfig, Floats, Ints
from wimhf.concepts import WORD
from wimhf.describe.fidelity import correlation, fidelity
from wimhf.describe.terms import TermTable, word_table

MOST = 3
"""Words of a name, at most."""
SHARES = (0.6, 0.2, 0.2)
MATCHINGS = 4
"""Times every fitting text is paired with another; held-out texts are paired once."""


@dataclass(frozen=True)
class GroupName:
    """What tells a group's texts from the others', and how well on texts that chose nothing."""

    sentence: str
    fidelity: float | None
    understood: bool


def describe_groups(
    texts: list[str], group: Ints, config: DescribeConfig, rng: np.random.Generator
) -> list[GroupName]:
    """Name every group by what its texts have and others lack.

    Two texts are a pair whose code for a group is +1 where only the first belongs to it and -1
    where only the second does, so a name is found and proven as a feature's is.
    """
    n_groups = int(group.max()) + 1
    part = rng.choice(3, size=len(texts), p=SHARES)
    matched = [
        _matched(np.flatnonzero(part == p), MATCHINGS if p == 0 else 1, rng) for p in (0, 1, 2)
    ]
    first, second = np.concatenate(matched, axis=1)
    split = np.repeat([0, 1, 2], [m.shape[1] for m in matched])
    eye = np.eye(n_groups)
    codes: Floats = eye[group[first]] - eye[group[second]]
    rows = [np.flatnonzero(split == p) for p in (0, 1, 2)]
    table = _topical(word_table(texts, first, second, rows[0]))
    return [
        _named(table, codes[:, number], rows, config, n_groups, rng.spawn(1)[0])
        for number in range(n_groups)
    ]


def _named(
    table: TermTable, code: Floats, rows: list[Ints], config: DescribeConfig, n_groups: int,
    rng: np.random.Generator,
) -> GroupName:  # fmt: skip
    """Return the words a group's texts have most, as many as do best on the select pairs."""
    fit, select, test = (sparse.csc_array(table.columns[part]) for part in rows)
    size = np.sqrt(np.asarray(fit.multiply(fit).sum(axis=0)).ravel())
    related = np.asarray(fit.T @ code[rows[0]]).ravel() / np.where(size > 0, size, 1.0)
    words = [int(j) for j in np.argsort(-related, kind="stable")[:MOST] if related[j] > 0]
    if not words:
        return GroupName("", None, understood=False)
    sums = [np.asarray(select[:, words[:k]].sum(axis=1)).ravel() for k in range(1, len(words) + 1)]
    scores = [correlation(one.astype(np.float64), code[rows[1]]) for one in sums]
    chosen = words[: int(np.argmax(scores)) + 1]
    predicted = np.asarray(test[:, chosen].sum(axis=1)).ravel().astype(np.float64)
    judged = fidelity(predicted, code[rows[2]], np.arange(len(rows[2])), rng)
    value, p = judged.correlation.value, 1.0 if judged.p is None else judged.p
    proven = value is not None and value >= config.min_fidelity and p * n_groups <= 0.05
    said = " or ".join(f"“{table.terms[j].text}”" for j in chosen)
    return GroupName(f"says {said}", value, proven)


def _topical(table: TermTable) -> TermTable:
    """Keep words that say what a text is about."""
    kept = [
        number
        for number, term in enumerate(table.terms)
        if term.kind == "ngram" and not ENGLISH_STOP_WORDS.issuperset(WORD.findall(term.text))
    ]
    return TermTable([table.terms[number] for number in kept], table.columns[:, kept])


def _matched(texts: Ints, times: int, rng: np.random.Generator) -> Ints:
    """Return (2, pairs) random pairs of texts; each text is in ``times`` of them at most."""
    half = len(texts) // 2
    orders = [rng.permutation(texts) for _ in range(times)]
    pairs: Ints = np.concatenate([np.stack([o[:half], o[half : 2 * half]]) for o in orders], axis=1)
    return pairs
