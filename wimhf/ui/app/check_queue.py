"""Where somebody stands among the pairs by which a concept is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wimhf.curate import Check
from wimhf.run import HIT, MISS, Answer

Key = tuple[str, str]
"""Kind and pair id of a check."""


@dataclass(frozen=True)
class CheckQueue:
    """Where somebody stands.

    Attributes
    ----------
    at
        The pair to ask about next; None at the end.
    answered, total
        By kind: pairs that somebody has answered or skipped, and all.
    skipped
        Pairs that were left open.
    """

    at: Check | None
    answered: Mapping[str, int]
    total: Mapping[str, int]
    skipped: int


def key_of(check: Check) -> Key:
    """Return what answers to a check are known by."""
    return check.kind, check.pair_id


def queue_of(
    checks: Sequence[Check],
    answers: Mapping[Key, Answer],
    again: Key | None = None,
    *,
    with_skipped: bool = False,
) -> CheckQueue:
    """Return the first pair that nobody was asked about.

    Parameters
    ----------
    answers
        The standing ones.
    again
        A pair whose answer was taken back, which comes first.
    with_skipped
        Ask about skipped pairs, too, behind the others; the one skipped longest ago first.
    """
    fresh = [one for one in checks if key_of(one) not in answers]
    skipped = [one for one in checks if _left_open(answers.get(key_of(one)))]
    waiting = sorted(skipped, key=lambda one: answers[key_of(one)].time) if with_skipped else []
    first = [one for one in checks if key_of(one) == again]
    ahead = [*first, *fresh, *waiting]
    answered = {
        kind: sum(one.kind == kind and key_of(one) in answers for one in checks)
        - sum(one.kind == kind for one in first if key_of(one) in answers)
        for kind in (HIT, MISS)
    }
    total = {kind: sum(one.kind == kind for one in checks) for kind in (HIT, MISS)}
    return CheckQueue(ahead[0] if ahead else None, answered, total, len(skipped))


def _left_open(answer: Answer | None) -> bool:
    return answer is not None and answer.answer is None
