"""Pairs without a flaw, the flaws that tests plant in them, and how they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.conftest import FILLER
from wimhf.data.health import Checked, Cut, Item, check_health
from wimhf.data.pairs import Pair, pair_table, reject_table
from wimhf.data.splits import pair_components

SPOKEN = [*FILLER, *"the and that with this for not are you have".split()]
Check = Callable[[Checked], Iterator[Item]]


def sentence(rng: np.random.Generator, words: int = 40) -> str:
    """Draw words that end with a full stop."""
    return " ".join(rng.choice(SPOKEN, size=words)) + "."


def clean_pairs(n: int = 600, seed: int = 0) -> list[Pair]:
    """Draw pairs in which nothing is wrong: labels are coins, and lengths mean nothing."""
    rng = np.random.default_rng(seed)
    return [
        Pair(
            prompt=f"question {i}: {sentence(rng, 12)}",
            response_a=sentence(rng, int(rng.integers(30, 50))),
            response_b=sentence(rng, int(rng.integers(30, 50))),
            label=float(rng.random() < 0.5),
        )
        for i in range(n)
    ]


def checked(pairs: list[Pair], **given: Any) -> Checked:
    """Return pairs as the checks are given them."""
    table = pair_table(pairs, range(len(pairs)))
    known: dict[str, Any] = {
        "component": pair_components(table)[0],
        "rejects": reject_table([]),
        "n_rows": len(pairs),
        "sides_drawn": False,
    }
    return Checked(pairs=table, **(known | given))


def look(pairs: list[Pair], check: Check | None = None, **given: Any) -> dict[str, Item]:
    """Return the findings of one check, or of all, by their id."""
    data = checked(pairs, **given)
    items = check_health(data).items if check is None else list(check(data))
    found = {item.id: item for item in items}
    assert len(found) == len(items)
    return found


def exchanged(pairs: list[Pair], which: Iterable[bool]) -> list[Pair]:
    """Exchange the responses of some pairs, mirroring their labels."""
    return [p.exchanged() if turn else p for p, turn in zip(pairs, which, strict=True)]


def judged(
    units: int, reliability: dict[str, float], seed: int = 0, *, turned: bool = True
) -> list[Pair]:
    """Let annotators judge the same pairs, each right with its own chance, in either order."""
    rng = np.random.default_rng(seed)
    votes = []
    for pair in clean_pairs(units, seed):
        for name, chance in reliability.items():
            right = rng.random() < chance
            label = pair.label if right else 1.0 - (pair.label or 0.0)
            vote = replace(pair, label=label, annotator=name)
            votes.append(vote.exchanged() if turned and rng.random() < 0.5 else vote)
    return votes


def first_words(pairs: list[Pair], limit: int = 30) -> Cut:
    """Return the view of an encoder that reads only so many words."""

    def same(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        sides = [(pairs[i].response_a.split(), pairs[i].response_b.split()) for i in rows]
        return np.array([a[:limit] == b[:limit] for a, b in sides], dtype=bool)

    return Cut("words", limit, same)


# -- flaws: each is planted at a row, and returns the rows that are then behind its finding -------


def repeat(pairs: list[Pair], row: int) -> list[int]:
    """Repeat the pair before."""
    pairs[row] = pairs[row - 1]
    return [row]


def nearly_repeat(pairs: list[Pair], row: int) -> list[int]:
    """Repeat the pair before but for one word."""
    words = pairs[row - 1].response_a.split()
    words[len(words) // 2] = "something"
    pairs[row] = replace(pairs[row - 1], response_a=" ".join(words))
    return [row]


def contradict(pairs: list[Pair], row: int) -> list[int]:
    """Repeat the pair before with the opposite label."""
    before = pairs[row - 1]
    pairs[row] = replace(before, label=1.0 - (before.label or 0.0))
    return [row - 1, row]


def turn_responses_only(pairs: list[Pair], row: int) -> list[int]:
    """Repeat the pair before with its responses exchanged and the label on the same side."""
    before = pairs[row - 1]
    pairs[row] = replace(before, response_a=before.response_b, response_b=before.response_a)
    return [row - 1, row]


def compare_with_itself(pairs: list[Pair], row: int) -> list[int]:
    """Make the responses equal up to case and spaces."""
    text = pairs[row].response_a
    pairs[row] = replace(pairs[row], response_b="  " + text.upper().replace(" ", "\n "))
    return [row]


def differ_late(pairs: list[Pair], row: int) -> list[int]:
    """Make the responses differ in their last words only."""
    stem = (pairs[row].response_a + " " + pairs[row].response_b)[:240].rstrip()
    pairs[row] = replace(
        pairs[row], response_a=stem + " and so it ends.", response_b=stem + " but not for long."
    )
    return [row]


def change(**values: Any) -> Callable[[list[Pair], int], list[int]]:
    """Return a flaw that sets fields of one pair."""

    def plant(pairs: list[Pair], row: int) -> list[int]:
        pairs[row] = replace(pairs[row], **values)
        return [row]

    return plant


def plant(
    flaw: Callable[[list[Pair], int], list[int]], pairs: list[Pair], count: int, seed: int = 5
) -> list[int]:
    """Plant a flaw in ``count`` places, and return the rows behind it."""
    rng = np.random.default_rng(seed)
    odd = np.arange(1, len(pairs), 2)
    few = count <= len(odd)
    places = np.sort(rng.choice(odd, count, replace=False)) if few else np.arange(count)
    return sorted(row for place in places for row in flaw(pairs, int(place)))


CUT_OFF = " ".join(SPOKEN * 2)


class Flaw(NamedTuple):
    """How it is planted, how bad so many of 1,200 are, and what else it brings with it."""

    plant: Callable[[list[Pair], int], list[int]]
    grades: dict[int, str]
    brings: Set[str] = frozenset()


FLAWS: dict[str, Flaw] = {
    "duplicates": Flaw(repeat, {1: "note", 12: "warning", 120: "serious"}, {"prompts"}),
    "near_duplicates": Flaw(nearly_repeat, {1: "note", 60: "warning", 360: "serious"}, {"prompts"}),
    "contradictions": Flaw(
        contradict, {1: "note", 2: "warning", 12: "serious"}, {"prompts", "duplicates"}
    ),
    "swapped": Flaw(
        turn_responses_only, {1: "note", 2: "warning", 12: "serious"},
        {"prompts", "duplicates", "contradictions"},
    ),
    "identical": Flaw(compare_with_itself, {1: "note", 6: "warning", 60: "serious"}),
    "identical_after_cut": Flaw(differ_late, {1: "note", 12: "warning", 120: "serious"}),
    "unlabelled": Flaw(change(label=None), {1: "note", 600: "warning", 1200: "serious"}),
    "ties": Flaw(change(label=0.5), {1: "note", 720: "warning", 1140: "serious"}),
    "score_conflicts": Flaw(change(strength=-1.0), {1: "note", 12: "warning", 120: "serious"}),
    "empty_prompts": Flaw(change(prompt=" \n\t"), {1: "note", 60: "warning", 1080: "serious"}),
    "refusals": Flaw(
        change(response_a="I'm sorry, but I can't help with that."), {1: "ok", 24: "note"}
    ),
    "broken": Flaw(
        change(response_b=CUT_OFF), {1: "ok", 24: "note", 120: "warning", 600: "serious"}
    ),
    "private": Flaw(
        change(response_a="Write to ada@mail.example.org today."),
        {1: "note", 24: "warning", 600: "serious"},
    ),
}  # fmt: skip
