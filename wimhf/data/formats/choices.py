"""Responses to one prompt that were compared with each other, in one turn or in several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from wimhf.data.formats.conversations import after
from wimhf.data.formats.labels import Verdict, lead_label
from wimhf.data.pairs import Pair, RowReject, Turns


@dataclass(frozen=True)
class Option:
    """One of the responses to a prompt.

    Attributes
    ----------
    score
        The higher the better.
    chosen
        Whether it was picked from among all options.
    place
        Where the option stands among all that the row has of its kind, to write to.
    """

    text: str
    score: float | None = None
    chosen: bool = False
    model: str | None = None
    place: int = field(default=0, compare=False, repr=False)

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


def compared(
    options: Sequence[Option], turns: Turns, which: str = "all", **about: Any
) -> list[Pair | RowReject]:
    """Return a pair for every two options that are told apart; A is the earlier one.

    The higher score wins and equal scores are a tie. Without scores, the chosen option beats each
    of the others. Where nothing tells any two apart, all pairs are unlabelled.

    Parameters
    ----------
    turns
        The conversation before the options.
    which
        Which of them are compared: all, adjacent or best.
    about
        Further fields that all pairs share.

    Raises
    ------
    RowReject
        If there are fewer than two options.
    """
    if len(options) < 2:
        raise RowReject("fewer than two usable responses", f"{len(options)} in the turn")
    pairs: list[Pair | RowReject] = []
    for first, second, label, strength in contests(options, which):
        one, other = options[first], options[second]
        about |= {"label": label, "strength": strength, "model_a": one.model}
        about |= {"model_b": other.model, **after(turns, one.text, other.text)}
        try:
            pairs.append(Pair(**about))
        except RowReject as reject:
            pairs.append(reject)
    return pairs


Contest = tuple[int, int, float | None, float | None]
"""The places of two options, the earlier one first; label and strength."""


def contests(options: Sequence[Option], which: str = "all") -> list[Contest]:
    """Return the options that are told apart, two by two; all of them where none are.

    Parameters
    ----------
    which
        ``all``: every two. ``adjacent``: those next to each other by score. ``best``: the best
        with each of the others. Where scores do not order the options, every two.
    """
    judged = [
        (first, second, *_verdict(options[first], options[second]))
        for first, second in combinations(range(len(options)), 2)
    ]
    told = [contest for contest in judged if contest[2] is not None] or judged
    if which == "all" or any(option.score is None for option in options):
        return told
    order = sorted(range(len(options)), key=lambda at: -(options[at].score or 0.0))
    near = pairwise(order) if which == "adjacent" else ((order[0], at) for at in order[1:])
    wanted = {frozenset(both) for both in near}
    return [contest for contest in told if frozenset(contest[:2]) in wanted]


def _verdict(one: Option, other: Option) -> Verdict:
    if one.score is not None and other.score is not None:
        lead = one.score - other.score
        return lead_label(lead), abs(lead)
    if one.chosen != other.chosen:
        return float(one.chosen), None
    return None, None


def conversation_pairs(
    exchanges: Iterable[Exchange | RowReject], which: str = "all", **about: Any
) -> list[Pair | RowReject]:
    """Return the pairs of every turn, each after the earlier turns with their favourites.

    A turn that is rejected, or whose favourite is unknown, is left out of what the later turns
    are shown after.
    """
    context: Turns = []
    pairs: list[Pair | RowReject] = []
    for exchange in exchanges:
        if isinstance(exchange, RowReject):
            pairs.append(exchange)
            continue
        turns = context + exchange.asked
        try:
            pairs += compared(exchange.options, turns, which, **about)
        except RowReject as reject:
            pairs.append(reject)
        if exchange.favourite is not None:
            context = [*turns, {"role": "assistant", "content": exchange.favourite.text}]
    return pairs
