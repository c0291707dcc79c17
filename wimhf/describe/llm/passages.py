"""A response in sentences, and versions of it with some left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wimhf.base import Floats
from wimhf.concepts import sentence_pieces

MOST_PASSAGES = 12
"""Longer responses are divided into as many runs of sentences."""
LEFT_OUT = 3
"""One sentence of so many is left out, at least one."""


def passages(text: str, characters: int) -> list[str]:
    """Return the sentences and lines of a text, up to a number of characters, spaces kept.

    Joined, they are the beginning of the text; there are at most MOST_PASSAGES.
    """
    pieces = sentence_pieces(text, characters)
    runs = np.array_split(np.arange(len(pieces)), min(len(pieces), MOST_PASSAGES) or 1)
    return ["".join(pieces[i] for i in run) for run in runs if len(run)]


def without(pieces: Sequence[str], left_out: Sequence[int]) -> str:
    """Return a text without some of its passages."""
    gone = set(left_out)
    return "".join(piece for place, piece in enumerate(pieces) if place not in gone).strip()


def to_leave_out(pieces: Sequence[str], drops: Floats) -> tuple[list[int], list[int]]:
    """Choose the passages that carry a code and as many, about as long, that do not.

    Parameters
    ----------
    drops
        By how much the code falls when each passage is left out.
    """
    count = max(1, len(pieces) // LEFT_OUT)
    order = np.argsort(-drops, kind="stable").tolist()
    carrying, rest = order[:count], order[count:]
    idle = rest[-2 * count :]
    others: list[int] = []
    for place in carrying:
        nearest = min(idle, key=lambda i: (abs(len(pieces[i]) - len(pieces[place])), i))
        idle.remove(nearest)
        others.append(nearest)
    return carrying, others
