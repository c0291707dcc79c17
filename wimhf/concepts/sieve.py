"""Which texts may match an expression, by the words that they hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

import numpy as np
import polars as pl

from wimhf.base import Ints, Mask
from wimhf.concepts.needs import (
    BEYOND,
    DIGIT,
    WORD,
    Either,
    Every,
    Need,
    Piece,
    Sign,
    leaves,
    need_of,
)  # fmt: skip

EDGE = " "
"""What stands around a word of the vocabulary, so that a piece can ask for its start and end."""

OFTEN = 64
"""A word is in many texts if it is in more than one of so many."""
MANY = 20
"""Words that hold a piece, from which on the texts that hold it are kept."""


class Sieve:
    """An index of texts: which hold a word, a part of one, or a sign.

    Parameters
    ----------
    texts
        The texts, without accents and with straight apostrophes.
    expressions
        The Rust regular expressions that will be asked for.
    """

    def __init__(self, texts: pl.Series, expressions: Sequence[str]) -> None:
        self._texts = texts
        self._known: dict[Need, Mask | None] = {}
        words = (
            pl.DataFrame({"word": texts.str.to_lowercase().str.extract_all(WORD.pattern)})
            .with_row_index("text")
            .explode("word")
            .drop_nulls()
            .group_by("word")
            .agg("text")
        )
        self._texts_of = [self._packed(rows.to_numpy()) for rows in words["text"]]
        self._words_of = _words_of(words["word"], _pieces(tuple(expressions)))

    def rows(self, expressions: Sequence[str]) -> Ints | None:
        """Return the texts that one of some expressions may match, in order; None for all."""
        needs = [need_of(expression) for expression in expressions]
        known = tuple(need for need in needs if need is not None)
        if len(known) < len(needs):
            return None
        holding = self._holding(Either(known))
        if holding is None:
            return np.empty(0, dtype=np.int64)
        return None if holding.all() else np.flatnonzero(holding)

    def _holding(self, need: Need) -> Mask | None:
        """Return which texts hold what is needed; None where none does."""
        match need:
            case Sign():
                return self._once(need, lambda: self._with_sign(need.text))
            case Piece():
                words = self._words_of.get(need, ())
                if len(words) < MANY:
                    return self._with_words(words)
                return self._once(need, lambda: self._with_words(words))
            case Every():
                return self._with_every(need.parts)
            case Either():
                return self._with_either(need.parts)

    def _once(self, need: Need, find: Callable[[], Mask | None]) -> Mask | None:
        if need not in self._known:
            self._known[need] = find()
        return self._known[need]

    def _with_every(self, parts: Sequence[Need]) -> Mask | None:
        if any(isinstance(part, Piece) and part not in self._words_of for part in parts):
            return None  # most of what is sought for is in no text
        holding: Mask | None = None
        for part in parts:
            own = self._holding(part)
            if own is None:
                return None
            holding = own if holding is None else holding & own
        return holding

    def _with_either(self, parts: Sequence[Need]) -> Mask | None:
        held = {part: self._words_of.get(part, ()) for part in parts if isinstance(part, Piece)}
        few = {part for part, words in held.items() if len(words) < MANY}
        holding = self._with_words({word for part in few for word in held[part]})
        for part in parts:
            own = None if part in few else self._holding(part)
            if own is not None:
                holding = own if holding is None else holding | own
        return holding

    def _with_words(self, words: Collection[int]) -> Mask | None:
        if not words:
            return None
        holding = np.zeros(len(self._texts), dtype=bool)
        for word in words:
            rows = self._texts_of[word]
            if rows.dtype == np.bool_:
                holding |= rows
            else:
                holding[rows] = True
        return holding

    def _packed(self, rows: Ints) -> Ints | Mask:
        """Return the texts of a word as a mask, if they are many: those are joined faster."""
        if len(rows) * OFTEN < len(self._texts):
            return rows
        holding = np.zeros(len(self._texts), dtype=bool)
        holding[rows] = True
        return holding

    def _with_sign(self, sign: str) -> Mask:
        if sign == DIGIT:  # in any script
            found = self._texts.str.contains("[0-9]|[^[:ascii:]]")
        elif sign == BEYOND:
            found = self._texts.str.contains("[^[:ascii:]]")
        else:
            found = self._texts.str.contains(sign, literal=True)
        return found.to_numpy()


@lru_cache(maxsize=8)
def _pieces(expressions: tuple[str, ...]) -> dict[str, Piece]:
    """Return the pieces that expressions ask for, by how they stand in the vocabulary."""
    needs = [need for need in map(need_of, expressions) if need is not None]
    pieces = {leaf for need in needs for leaf in leaves(need) if isinstance(leaf, Piece)}
    return {
        f"{EDGE * piece.starts}{piece.text}{EDGE * piece.ends}": piece
        for piece in sorted(pieces, key=lambda piece: (piece.text, piece.starts, piece.ends))
    }


def _words_of(words: pl.Series, pieces: dict[str, Piece]) -> dict[Piece, list[int]]:
    """Return the words of a vocabulary that hold each piece, as their places in it."""
    if not pieces or not len(words):
        return {}
    edged = (EDGE + words + EDGE).str.extract_many(list(pieces), overlapping=True)
    found = (
        pl.DataFrame({"piece": edged}).with_row_index("word").explode("piece").drop_nulls().unique()
    )
    return {pieces[name]: held for name, held in found.group_by("piece").agg("word").rows()}
