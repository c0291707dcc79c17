"""A feature's pairs, ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wimhf.base import Floats32, Ints
from wimhf.run import Run
from wimhf.ui.words.folding import KEPT, Folded, FoldedPrompt, folded, folded_prompt
from wimhf.ui.words.labels import badge_words, turned_label
from wimhf.ui.words.worddiff import word_marks

EXAMPLES = 3
SHORTER = (KEPT, 8_000, 3_000, 1_200, 600, 250)
"""Characters of a text that are held, from the most to what every report has room for."""
CANDIDATES = 60
"""Strongest pairs looked through for examples from different prompts."""


@dataclass(frozen=True)
class Side:
    """One response of an example, and what the label makes of it."""

    title: str
    text: Folded
    badge: str
    preferred: bool


@dataclass(frozen=True)
class Example:
    """A pair in which a feature is strong; the response with more of it stands first."""

    pair_id: str
    source_row: int
    prompt: FoldedPrompt
    sides: tuple[Side, Side]

    @property
    def characters(self) -> int:
        """How many it shows or folds away."""
        texts = [part for side in self.sides for part in (side.text.shown, side.text.rest)]
        asked = len(self.prompt.last) + len(self.prompt.whole or "")
        return asked + sum(len(text) for part in texts for text, _ in part)


def examples_of(run: Run, feature: int, kept: int = KEPT) -> list[Example]:
    """Return a feature's strongest pairs, from different prompts where there are several.

    Parameters
    ----------
    kept
        Characters of a text that are held at all.
    """
    pairs = run.pairs(feature=feature, limit=CANDIDATES)
    if pairs.is_empty():
        return []
    chosen = strongest_pairs(pairs["code"].to_numpy(), pairs["component"].to_numpy(), EXAMPLES)
    return [
        Example(
            row["pair_id"], row["source_row"], _prompt(row["prompt"], kept),
            (
                _side("More of it", row["more"], row["less"], row["more_won"], kept),
                _side("Less of it", row["less"], row["more"], turned_label(row["more_won"]), kept),
            ),
        )
        for row in pairs[chosen.tolist()].iter_rows(named=True)
    ]  # fmt: skip


def _side(title: str, text: str, other: str, won: float | None, kept: int) -> Side:
    marked = folded(word_marks(text, other), kept)
    return Side(title, marked, badge_words(won), preferred=won is not None and won > 0.5)


def _prompt(prompt: str, kept: int) -> FoldedPrompt:
    """Fold a prompt; what is shown of a long one begins with a whole word."""
    fold = folded_prompt(prompt, kept)
    if fold.whole is None:
        return fold
    last = fold.last.split(maxsplit=1)[-1] if " " in fold.last[:60] else fold.last
    return replace(fold, last=f"… {last}")


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


def fitting_examples(run: Run, features: Sequence[int], most: int) -> list[list[Example]]:
    """Return the examples of several features, with texts cut so that all together fit.

    Parameters
    ----------
    most
        Characters that all texts together may have.
    """
    for kept in SHORTER:
        found = [examples_of(run, feature, kept) for feature in features]
        if sum(example.characters for examples in found for example in examples) <= most:
            break
    return found
