"""A feature's pairs, ready to be shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from wimhf.base import Floats32, Ints
from wimhf.run import Run
from wimhf.ui.words.worddiff import cut, word_marks

EXAMPLES = 3
CANDIDATES = 60
"""Strongest pairs looked through for examples from different prompts."""
SHOWN = 1_200
"""Characters of a response that are shown at once."""
KEPT = 20_000
"""Characters of a response that the file holds at all."""
PROMPT_SHOWN = 480
Row = dict[str, Any]


def examples_of(run: Run, feature: int) -> list[Row]:
    """Return a feature's strongest pairs, from different prompts where there are several."""
    pairs = run.pairs(feature=feature, limit=CANDIDATES)
    if pairs.is_empty():
        return []
    chosen = strongest_pairs(pairs["code"].to_numpy(), pairs["component"].to_numpy(), EXAMPLES)
    return [_example(row) for row in pairs[chosen.tolist()].iter_rows(named=True)]


def _example(row: Row) -> Row:
    more, less, won = row["more"], row["less"], row["more_won"]
    sides = [
        _side(more, less, won, title="More of it"),
        _side(less, more, None if won is None else 1 - won, title="Less of it"),
    ]
    return row | {"sides": sides, "asked": _prompt(row["prompt"])}


def _side(text: str, other: str, won: float | None, title: str) -> Row:
    shown, rest = cut(word_marks(text, other), SHOWN)
    rest, lost = cut(rest, KEPT - SHOWN)
    return {
        "title": title,
        "won": won,
        "preferred": won is not None and won > 0.5,
        "shown": shown,
        "rest": rest,
        "n_rest": sum(len(part) for part, _ in rest),
        "n_lost": sum(len(part) for part, _ in lost),
    }


def _prompt(prompt: str) -> Row:
    """Return the last part of a prompt, where the question stands, and the whole if it is long."""
    if len(prompt) <= PROMPT_SHOWN * 1.3:
        return {"last": prompt, "whole": None, "n": len(prompt), "lost": 0}
    last = prompt[-PROMPT_SHOWN:]
    last = last.split(maxsplit=1)[-1] if " " in last[:60] else last
    return {
        "last": f"… {last}",
        "whole": prompt[-KEPT:],
        "n": len(prompt),
        "lost": max(len(prompt) - KEPT, 0),
    }


def strongest_pairs(code: Floats32, components: Ints, count: int) -> Ints:
    """Return the pairs with the largest |code|, at most one of each component while others remain.

    Parameters
    ----------
    code
        (n,) of one feature.
    """
    order = np.argsort(-np.abs(code), kind="stable")
    order = order[code[order] != 0]
    _, first = np.unique(components[order], return_index=True)
    distinct = order[np.sort(first)]
    rest = np.setdiff1d(order, distinct, assume_unique=True)
    rest = rest[np.argsort(-np.abs(code[rest]), kind="stable")]
    chosen: Ints = np.concatenate([distinct, rest])[:count].astype(np.int64)
    return chosen
