"""What people and models answered when they were asked whether a concept is really there.

A concept's detector is a claim: a *hit* is a pair that it tells apart, a *miss* one of the pairs
most like these in which it finds nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wimhf.base import Floats, Ints
from wimhf.concepts import Concept
from wimhf.errors import RunError
from wimhf.run.answers import Answer, Key, Said, keep_answers, last_answers, read_answers
from wimhf.stats import wilson_interval

if TYPE_CHECKING:
    from wimhf.run.run import Run

HIT, MISS = "hit", "miss"
NEAR = 4
"""A recall below 1 / (1 + NEAR) cannot be seen. With 2, the bounds of detectors of which a known
share was taken away held the truth in 80 % of draws of 20 pairs; with 4 in 98 %."""
SPOKEN = frozenset({"source", "area", "title", "less", "concern", "why", "audit",
                    "examples_more", "examples_less"})  # fmt: skip
"""What of a concept may change without making answers about it void."""


@dataclass(frozen=True)
class ConceptChecked:
    """How right a concept's detector is, as far as it was asked.

    Shares are 0 to 1, with Wilson's intervals.

    Attributes
    ----------
    hits, asked
        Pairs in which it is really there, of those asked about that the detector found.
    precision, low, high
        Share of ``hits`` in ``asked``.
    misses, asked_misses
        The same of pairs in which it found nothing.
    found, near
        Pairs outside the fitting ones that the detector finds, and those most like them in which
        it finds nothing: what ``misses`` were drawn from.
    recall, recall_low, recall_high
        True hits as a share of true hits and misses among ``found`` and ``near``; misses further
        off are not counted. The bounds join the ends of both intervals.
    """

    hits: int
    asked: int
    precision: float | None
    low: float | None
    high: float | None
    misses: int
    asked_misses: int
    found: int
    near: int
    recall: float | None
    recall_low: float | None
    recall_high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON types."""
        return asdict(self)


def concept_stamp(concept: Concept) -> str:
    """Return what a concept is known by: everything that decides what it finds and claims."""
    decides = {key: value for key, value in asdict(concept).items() if key not in SPOKEN}
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]


def feature_concept(run: Run, name: str) -> tuple[Concept, Floats]:
    """Return a concept that is a feature of the run, and its column (n,): positive, A has more.

    Raises
    ------
    RunError
        If there is none of that id, or it is no feature.
    """
    for one in run.concepts.counted:
        if one.concept.id == name and one.reason is None:
            return one.concept, run.sparse_codes.column(run.concept_numbers[name])
        if one.concept.id == name:
            raise RunError(f"concept {name!r} is no feature of {run.path}: {one.reason}")
    raise RunError(f"{run.path} has no concept {name!r}; `wimhf concepts` lists the bank")


def check_rows(run: Run, column: Floats) -> tuple[Ints, Ints]:
    """Return the rows outside the fitting pairs that a concept tells apart, and those it does not.

    What is said of pairs that it misses is predicted from the fitting pairs, so these are left out.
    """
    held = (run.pair_table["split"] != "fit").to_numpy()
    return np.flatnonzero(held & (column != 0)), np.flatnonzero(held & (column == 0))


def near_count(found: Ints, silent: Ints) -> int:
    """Return how many of the pairs without a concept are looked at: NEAR times those with it."""
    return min(NEAR * len(found), len(silent))


def keep_said(
    run: Run, said: Iterable[tuple[Concept, str, str, bool | None]], who: str | None
) -> list[Answer]:
    """Keep answers about concepts: (concept, pair_id, kind, answer); all of them or none."""
    return keep_answers(
        run,
        [
            Said(concept.id, concept_stamp(concept), pair_id, kind, answer)
            for concept, pair_id, kind, answer in said
        ],
        who,
    )


def standing_answers(run: Run, concept: Concept) -> dict[Key, Answer]:
    """Return the answer that counts by (kind, pair_id): the last one, people's before models'.

    Answers about the concept as it was before somebody changed it do not count.
    """
    stamp = concept_stamp(concept)
    return last_answers(
        [one for one in read_answers(run) if (one.concept, one.stamp) == (concept.id, stamp)]
    )


def checked_concepts(run: Run) -> dict[str, ConceptChecked]:
    """Return how right the concepts that were asked about are, by their ids."""
    features = [one.concept for one in run.concepts.features]
    asked = {one.concept for one in read_answers(run)}
    return {one.id: _checked(run, one) for one in features if one.id in asked}


def _checked(run: Run, concept: Concept) -> ConceptChecked:
    _, column = feature_concept(run, concept.id)
    found, silent = check_rows(run, column)
    near = near_count(found, silent)
    answers = {kind: [0, 0] for kind in (HIT, MISS)}
    for (kind, _), one in standing_answers(run, concept).items():
        if one.answer is not None:
            answers[kind][0] += one.answer
            answers[kind][1] += 1
    right, missed = wilson_interval(*answers[HIT]), wilson_interval(*answers[MISS])

    def recall(hit: float | None, miss: float | None) -> float | None:
        if hit is None or miss is None or hit * len(found) + miss * near == 0:
            return None
        return hit * len(found) / (hit * len(found) + miss * near)

    return ConceptChecked(
        hits=answers[HIT][0], asked=answers[HIT][1],
        precision=right["value"], low=right["low"], high=right["high"],
        misses=answers[MISS][0], asked_misses=answers[MISS][1],
        found=len(found), near=near,
        recall=recall(right["value"], missed["value"]),
        recall_low=recall(right["low"], missed["high"]),
        recall_high=recall(right["high"], missed["low"]),
    )  # fmt: skip
