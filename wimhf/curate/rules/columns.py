"""Selecting pairs by a column of the pair table or of the source."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType

import numpy as np

from wimhf.base import Mask
from wimhf.curate.rules.conditions import Condition, part
from wimhf.curate.rules.facts import Facts
from wimhf.errors import EditError

LABEL_COLUMNS = ("label", "weight", "strength")
"""Columns that say what was preferred, or how much."""


@dataclass(frozen=True)
class Column(Condition):
    """A column of the pairs, or of the source, has a value.

    Attributes
    ----------
    column
        Its name.
    equals, one_of, at_least, at_most, missing
        What is asked of it; those that are set hold together.
    """

    column: str = part(str)
    equals: object = None
    one_of: tuple[object, ...] | None = part(tuple, NoneType, default=None)
    at_least: float | None = part(int, float, NoneType, default=None)
    at_most: float | None = part(int, float, NoneType, default=None)
    missing: bool | None = None
    BEGINS = ("column",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.to_dict()) < 2:
            raise EditError(
                f"column {self.column!r}: say what is asked of it with equals, one_of, at_least, "
                "at_most or missing"
            )

    def mask(self, facts: Facts) -> Mask:
        """Compare every value; text that is a number compares as one."""
        values = facts.column(self.column)
        return np.fromiter((self._holds(value) for value in values), dtype=bool, count=len(values))

    def reach(self, facts: Facts) -> Mask:
        """Take everything where the column is the label's."""
        if self.column in LABEL_COLUMNS:
            return np.ones(len(facts.pairs), dtype=bool)
        return self.mask(facts)

    def _holds(self, value: object) -> bool:
        if self.missing is not None and (value is None) != self.missing:
            return False
        if self.equals is not None and not _same(value, self.equals):
            return False
        if self.one_of is not None and not any(_same(value, one) for one in self.one_of):
            return False
        if self.at_least is None and self.at_most is None:
            return True
        number = _number(value)
        if number is None:
            return False
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return bool(low <= number <= high)


def _number(value: object) -> float | None:
    """Return a value as a number, text that is one included; None where it is none."""
    try:
        return float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None


def _same(value: object, wanted: object) -> bool:
    """Say whether a cell holds what a rule asks for, as a number or as text."""
    if value is None:
        return False
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return _number(value) == wanted
    return bool(value == wanted or str(value) == str(wanted))
