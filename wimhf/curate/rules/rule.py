"""Rules: a condition and an action.

A rule looks at the source's labels and says what the curated ones should be, so applying it twice
changes nothing more, and undoing one rule leaves what others say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Floats, Mask
from wimhf.curate.rules.conditions import All, AnyOf, Condition, Not
from wimhf.curate.rules.criteria import Feature
from wimhf.curate.rules.facts import Facts
from wimhf.data import MAX_WEIGHT
from wimhf.errors import EditError
from wimhf.run import Value

Values = dict[str, list[Value]]
"""Per field (label, weight, kept) the new value of every pair."""
PLAIN = ("flip", "tie", "drop", "restore", "consensus")
SIDES = {"A": 1.0, "B": 0.0, "tie": 0.5}
ACTIONS = (
    "flip, tie, drop, restore, consensus, {label = A, B or 0 to 1}, {weight = W} or "
    "{prefer = more/less}"
)


@dataclass(frozen=True)
class Action:
    """What becomes of a pair.

    Attributes
    ----------
    kind
        flip, tie, drop, restore or consensus (what most labels of the same pair say); label,
        weight or prefer, which take a value.
    value
        A label (1 prefers A), a weight, or ``more`` / ``less`` of the rule's feature.
    """

    kind: str
    value: float | str | None = None

    def __post_init__(self) -> None:
        if self.kind in PLAIN and self.value is None:
            return
        number = isinstance(self.value, (int, float)) and not isinstance(self.value, bool)
        bound = {"label": 1.0, "weight": MAX_WEIGHT}.get(self.kind)
        if number and bound is not None and 0 <= float(str(self.value)) <= bound:
            return
        if self.kind == "prefer" and self.value in ("more", "less"):
            return
        written = self.kind if self.value is None else f"{self.kind} = {self.value}"
        raise EditError(f"action {written!r} is not understood; write {ACTIONS}")

    @classmethod
    def of(cls, written: object) -> Action:
        """Read an action as it is written in a rules file."""
        if isinstance(written, Action):
            return written
        if isinstance(written, str):
            return cls(written)
        if isinstance(written, Mapping) and len(written) == 1:
            kind, value = next(iter(written.items()))
            if kind == "label" and isinstance(value, str):
                value = SIDES.get(value, value)
            return cls(str(kind), value)
        raise EditError(f"action {written!r} is not understood; write {ACTIONS}")

    def to_dict(self) -> str | dict[str, float | str]:
        """Return the action as it is written in a rules file."""
        return self.kind if self.value is None else {self.kind: self.value}

    @property
    def fields(self) -> tuple[str, ...]:
        """What of a pair it sets."""
        if self.kind == "restore":
            return ("label", "weight", "kept")
        return ({"drop": "kept", "weight": "weight"}.get(self.kind, "label"),)

    def values(
        self, pairs: pl.DataFrame, code: Floats | None = None, consensus: Floats | None = None
    ) -> Values:
        """Return per field the new value of every pair.

        Parameters
        ----------
        pairs
            The pairs it is done to, with the labels and weights it starts from.
        code
            The rule's feature in those pairs, for ``prefer``.
        consensus
            What most labels of those pairs say, for ``consensus``.
        """
        if self.kind == "drop":
            return {"kept": [False] * len(pairs)}
        if self.kind == "restore":
            kept = [True] * len(pairs)
            return {"label": pairs["label"].to_list(), "weight": pairs["weight"].to_list(),
                    "kept": kept}  # fmt: skip
        if self.kind == "weight":
            return {"weight": [float(str(self.value))] * len(pairs)}
        if self.kind == "prefer" and code is not None:
            wanted = code > 0 if self.value == "more" else code < 0
            return {"label": wanted.astype(float).tolist()}
        if self.kind == "consensus" and consensus is not None:
            return {"label": consensus.tolist()}
        if self.kind == "flip":
            return {"label": [None if x is None else 1.0 - x for x in pairs["label"].to_list()]}
        return {"label": [0.5 if self.kind == "tie" else float(str(self.value))] * len(pairs)}


@dataclass(frozen=True)
class Rule:
    """What to do with which pairs.

    Attributes
    ----------
    when
        Which pairs.
    then
        What becomes of them.
    name, why
        For the history and the change card.
    """

    when: Condition
    then: Action
    name: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        if self.then.kind == "prefer":
            _ = self.feature

    def to_dict(self) -> dict[str, object]:
        """Return the rule as it is written in a rules file."""
        words: dict[str, object] = {"name": self.name, "why": self.why}
        own = {key: value for key, value in words.items() if value}
        return own | {"when": self.when.to_dict(), "then": self.then.to_dict()}

    @property
    def feature(self) -> Feature:
        """The feature it speaks of.

        Raises
        ------
        EditError
            If it speaks of none, or of several.
        """
        spoken = _features(self.when)
        if len(spoken) != 1:
            raise EditError(
                f"prefer needs one feature in the rule's condition, and there are {len(spoken)}; "
                "write when = {feature = 3}, then = {prefer = 'less'}"
            )
        return spoken[0]

    def selected(self, facts: Facts) -> Mask:
        """Return (n,) True where a pair is selected and the action says anything of it."""
        if facts.sides_drawn and self.then.kind == "label" and self.then.value != 0.5:
            raise EditError(
                "sides A and B were drawn by a hash here, so a rule that prefers one says nothing; "
                "write then = {prefer = 'more'} with a feature, or flip"
            )
        chosen = self.when.mask(facts)
        if self.then.kind == "flip":
            chosen = chosen & np.isfinite(facts.label)
        if self.then.kind == "consensus":
            chosen = chosen & np.isfinite(facts.consensus)
        if self.then.kind == "prefer":
            chosen = chosen & (facts.code(self.feature.feature) != 0)
        return chosen

    def values(self, facts: Facts, chosen: Mask) -> Values:
        """Return per field the new value of every selected pair."""
        code = None
        if self.then.kind == "prefer":
            turn = 1 if self.feature.pole == "described" else -1
            code = turn * facts.code(self.feature.feature)[chosen]
        consensus = facts.consensus[chosen] if self.then.kind == "consensus" else None
        return self.then.values(facts.pairs.filter(pl.Series(chosen)), code, consensus)


def _features(condition: Condition) -> list[Feature]:
    if isinstance(condition, Feature):
        return [condition]
    if isinstance(condition, (All, AnyOf)):
        return [one for each in condition.conditions for one in _features(each)]
    return _features(condition.condition) if isinstance(condition, Not) else []
