"""One edit: a line of the log, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

Value = float | bool | None
"""A label, a weight, or whether a pair is kept."""
FIELDS = ("number", "time", "who", "kind", "why")


@dataclass(frozen=True)
class Edit:
    """One line of the log.

    Attributes
    ----------
    number
        From 1, without gaps.
    time
        UTC, ISO 8601.
    kind
        ``rule`` and ``pairs`` change pairs, ``feature`` a feature's description, ``decision``
        remembers what was decided about a suspect; ``undo`` and ``redo`` invert an earlier edit,
        ``checkpoint`` gives a state a name and ``return`` goes back to one.
    data
        What is particular to the kind, as the line holds it; checked, and read by the properties.
    """

    number: int
    time: str
    who: str
    kind: str
    why: str
    data: Mapping[str, object]

    @property
    def pair_ids(self) -> list[str]:
        """The pairs it speaks of; none where it speaks of something else."""
        return cast("list[str]", self.data.get("pair_ids", []))

    @property
    def old(self) -> Mapping[str, object]:
        """Per field what stood there before."""
        return cast("Mapping[str, object]", self.data["old"])

    @property
    def new(self) -> Mapping[str, object]:
        """Per field what is there now: of ``rule`` and ``pairs`` a list, a value per pair."""
        return cast("Mapping[str, object]", self.data["new"])

    @property
    def values(self) -> Mapping[str, Sequence[Value]]:
        """``new`` of an edit of pairs."""
        return cast("Mapping[str, Sequence[Value]]", self.data["new"])

    @property
    def rule(self) -> Mapping[str, object]:
        """The rule, as it is written in a rules file."""
        return cast("Mapping[str, object]", self.data["rule"])

    @property
    def feature(self) -> int | str:
        """The feature it speaks of: a number in its dictionary, or a concept's id."""
        return cast("int | str", self.data["feature"])

    @property
    def of(self) -> int:
        """The step that an undo or redo inverts."""
        return cast("int", self.data["of"])

    @property
    def decision(self) -> str | None:
        """What it decides about suspects."""
        return cast("str | None", self.data.get("decision"))

    def text(self, name: str) -> str:
        """Return a part of its data that is text."""
        return str(self.data[name])

    def steps(self, name: str) -> set[int]:
        """Return a part of its data that lists edits."""
        return set(cast("list[int]", self.data[name]))

    def __post_init__(self) -> None:
        fault = fault_of(self.kind, self.data)
        words = (self.time, self.who, self.kind, self.why)
        if fault or not all(isinstance(word, str) for word in words):
            raise ValueError(fault or "time, who, kind and why are not all text")

    def line(self) -> bytes:
        """Return the edit as a line of the log."""
        fields = {name: getattr(self, name) for name in FIELDS}
        text = json.dumps(fields | dict(self.data), ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"


def fault_of(kind: str, data: Mapping[str, object]) -> str | None:
    """Say what is wrong with the data of an edit; None where nothing is."""
    wanted = SHAPES.get(kind)
    if wanted is None:
        return f"{kind!r} is no kind of edit"
    for name, shape in wanted.items():
        if not isinstance(data.get(name), shape):
            return f"its {name} is missing or of another kind"
    if kind in ("rule", "pairs"):
        count = len(cast("list[object]", data["pair_ids"]))
        new = cast("dict[str, list[object]]", data["new"])
        if not new or set(new) - set(VALUES) or any(len(v) != count for v in new.values()):
            return "its values do not fit its pairs"
        if not all(_fits(name, value) for name, values in new.items() for value in values):
            return "one of its values is none that a pair can have"
    return None


SHAPES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "rule": {"rule": dict, "pair_ids": list, "old": dict, "new": dict},
    "pairs": {"pair_ids": list, "old": dict, "new": dict},
    "decision": {"pair_ids": list, "decision": str},
    "feature": {"feature": (int, str), "dictionary": str, "new": dict},
    "undo": {"of": int}, "redo": {"of": int}, "checkpoint": {"name": str},
    "return": {"name": str, "undone": list, "redone": list},
}  # fmt: skip
"""What every kind of edit must hold."""
VALUES = {"label": (0.0, 1.0), "weight": (0.0, float("inf")), "kept": (False, True)}


def _fits(name: str, value: object) -> bool:
    if name == "kept":
        return isinstance(value, bool)
    if value is None:
        return name == "label"
    low, high = VALUES[name]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and low <= float(str(value)) <= high
