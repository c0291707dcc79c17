"""Owning a feature: what people say of it becomes an edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wimhf.edits import Edit
from wimhf.errors import EditError
from wimhf.owning import KEYS, owned
from wimhf.run import Run

KINDS = {"note": str, "short": str, "description": str, "muted": bool, "pinned": bool,
         "flipped": bool}  # fmt: skip
LONGEST = 500
"""Characters of a name or note."""


def own_feature(
    run: Run, feature: int | str, said: Mapping[str, Any], who: str | None, why: str
) -> Edit:
    """Record what somebody says of a feature; see ``Curation.own``."""
    new = {("description" if key == "name" else key): value for key, value in said.items()}
    unknown = set(new) - set(KEYS)
    if unknown or not new:
        raise EditError(
            f"a feature has no {', '.join(sorted(unknown)) or 'such thing'}; say name, short, "
            "note, muted, pinned, flipped or merged_into"
        )
    with run.edits.writing() as write:
        number = _number(run, feature)
        for key, value in new.items():
            new[key] = _merged(run, number, value) if key == "merged_into" else _checked(key, value)
        if new.get("description") is not None and new.get("short") is None:
            new["short"] = None  # the describer's short label speaks of its own name
        before = owned(run.history.active, run.dictionary).get(number, {})
        data = {
            "feature": number,
            "dictionary": run.dictionary,
            "old": {key: before.get(key) for key in new},
            "new": new,
        }
        if data["old"] == new:
            raise EditError(f"feature {number} is so already; nothing was changed")
        return write("feature", data, who, why)


def _number(run: Run, feature: int | str) -> int:
    """Return the number of a feature by its number or name; merged and muted ones count too."""
    rows = run.features_as_found.select("feature", "description").to_dicts()
    rows += run.features.select("feature", "description").to_dicts()
    wanted = str(feature).strip().casefold()
    found = {
        row["feature"]
        for row in rows
        if wanted in (str(row["feature"]), (row["description"] or "").casefold())
    }
    if len(found) != 1:
        raise EditError(
            f"there is no one feature {feature!r}; name it by its number, 0 to "
            f"{len(run.features_as_found) - 1}"
        )
    return int(found.pop())


def _checked(key: str, value: Any) -> Any:
    kind = KINDS[key]
    if value is None:
        return None
    if not isinstance(value, kind):
        raise EditError(f"{key} is {value!r}; expected {kind.__name__}")
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    if not text or len(text) > LONGEST:
        raise EditError(f"{key} has {len(text)} characters; give 1 to {LONGEST}")
    return text


def _merged(run: Run, feature: int, into: Any) -> int | None:
    """Return the feature another is merged into: one that is itself merged into none."""
    if into is None:
        return None
    head = _number(run, into)
    said = owned(run.history.active, run.dictionary)
    if head == feature:
        raise EditError(f"feature {feature} cannot be merged into itself")
    above = said.get(head, {}).get("merged_into")
    if above is not None:
        raise EditError(f"feature {head} is merged into {above}; merge into {above} instead")
    below = [number for number, own in said.items() if own.get("merged_into") == feature]
    if below:
        raise EditError(
            f"features {', '.join(map(str, below))} are merged into {feature}; take them out first"
        )
    return head
