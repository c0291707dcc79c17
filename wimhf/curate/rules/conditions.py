"""Conditions: which pairs a rule selects, and how conditions are combined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wimhf.base import Mask
from wimhf.curate.rules.facts import Facts
from wimhf.errors import EditError


class Condition:
    """What a pair must be for a rule to select it; ``&``, ``|`` and ``~`` combine conditions."""

    def mask(self, facts: Facts) -> Mask:
        """Return (n,) True where a pair is selected.

        Raises
        ------
        EditError
            If it names a feature, column or finding that is not there.
        """
        raise NotImplementedError

    def reach(self, facts: Facts) -> Mask:
        """Return (n,) True where a pair could be selected if its label were another.

        Models are compared outside a rule's reach: what lies within and was not selected was left
        over because of its label, so that any model of the changed labels predicts it too well.
        """
        return self.mask(facts)

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in a rules file."""
        raise NotImplementedError

    def __and__(self, other: Condition) -> Condition:
        return All((self, other))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((self, other))

    def __invert__(self) -> Condition:
        return Not(self)


@dataclass(frozen=True)
class Ids(Condition):
    """These pairs and no others."""

    pair_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        if not all(isinstance(one, str) for one in self.pair_ids):
            raise EditError(f"pair_ids is {list(self.pair_ids)!r:.80}; expected a list of pair ids")

    def mask(self, facts: Facts) -> Mask:
        """Select by pair id."""
        unknown = [one for one in self.pair_ids if one not in facts.places]
        if unknown:
            raise EditError(f"there is no pair {', '.join(unknown[:5])} in this run")
        chosen = np.zeros(len(facts.pairs), dtype=bool)
        chosen[[facts.places[one] for one in self.pair_ids]] = True
        return chosen

    def to_dict(self) -> dict[str, Any]:
        """Write the ids as a list."""
        return {"pair_ids": list(self.pair_ids)}


@dataclass(frozen=True)
class All(Condition):
    """Every one of several conditions holds."""

    parts: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise EditError("all and any take a list of at least one condition")

    def mask(self, facts: Facts) -> Mask:
        """Take what all select."""
        both: Mask = np.logical_and.reduce([part.mask(facts) for part in self.parts])
        return both

    def reach(self, facts: Facts) -> Mask:
        """Take what all may reach."""
        both: Mask = np.logical_and.reduce([part.reach(facts) for part in self.parts])
        return both

    def to_dict(self) -> dict[str, Any]:
        """Write them as a list."""
        return {"all": [part.to_dict() for part in self.parts]}


@dataclass(frozen=True)
class AnyOf(Condition):
    """At least one of several conditions holds."""

    parts: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise EditError("all and any take a list of at least one condition")

    def mask(self, facts: Facts) -> Mask:
        """Take what any selects."""
        either: Mask = np.logical_or.reduce([part.mask(facts) for part in self.parts])
        return either

    def reach(self, facts: Facts) -> Mask:
        """Take what any may reach."""
        either: Mask = np.logical_or.reduce([part.reach(facts) for part in self.parts])
        return either

    def to_dict(self) -> dict[str, Any]:
        """Write them as a list."""
        return {"any": [part.to_dict() for part in self.parts]}


@dataclass(frozen=True)
class Not(Condition):
    """A condition does not hold."""

    part: Condition

    def mask(self, facts: Facts) -> Mask:
        """Take what it does not select."""
        return ~self.part.mask(facts)

    def reach(self, facts: Facts) -> Mask:
        """Take everything where the part looks at labels, else what it does not select."""
        chosen = self.part.mask(facts)
        if np.array_equal(self.part.reach(facts), chosen):
            return ~chosen
        return np.ones(len(chosen), dtype=bool)

    def to_dict(self) -> dict[str, Any]:
        """Write it under ``not``."""
        return {"not": self.part.to_dict()}
