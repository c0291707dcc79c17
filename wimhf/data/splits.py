"""Splits by connected components, so that nothing a pair shares straddles one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Ints, SplitConfig
from wimhf.data.asked import first_turns
from wimhf.errors import EstimationError
from wimhf.stats import grouped_parts, linked_components

FIRST_TURN = "first-turn"
NAMES = ("fit", "select", "test")
LARGEST = 1 / 3
"""A component with more of the pairs than this leaves no room for a 60/20/20 split."""
MIN_PAIRS = 40


@dataclass(frozen=True)
class Split:
    """Component and part of every pair, with a note where the law had to bend.

    Attributes
    ----------
    component
        (n,) number of the connected component.
    part
        (n,) "fit", "select" or "test".
    note
        What the reader must know; empty if whole components were kept throughout.
    """

    component: Ints
    part: NDArray[np.str_]
    note: str = ""


def split_pairs(pairs: pl.DataFrame, config: SplitConfig, seed: int) -> Split:
    """Split pairs by connected components of prompt, conversation and identical responses.

    Raises
    ------
    EstimationError
        If there are too few pairs to hold any out.
    """
    n = len(pairs)
    if n < MIN_PAIRS:
        raise EstimationError(
            f"{n} pair{'s are' if n != 1 else ' is'} too few to learn from and to check on; "
            f"at least {MIN_PAIRS} are needed, and some hundreds for findings"
        )
    component, note = pair_components(pairs, config.group)
    rng = np.random.default_rng(seed)
    shares = (config.fit, config.select, 1 - config.fit - config.select)
    part = grouped_parts(component, shares, rng)
    return Split(component, np.array(NAMES)[part], note)


def pair_components(pairs: pl.DataFrame, group: str = "prompt") -> tuple[Ints, str]:
    """Return every pair's connected component (n,), and a note where the law had to bend.

    Pairs hang together by prompt, conversation and identical responses.

    Parameters
    ----------
    group
        With ``first-turn``, by what the user says first, too.
    """
    n = len(pairs)
    prompt = _numbers([normalised(text) for text in pairs["prompt"].to_list()])
    talk = (
        _numbers(pairs["conversation_id"].to_list())
        if "conversation_id" in pairs.columns
        else np.full(n, -1, dtype=np.int64)
    )
    both = _numbers(pairs["response_a"].to_list() + pairs["response_b"].to_list())
    responses = np.stack([both[:n], both[n:]], axis=1)  # whichever side they stand on
    first = np.full(n, -1, dtype=np.int64)
    if group == FIRST_TURN:
        first = _numbers([normalised(text) for text in first_turns(pairs)])
    component = linked_components([prompt, talk, first, responses], n)
    notes = []
    for keys, remedy in (
        (
            [prompt, talk, first],
            "identical responses no longer hold pairs together in the largest group",
        ),
        ([], "pairs of the largest group, which shares one prompt, are treated as independent"),
    ):
        large = np.flatnonzero(np.bincount(component) > LARGEST * n)
        if len(large) == 0:
            break
        inside = np.flatnonzero(np.isin(component, large))
        apart = linked_components([key[inside] for key in keys], len(inside))
        component[inside] = component.max() + 1 + apart
        notes.append(
            f"{len(inside):,} pairs hang together; {remedy}, so its intervals may be narrow"
        )
    return np.unique(component, return_inverse=True)[1].astype(np.int64), "; ".join(notes)


def _numbers(values: Sequence[Hashable]) -> Ints:
    """Give equal values one number; None and empty text link nothing and become -1."""
    seen: dict[Hashable, int] = {}
    return np.array(
        [-1 if v is None or v == "" else seen.setdefault(v, len(seen)) for v in values],
        dtype=np.int64,
    )


def normalised(text: str) -> str:
    """Return a text without what tells no two prompts apart: case, and how words are spaced."""
    return " ".join(text.lower().split())
