"""Values of rules and of cells: checked, compared and written."""

from __future__ import annotations

from dataclasses import asdict
from types import NoneType
from typing import Any

import numpy as np

from wimhf.base import Floats, Mask
from wimhf.errors import EditError


def written_parts(one: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the attributes that are not their default, in plain types."""
    defaults = {name: field.default for name, field in one.__dataclass_fields__.items()}
    values = asdict(one)
    return {
        name: list(values[name]) if isinstance(values[name], tuple) else values[name]
        for name in names
        if values[name] != defaults[name]
    }


def decided(label: Floats) -> Mask:
    """Return (n,) True where a label prefers a side."""
    known: Mask = np.isfinite(label) & (label != 0.5)
    return known


def number_of(value: Any) -> float | None:
    """Return a value as a number, text that is one included; None where it is none."""
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def same_value(value: Any, wanted: Any) -> bool:
    """Say whether a cell holds what a rule asks for, as a number or as text."""
    if value is None:
        return False
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return number_of(value) == wanted
    return bool(value == wanted or str(value) == str(wanted))


def check_kind(name: str, value: Any, *kinds: type) -> None:
    """Refuse what is of another type, as a rules file may hold anything."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(kind.__name__ for kind in kinds if kind is not NoneType)
        raise EditError(f"{name} is {value!r}; expected {names}")
