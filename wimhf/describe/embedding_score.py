"""The embedding score: whether another encoder sees a description in the response with more.

After the embedding score of EleutherAI's delphi (Paulo et al., arXiv 2410.13928), which needs no
language model: a description is nearer to the response that has more of the feature than to the
one that has less. The encoder is not the one that the feature was learned from, which would see
its own errors in both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wimhf.base import Floats, Floats32, Ints
from wimhf.describe.llm.scores import MIN_PAIRS, HeldOut, Score, Subject, scored

Vectors = Callable[[list[str]], Floats32]
"""Texts -> vectors (n, d) of length 1."""


def embedding_scores(
    subjects: Sequence[Subject],
    held: HeldOut,
    vectors_of: Vectors,
    pairs: int,
    rng: np.random.Generator,
) -> list[Score]:
    """Return how often the described response of an active held-out pair is the nearer one.

    Parameters
    ----------
    pairs
        Held-out pairs of each feature at most.
    """
    if not subjects:
        return []
    rngs = rng.spawn(len(subjects))
    drawn = [
        own.permutation(held.test[held.codes[held.test, one.feature] != 0])[:pairs]
        for one, own in zip(subjects, rngs, strict=True)
    ]
    said = [f"The response {one.sentence}." for one in subjects]
    rows = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *drawn]))
    texts = held.texts
    shown = [side[row] for row in rows.tolist() for side in (texts.response_a, texts.response_b)]
    vectors = vectors_of([*said, *shown])
    sentences, sides = vectors[: len(said)], vectors[len(said) :]
    leads = ((sides[::2] - sides[1::2]) @ sentences.T).astype(np.float64)
    place = {int(row): number for number, row in enumerate(rows)}
    return [
        _score(one, mine, leads[[place[int(row)] for row in mine], number], held, own)
        for number, (one, mine, own) in enumerate(zip(subjects, drawn, rngs, strict=True))
    ]


def _score(
    one: Subject, rows: Ints, lead: Floats, held: HeldOut, rng: np.random.Generator
) -> Score:
    if len(rows) < MIN_PAIRS:
        return Score(reason=f"active in only {len(rows)} held-out pairs")
    code = one.pole * held.codes[rows, one.feature]
    right = (np.sign(lead).astype(float) * np.sign(code) + 1) / 2
    return scored(right, code > 0, rows, held, rng)
