"""Conditions: which pairs a rule selects, and how they are written, checked and combined.

A condition is a frozen dataclass. Its fields say by ``part`` what they may hold; from them it is
checked, read from a rules file and written back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import NoneType
from typing import Any, ClassVar, Self, cast

import numpy as np

from wimhf.base import Mask
from wimhf.curate.rules.facts import Facts
from wimhf.errors import EditError


def part(*kinds: type, among: tuple[str, ...] = (), default: object = ...) -> Any:
    """Declare a field of a condition.

    Parameters
    ----------
    kinds
        What it may be; anything where none is named.
    among
        The words it may be, where it is one of a few.
    default
        Its value where it is not written; a field without one must be.
    """
    stated = {"kinds": kinds, "among": among}
    return field(metadata=stated) if default is ... else field(default=default, metadata=stated)


CONDITIONS: dict[str, type[Condition]] = {}
"""By the key that a condition begins with."""


class Condition:
    """What a pair must be for a rule to select it; ``&``, ``|`` and ``~`` combine conditions.

    Attributes
    ----------
    BEGINS
        Keys that it may begin with in a rules file; each is one of its fields, unless it reads
        itself.
    """

    BEGINS: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        CONDITIONS.update(dict.fromkeys(cls.BEGINS, cls))

    def __post_init__(self) -> None:
        for one in fields(self):  # type: ignore[arg-type]
            value, kinds = getattr(self, one.name), one.metadata.get("kinds")
            among = one.metadata.get("among")
            if among and value not in among:
                words = " or ".join(among) if len(among) == 2 else "one of " + ", ".join(among)
                raise EditError(f"{one.name} is {value!r}; write {words}")
            if kinds and (
                not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
            ):
                names = " or ".join(kind.__name__ for kind in kinds if kind is not NoneType)
                raise EditError(f"{one.name} is {value!r}; expected {names}")

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

    def to_dict(self) -> dict[str, object]:
        """Return the condition as it is written in a rules file: what is not the default."""
        values = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}  # type: ignore[arg-type]
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, (value, default) in values.items() if value != default
        }  # fmt: skip

    @classmethod
    def parts(cls, begin: str) -> tuple[str, ...]:
        """Return the keys that may stand beside the one it begins with."""
        names = tuple(one.name for one in fields(cls))  # type: ignore[arg-type]
        return tuple(name for name in names if name not in cls.BEGINS) if begin in names else ()

    @classmethod
    def read(cls, begin: str, written: Mapping[str, object]) -> Condition:
        """Return the condition that a table says, of whose keys only its own are given."""
        lists = {key: tuple(v) if isinstance(v, list) else v for key, v in written.items()}
        return cls(**lists)

    def __and__(self, other: Condition) -> Condition:
        return All((self, other))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((self, other))

    def __invert__(self) -> Condition:
        return Not(self)


@dataclass(frozen=True)
class _Several(Condition):
    """Several conditions taken together."""

    conditions: tuple[Condition, ...]
    JOIN: ClassVar[np.ufunc]

    def __post_init__(self) -> None:
        if not self.conditions:
            raise EditError("all and any take a list of at least one condition")

    def mask(self, facts: Facts) -> Mask:
        """Join what they select."""
        joined: Mask = self.JOIN.reduce([one.mask(facts) for one in self.conditions])
        return joined

    def reach(self, facts: Facts) -> Mask:
        """Join what they may reach."""
        joined: Mask = self.JOIN.reduce([one.reach(facts) for one in self.conditions])
        return joined

    def to_dict(self) -> dict[str, object]:
        """Write them as a list."""
        return {self.BEGINS[0]: [one.to_dict() for one in self.conditions]}

    @classmethod
    def parts(cls, begin: str) -> tuple[str, ...]:
        """Nothing stands beside the list."""
        return ()

    @classmethod
    def read(cls, begin: str, written: Mapping[str, object]) -> Self:
        """Read a list of conditions."""
        many = cast("Iterable[object]", written[begin])
        return cls(tuple(condition(one) for one in many))


@dataclass(frozen=True)
class All(_Several):
    """Every one of several conditions holds."""

    BEGINS = ("all",)
    JOIN = np.logical_and


@dataclass(frozen=True)
class AnyOf(_Several):
    """At least one of several conditions holds."""

    BEGINS = ("any",)
    JOIN = np.logical_or


@dataclass(frozen=True)
class Not(Condition):
    """A condition does not hold."""

    condition: Condition
    BEGINS = ("not",)

    def mask(self, facts: Facts) -> Mask:
        """Take what it does not select."""
        return ~self.condition.mask(facts)

    def reach(self, facts: Facts) -> Mask:
        """Take everything where it looks at labels, else what it does not select."""
        chosen = self.condition.mask(facts)
        if np.array_equal(self.condition.reach(facts), chosen):
            return ~chosen
        return np.ones(len(chosen), dtype=bool)

    def to_dict(self) -> dict[str, object]:
        """Write it under ``not``."""
        return {"not": self.condition.to_dict()}

    @classmethod
    def parts(cls, begin: str) -> tuple[str, ...]:
        """Nothing stands beside it."""
        return ()

    @classmethod
    def read(cls, begin: str, written: Mapping[str, object]) -> Condition:
        """Read the condition that must not hold."""
        return cls(condition(written[begin]))


def condition(written: object) -> Condition:
    """Read a condition as it is written in a rules file; several in one table hold together.

    Raises
    ------
    EditError
        If it is not understood.
    """
    if isinstance(written, Condition):
        return written
    if not isinstance(written, Mapping):
        raise EditError(f"condition {written!r} is not a table; write e.g. {{feature = 3}}")
    present = [begin for begin in CONDITIONS if begin in written]
    spoken = {begin: (begin, *CONDITIONS[begin].parts(begin)) for begin in present}
    odd = sorted(set(written) - {key for keys in spoken.values() for key in keys})
    if not present or odd:
        raise EditError(
            f"a condition says {', '.join(odd) or 'nothing'}; it knows "
            f"{', '.join(CONDITIONS)} and what they take"
        )
    read = [_read(begin, {k: written[k] for k in spoken[begin] if k in written})
            for begin in present]  # fmt: skip
    return read[0] if len(read) == 1 else All(tuple(read))


def _read(begin: str, written: Mapping[str, object]) -> Condition:
    try:
        return CONDITIONS[begin].read(begin, written)
    except (TypeError, ValueError):
        raise EditError(f"{begin} = {written[begin]!r} is not understood in a condition") from None
