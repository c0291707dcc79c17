"""Responses to one prompt that were compared with each other, in one turn or in several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from wimhf.data.containers.rows import Row
from wimhf.data.formats.cells_in import label_of, whole
from wimhf.data.formats.cells_out import coded, like, put
from wimhf.data.formats.family import Turns, prompt_text
from wimhf.data.pairs import Pair, RowReject

NEITHER = -1
"""What sources write in place of an index where no response was picked."""


@dataclass(frozen=True)
class Option:
    """One of the responses to a prompt.

    Attributes
    ----------
    score
        The higher the better.
    chosen
        Whether it was picked from among all options.
    origin
        What of the row the option was read from, to write to.
    """

    text: str
    score: float | None = None
    chosen: bool = False
    model: str | None = None
    origin: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise RowReject("empty response", "one of the responses has no text")


@dataclass(frozen=True)
class Exchange:
    """What was asked in one turn of a conversation, and the options it got, in their order."""

    asked: Turns
    options: Sequence[Option]

    @property
    def favourite(self) -> Option | None:
        """The chosen option, else the first with the highest score: the conversation's next turn.

        None where the source tells no option from the others.
        """
        chosen = [option for option in self.options if option.chosen]
        scored = [option for option in self.options if option.score is not None]
        best = sorted(scored, key=lambda option: -(option.score or 0.0))
        return next(iter(chosen + best), None)


def label_from_lead(lead: float | None) -> float | None:
    """Return the label where A leads B by so much; None where that is unknown."""
    return None if lead is None else 0.5 if lead == 0 else float(lead > 0)


def put_index(row: Row, name: str, first: float | None) -> Row:
    """Return the row with the index of the preferred response in a column: what ``picked`` reads.

    Raises
    ------
    CannotHold
        If the label is a tie or a fraction, or there is no such column.
    """
    if first is None and whole(row.get(name)) is not None:
        return put(row, name, like(row[name], NEITHER))
    return coded(row, name, first, {0: 1.0, 1: 0.0})


def picked(row: Row, name: str) -> float | None:
    """Return the label from the index of the preferred response: 0 the first, 1 the second.

    Raises
    ------
    RowReject
        If the index is neither of these, nor null or -1, which mean that none was picked.
    """
    value = row.get(name)
    return None if whole(value) == NEITHER else label_of(value, name, {0: 1.0, 1: 0.0})


def compared(options: Sequence[Option], turns: Turns, **about: Any) -> list[Pair | RowReject]:
    """Return a pair for every two options that are told apart; A is the earlier one.

    The higher score wins and equal scores are a tie. Without scores, the chosen option beats each
    of the others. Where nothing tells any two apart, all pairs are unlabelled.

    Parameters
    ----------
    turns
        The conversation before the options.
    about
        Further fields that all pairs share.

    Raises
    ------
    RowReject
        If there are fewer than two options.
    """
    if len(options) < 2:
        raise RowReject("fewer than two usable responses", f"{len(options)} in the turn")
    about["prompt"] = prompt_text(turns) if turns else ""
    about["turns"] = turns if len(turns) > 1 else None
    pairs: list[Pair | RowReject] = []
    for first, second, label, strength in contests(options):
        one, other = options[first], options[second]
        try:
            pairs.append(_pair(one, other, label=label, strength=strength, **about))
        except RowReject as reject:
            pairs.append(reject)
    return pairs


Contest = tuple[int, int, float | None, float | None]
"""The places of two options, the earlier one first; label and strength."""


def contests(options: Sequence[Option]) -> list[Contest]:
    """Return the options that are told apart, two by two; all of them where none are."""
    judged = [
        (first, second, *_verdict(options[first], options[second]))
        for first, second in combinations(range(len(options)), 2)
    ]
    return [found for found in judged if found[2] is not None] or judged


def _pair(one: Option, other: Option, **about: Any) -> Pair:
    return Pair(
        response_a=one.text,
        response_b=other.text,
        model_a=one.model,
        model_b=other.model,
        **about,
    )


def _verdict(one: Option, other: Option) -> tuple[float | None, float | None]:
    """Return label and strength."""
    if one.score is not None and other.score is not None:
        lead = one.score - other.score
        return label_from_lead(lead), abs(lead)
    if one.chosen != other.chosen:
        return float(one.chosen), None
    return None, None


def conversation_pairs(
    exchanges: Iterable[Exchange | RowReject], **about: Any
) -> list[Pair | RowReject]:
    """Return the pairs of every turn, each after the earlier turns with their favourites.

    A turn that is rejected, or whose favourite is unknown, is left out of what the later turns
    are shown after.
    """
    context: Turns = []
    found: list[Pair | RowReject] = []
    for exchange in exchanges:
        if isinstance(exchange, RowReject):
            found.append(exchange)
            continue
        turns = context + exchange.asked
        try:
            found += compared(exchange.options, turns, **about)
        except RowReject as reject:
            found.append(reject)
        if exchange.favourite is not None:
            context = [*turns, {"role": "assistant", "content": exchange.favourite.text}]
    return found
