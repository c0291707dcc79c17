"""Groups of texts in words: the lexical describer, on pairs of texts from different groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from wimhf.base import DescribeConfig, Floats, Ints
from wimhf.concepts import WORD
from wimhf.describe.fidelity import correlation, fidelity
from wimhf.describe.lexical import LexicalDescription, candidates
from wimhf.describe.terms import TermTable, term_table

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
    table = _topical(term_table(texts, first, second, rows[0]))
    described = candidates(table, codes, rows[0], rows[1], config.max_terms)
    names: list[GroupName] = []
    for number, own in enumerate(described):
        having = [one for one in own if one.pole == 1 and min(one.weights) > 0]
        if not having:
            names.append(GroupName("", None, understood=False))
            continue
        scores = [_score(one, table.columns[rows[1]], codes[rows[1], number]) for one in having]
        best = having[int(np.argmax(scores))]
        judged = fidelity(
            best.predict(table.columns[rows[2]]), codes[rows[2], number],
            np.arange(len(rows[2])), rng.spawn(1)[0],
        )  # fmt: skip
        value, p = judged.correlation.value, 1.0 if judged.p is None else judged.p
        proven = value is not None and value >= config.min_fidelity and p * n_groups <= 0.05
        names.append(GroupName(best.sentence, value, proven))
    return names


def _topical(table: TermTable) -> TermTable:
    """Keep words that say what a text is about."""
    kept = [
        number
        for number, term in enumerate(table.terms)
        if term.kind == "ngram" and not ENGLISH_STOP_WORDS.issuperset(WORD.findall(term.text))
    ]
    return TermTable([table.terms[number] for number in kept], table.columns[:, kept])


def _score(one: LexicalDescription, columns: sparse.csc_array, codes: Floats) -> float:
    return correlation(one.predict(columns), codes)


def _matched(texts: Ints, times: int, rng: np.random.Generator) -> Ints:
    """Return (2, pairs) random pairs of texts; each text is in ``times`` of them at most."""
    half = len(texts) // 2
    orders = [rng.permutation(texts) for _ in range(times)]
    pairs: Ints = np.concatenate([np.stack([o[:half], o[half : 2 * half]]) for o in orders], axis=1)
    return pairs
