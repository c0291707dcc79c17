"""Several better responses and several worse ones in a row, as RM-Bench and RewardBench 2 list."""

from __future__ import annotations

from collections.abc import Iterable

from wimhf.data.containers.rows import Row
from wimhf.data.formats.columns import Sample, plain_names
from wimhf.data.formats.conversations import Told, after
from wimhf.data.formats.families.trl import SUBSETS, TrlPreference
from wimhf.data.formats.family import CannotHold
from wimhf.data.formats.listed import list_in, weighted
from wimhf.data.formats.names import better_sides
from wimhf.data.formats.prompts import before_response
from wimhf.data.formats.sides import exchanged_sides
from wimhf.data.pairs import Pair, RowReject


class ListsApart(TrlPreference):
    """prompt, chosen, rejected: lists of texts, each chosen one against each rejected one."""

    name = "lists-apart"
    expects = "prompt; chosen, rejected, each a list of texts, each of which is better or worse"
    narrows = ("trl", "ultrafeedback", "tulu")
    polarity = (
        "the source lists the chosen responses apart from the rejected ones; "
        "sides A and B were drawn by a hash of each pair"
    )

    def matches(self, sample: Sample) -> bool:
        """Both columns hold lists of texts, in most rows."""
        sides = better_sides(sample.columns)
        if sides is None:
            return False
        lists = [sample.mostly(name, lambda value: texts_in(value) is not None)
                 for name in sides.texts]  # fmt: skip
        return any(lists) and all(
            is_list or sample.mostly_text(name)
            for is_list, name in zip(lists, sides.texts, strict=True)
        )

    def parse(self, row: Row) -> list[Pair | RowReject]:
        """Return a pair of each chosen and each rejected response, which count as one.

        Adjacent pairs are those at the same place of both lists, which RM-Bench writes in the same
        style; the best are those of the first chosen response.
        """
        told: Told = []
        row = plain_names(row)
        sides = self.sides(row)
        better, worse = (texts_of(row.get(name)) for name in sides.texts)
        if better is None or worse is None:
            raise RowReject("chosen or rejected is not a list of texts")
        if set(better) & set(worse):
            shared = "lists that begin alike may be conversations: write {role, content}"
            raise RowReject("chosen and rejected share texts", shared)
        turns = before_response(row, self.reading.roles, told)
        about = self.schema.read(row)
        about |= {"subset": about["subset"] or _subset(row), "remarks": tuple(told)}
        pairs: list[Pair | RowReject] = []
        for one, other in _compared(better, worse, self.reading.pairs):
            try:
                pairs.append(Pair(**{**about, **after(turns, one, other), "label": 1.0}))
            except RowReject as reject:
                pairs.append(reject)
        return weighted(pairs)

    def write_label(self, row: Row, place: int, first: float | None) -> Row:
        """Exchange the lists where each has one response."""
        sides = self.sides(row)
        if first != 0.0 or any(len(texts_in(row.get(name)) or []) != 1 for name in sides.texts):
            raise CannotHold("a row of several chosen and rejected responses cannot say one label")
        return exchanged_sides(row, sides.words)


def _subset(row: Row) -> str | None:
    return next((str(row[name]) for name in (*SUBSETS, "domain") if row.get(name)), None)


def _compared(better: list[str], worse: list[str], which: str) -> Iterable[tuple[str, str]]:
    if which == "adjacent":
        return zip(better, worse, strict=False)
    if which == "best":
        return ((better[0], other) for other in worse)
    return ((one, other) for one in better for other in worse)


def texts_of(value: object) -> list[str] | None:
    """Return the texts of a cell that holds one, or a list of them."""
    return texts_in(value) or ([value] if isinstance(value, str) else None)


def texts_in(value: object) -> list[str] | None:
    """Return the texts of a cell that holds a list of nothing else."""
    found = list_in(value)
    if not found or not all(isinstance(text, str) for text in found):
        return None
    return [str(text) for text in found]
