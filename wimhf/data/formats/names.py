"""What sources call the columns of a pair's two sides: found by their words, not one by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

BETTER = (
    ("chosen", "rejected"), ("preferred", "non_preferred"), ("preferred", "dispreferred"),
    ("preferred", "unpreferred"), ("preferred", "rejected"), ("accepted", "rejected"),
    ("better", "worse"), ("best", "worst"), ("positive", "negative"), ("pos", "neg"),
    ("winning", "losing"), ("winner", "loser"), ("win", "lose"), ("good", "bad"),
)  # fmt: skip
"""Words for the better and the worse response."""
NEEDS_NOUN = frozenset(("positive", "pos", "winner", "win", "good"))
"""Words that alone are no response: embedding triplets have ``positive``, battles ``winner``."""
MARKS = (("a", "b"), ("1", "2"), ("0", "1"), ("left", "right"), ("first", "second"))
"""Marks of the first and the second of two responses."""
NOUNS = (
    "response", "answer", "completion", "output", "text", "reply", "generation", "summary",
    "candidate", "option", "message", "messages", "conversation", "content", "responses",
    "assistant", "story", "comment", "translation",
)  # fmt: skip
SCORES = frozenset(("score", "rating", "reward", "grade"))
MODELS = frozenset(("model", "generator", "policy"))
SIDE_WORDS = frozenset(
    ("avg", "average", "mean", "overall", "value", "rm", "name", "model", "id", "llm", "human")
)
"""Words that may stand beside those of scores or models."""


@dataclass(frozen=True)
class Sides:
    """The columns of two responses, and of what is said of each of them.

    Attributes
    ----------
    words
        The words or marks that tell the first side's columns from the second's.
    texts, scores, models
        Columns of the first and of the second side; None where there is none.
    """

    words: tuple[str, str]
    texts: tuple[str, str]
    scores: tuple[str | None, str | None] = (None, None)
    models: tuple[str | None, str | None] = (None, None)

    @property
    def columns(self) -> frozenset[str]:
        """All of them."""
        names = (*self.texts, *self.scores, *self.models)
        return frozenset(name for name in names if name is not None)


@lru_cache(maxsize=4096)
def tokens(name: str) -> tuple[str, ...]:
    """Return the words of a column's name: ``chosenModel`` and ``chosen-model`` are alike."""
    return tuple(
        word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+", name)
    )


def better_sides(columns: Iterable[str]) -> Sides | None:
    """Return the columns of a response that is better and of one that is worse, by their words."""
    return _better_sides(tuple(sorted(columns)))


@lru_cache(maxsize=4096)
def _better_sides(columns: tuple[str, ...]) -> Sides | None:
    for words in BETTER:
        rests = _rests(columns, words)
        texts = _texts(rests, allow_bare=words[0] not in NEEDS_NOUN)
        if texts is not None:
            return _sides(words, texts, rests)
    return None


def two_sides(columns: Iterable[str]) -> Sides | None:
    """Return the columns of two responses that nothing but a mark tells apart."""
    return _two_sides(tuple(sorted(columns)))


@lru_cache(maxsize=4096)
def _two_sides(columns: tuple[str, ...]) -> Sides | None:
    for words in MARKS:
        rests = _rests(columns, words)
        texts = _texts(rests, allow_bare=False)
        if texts is not None:
            return _sides(words, texts, rests)
    return None


Rests = dict[tuple[str, ...], list[str | None]]
"""What is left of columns' names without the side: the two columns of which it is left."""


def _rests(columns: Collection[str], words: tuple[str, str]) -> Rests:
    rests: Rests = {}
    for name in columns:
        side = side_of(name, words)
        if side is not None:
            found = rests.setdefault(side[1], [None, None])
            found[side[0]] = found[side[0]] or name
    return rests


def side_of(name: str, words: tuple[str, str]) -> tuple[int, tuple[str, ...]] | None:
    """Return which side a column is of, and the other words of its name."""
    own = tokens(name)
    for side in (1, 0):  # the worse first: its words may hold the better's
        mark = tuple(words[side].split("_"))
        for at in range(len(own) - len(mark) + 1):
            if own[at : at + len(mark)] == mark:
                return side, own[:at] + own[at + len(mark) :]
    return None


def _texts(rests: Rests, *, allow_bare: bool) -> tuple[str, str] | None:
    nouns: list[tuple[str, ...]] = [()] if allow_bare else []
    nouns += [(noun,) for noun in NOUNS]
    nouns += [("model", "response"), ("output", "text"), ("model", "output"), ("model", "answer")]
    nouns += [("text", "response"), ("human", "ref"), ("assistant", "response")]
    for rest in nouns:
        first, second = rests.get(rest, (None, None))
        if first is not None and second is not None:
            return first, second
    return None


def _sides(words: tuple[str, str], texts: tuple[str, str], rests: Rests) -> Sides:
    of_scores = [rest for rest, pair in rests.items() if _is_of(rest, SCORES) and any(pair)]
    of_models = [rest for rest in rests if _is_of(rest, MODELS) and not set(rest) & SCORES]
    first = min(of_scores, key=lambda rest: (not all(rests[rest]), "score" not in rest, len(rest)),
                default=None)  # fmt: skip
    both = rests[first] if first is not None else [None, None]
    named = next((rests[rest] for rest in of_models), [None, None])
    return Sides(words, texts, (both[0], both[1]), (named[0], named[1]))


def _is_of(rest: tuple[str, ...], own: frozenset[str]) -> bool:
    """Say whether the words of a column's name are such as these, and no others."""
    return bool(set(rest) & own) and set(rest) <= SIDE_WORDS | set(NOUNS) | own


def counterpart(name: str, words: tuple[str, str]) -> str | None:
    """Return what a column is called for the other side; None where it is of neither."""
    side = side_of(name, words)
    if side is None:
        return None
    own, other = words[side[0]], words[1 - side[0]]
    spelled = re.sub(own.replace("_", r"[\W_]*"), lambda found: _cased(other, found[0]), name,
                     count=1, flags=re.IGNORECASE)  # fmt: skip
    return spelled if spelled != name else None


def _cased(word: str, old: str) -> str:
    if old.isupper():
        return word.upper()
    return word.capitalize() if old[:1].isupper() else word


def numbered(columns: Iterable[str]) -> list[str]:
    """Return the columns of answers that are counted, such as response_1 to response_4."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in columns:
        own = tokens(name)
        if len(own) == 2 and own[0] in NOUNS and own[1].isdigit():
            found.setdefault(own[0], []).append((int(own[1]), name))
    most = max(found.values(), key=len, default=[])
    return [name for _, name in sorted(most)]
