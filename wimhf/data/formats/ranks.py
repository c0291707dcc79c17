"""Families whose rows rank several responses a turn, and what order the labels of pairs say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from wimhf.data.containers.rows import Row
from wimhf.data.formats.choices import Exchange, Option, contests, conversation_pairs
from wimhf.data.formats.family import CannotHold, Family
from wimhf.data.pairs import Pair, RowReject

Wanted = Mapping[tuple[int, int], float | None]
"""The labels that pairs of options shall have, by their places, the earlier one first."""


class Ranked(Family):
    """A row is one or more turns of several responses each, of which every two are a pair."""

    def exchanges(self, row: Row) -> Iterable[Exchange | RowReject]:
        """Return the turns, a reject for each that cannot be used.

        Raises
        ------
        RowReject
            If there are none.
        """
        raise NotImplementedError

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return the pairs of every turn."""
        return conversation_pairs(self.exchanges(row), self.reading.pairs, **self.fields(row))

    def write_labels(
        self, row: Row, labels: Mapping[int, float | None], changed: Mapping[int, float | None]
    ) -> Row:
        """Write the order that the labels of a turn say, for every turn of which one changes."""
        place = 0
        for turn, exchange in enumerate(self.exchanges(row)):
            options = [] if isinstance(exchange, RowReject) else exchange.options
            held = contests(options, self.reading.pairs)
            places = range(place, place + len(held))
            if any(at in changed for at in places):
                wanted = {
                    (first, second): changed.get(at, labels.get(at))
                    for at, (first, second, *_) in zip(places, held, strict=True)
                }
                row = self.write_order(row, turn, options, wanted)
            place += max(1, len(held))  # what cannot be compared is one reject
        return row

    def write_order(self, row: Row, turn: int, options: Sequence[Option], wanted: Wanted) -> Row:
        """Write the labels of one turn, which is so many ``exchanges`` into the row."""
        raise NotImplementedError


def winner(n: int, wanted: Wanted) -> int:
    """Return which of n options beats each of the others.

    Raises
    ------
    CannotHold
        If none does.
    """
    wins = [0] * n
    for (first, second), label in wanted.items():
        if label in (0.0, 1.0):
            wins[first if label == 1.0 else second] += 1
    if max(wins) < n - 1:
        raise CannotHold(
            f"one of {n} responses is preferred to each other, as the labels do not say"
        )
    return wins.index(max(wins))


def levels(n: int, wanted: Wanted) -> list[int]:
    """Return the place of each of n options in the order that labels say, ties alike; 0 is best.

    Raises
    ------
    CannotHold
        If the labels are of no order, or are fractions, or a pair has none.
    """
    won = [0.0] * n
    for (first, second), label in wanted.items():
        if label not in (0.0, 0.5, 1.0):
            raise CannotHold("an order of responses cannot say fractions, or no label")
        won[first] += label
        won[second] += 1.0 - label
    order = sorted(set(won), reverse=True)
    places = [order.index(wins) for wins in won]
    for (first, second), label in wanted.items():
        lead = places[second] - places[first]
        if label != (0.5 if lead == 0 else float(lead > 0)):
            raise CannotHold("the labels of a turn contradict each other: no order says them all")
    if len(wanted) != n * (n - 1) // 2:
        raise CannotHold("not all responses of a turn were compared, so that no order is known")
    return places


def levelled(
    scores: Sequence[float], order: Sequence[int], least: float, greatest: float
) -> list[float]:
    """Return scores in another order: those that there are, and new ones where more must differ.

    Parameters
    ----------
    scores
        (n,) the scores of before.
    order
        (n,) the level of each option, 0 the best.
    least, greatest
        Ends of the scale. New scores are halfway between others, whole where all are.

    Raises
    ------
    CannotHold
        If the scale has no room for another score.
    """
    whole = all(float(score).is_integer() for score in scores)
    values = sorted(set(scores), reverse=True)
    while len(values) <= max(order):
        values = _with_another(values, least, greatest, whole=whole)
    return [values[level] for level in order]


def _with_another(
    values: list[float], least: float, greatest: float, *, whole: bool
) -> list[float]:
    ends = [greatest + whole, *values, least - whole]
    gaps = [high - low for high, low in pairwise(ends)]
    at = max(range(len(gaps)), key=lambda gap: gaps[gap])
    middle = (ends[at] + ends[at + 1]) / 2
    new = float(middle // 1) if whole else middle
    if not ends[at] > new > ends[at + 1]:
        raise CannotHold("the scale of scores has no room for another one")
    return sorted([*values, new], reverse=True)
