"""Owning a feature: what people say of it becomes an edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from wimhf.errors import EditError
from wimhf.run import KEYS, Edit, Run, overrides_of

KINDS = {"note": str, "short": str, "description": str, "muted": bool, "pinned": bool,
         "flipped": bool}  # fmt: skip
LONGEST = 500
"""Characters of a name or note."""


def own_feature(
    run: Run, feature: int | str, said: Mapping[str, Any], who: str | None, why: str
) -> Edit:
    """Record what somebody says of a feature; see ``Curation.own``."""
    new = {("description" if key == "name" else key): value for key, value in said.items()}
    unknown = set(new) - set(KEYS) | ({"merged_sign"} & set(new))
    if unknown or not new:
        raise EditError(
            f"a feature has no {', '.join(sorted(unknown)) or 'such thing'}; say name, short, "
            "note, muted, pinned, flipped or merged_into"
        )
    with run.edits.writing() as write:
        number = _number(run, feature)
        _check_member(run, number, new)
        for key, value in list(new.items()):
            new[key] = _merged(run, number, value) if key == "merged_into" else _checked(key, value)
        if "merged_into" in new:
            new["merged_sign"] = _agreeing(run, number, new["merged_into"])
        _check_name(run, number, new.get("description"))
        if new.get("description") is not None and new.get("short") is None:
            new["short"] = None  # the describer's short label speaks of its own name
        before = overrides_of(run.history.active, run.dictionary).get(number, {})
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
    found = {row["feature"] for row in rows if wanted == str(row["feature"])} or {
        row["feature"] for row in rows if wanted == (row["description"] or "").casefold()
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
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not text or len(text) > LONGEST:
        raise EditError(f"{key} has {len(text)} characters; give 1 to {LONGEST}")
    return text


def _check_member(run: Run, feature: int, new: Mapping[str, Any]) -> None:
    """Refuse what would not show: a merged feature has no row of its own."""
    head = run.said.get(feature, {}).get("merged_into")
    if head is not None and set(new) != {"merged_into"}:
        raise EditError(
            f"feature {feature} is merged into {head}; say it of {head}, or take it out first "
            "with merged_into None (--merge-into none)"
        )


def _check_name(run: Run, feature: int, name: str | None) -> None:
    """Refuse a name by which another feature is known."""
    if name is None:
        return
    rows = run.features.filter(pl.col("feature") != feature).select(
        "feature", "description", "short"
    )
    taken = [
        row["feature"] for row in rows.iter_rows(named=True)
        if name.casefold() in {(row[n] or "").casefold() for n in ("description", "short")}
    ]  # fmt: skip
    if name.isdigit() or taken:
        whose = f"feature {taken[0]} has it" if taken else "it would be taken for a number"
        raise EditError(f"feature {feature} cannot be named {name!r}: {whose}; give another name")


def _agreeing(run: Run, feature: int, head: int | None) -> int | None:
    """Return how a feature's pole as found relates to its head's, as both are described now."""
    if head is None:
        return None
    said = run.said
    turned = [bool(said.get(number, {}).get("flipped")) for number in (feature, head)]
    return -1 if turned[0] != turned[1] else 1


def _merged(run: Run, feature: int, into: Any) -> int | None:
    """Return the feature another is merged into: one that is itself merged into none."""
    if into is None:
        return None
    head = _number(run, into)
    said = overrides_of(run.history.active, run.dictionary)
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
