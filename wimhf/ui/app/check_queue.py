"""Where somebody stands among the pairs by which a concept or a rule is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from wimhf.run import Answer, Key


class Asked(Protocol):
    """A pair that is asked about."""

    @property
    def kind(self) -> str:
        """What it is to be: a hit, a miss, a rule's pair."""

    @property
    def pair_id(self) -> str:
        """Which pair it is."""


T = TypeVar("T", bound=Asked)


@dataclass(frozen=True)
class CheckQueue(Generic[T]):
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

    at: T | None
    answered: Mapping[str, int]
    total: Mapping[str, int]
    skipped: int


def key_of(check: Asked) -> Key:
    """Return what answers to a check are known by."""
    return check.kind, check.pair_id


def queue_of(
    checks: Sequence[T],
    answers: Mapping[Key, Answer],
    again: Key | None = None,
    *,
    with_skipped: bool = False,
) -> CheckQueue[T]:
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
    total = Counter(one.kind for one in checks)
    said = [one for one in checks if key_of(one) in answers and one not in first]
    answered = dict.fromkeys(total, 0) | Counter(one.kind for one in said)
    return CheckQueue(ahead[0] if ahead else None, answered, total, len(skipped))


def _left_open(answer: Answer | None) -> bool:
    return answer is not None and answer.answer is None
