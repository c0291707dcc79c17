"""What people say of features: names, notes, mutes, pins, poles and merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import polars as pl

from wimhf.run.edit import Edit
from wimhf.stats import turned

OVERRIDE_COLUMNS: dict[str, pl.DataType] = {
    "note": pl.String(),
    "muted": pl.Boolean(),
    "pinned": pl.Boolean(),
    "flipped": pl.Boolean(),
    "members": pl.List(pl.Int64()),
    "found": pl.String(),
}
"""Behind the feature table's own columns.

``members`` are features merged into this one, whose rows are left out; ``found`` is the describer's
own description where somebody renamed the feature.
"""
MEASURED_ALONE = (
    "fidelity", "fidelity_low", "fidelity_high", "fidelity_p", "sign_accuracy", "active_test",
)  # fmt: skip
"""What was measured of a description and is not known of another name or of several features."""


@dataclass(frozen=True)
class Override:
    """What people say of one feature; None where they say nothing.

    Attributes
    ----------
    merged_into, merged_sign
        The feature it is merged into, and whether their poles agreed then (1) or not (-1).
    author
        Who named it.
    """

    description: str | None = None
    short: str | None = None
    note: str | None = None
    muted: bool | None = None
    pinned: bool | None = None
    flipped: bool | None = None
    merged_into: int | None = None
    merged_sign: int | None = None
    author: str | None = None


KEYS = tuple(name for name in Override.__dataclass_fields__ if name != "author")
NOTHING = Override()
Overrides = Mapping[int, Override]
Row = dict[str, object]


def overrides_of(
    edits: Iterable[Edit], dictionary: str, numbers: Mapping[str, int]
) -> dict[int, Override]:
    """Return per feature what people say of it.

    Parameters
    ----------
    edits
        Those in force; later ones outrank earlier ones, key by key.
    dictionary
        Hash of the dictionary: numbers of features mean nothing in another one.
    numbers
        Of concepts, by their ids; what is said of one that is no feature here says nothing.
    """
    overrides: dict[int, Override] = {}
    for edit in edits:
        if edit.kind != "feature":
            continue
        same = edit.data["dictionary"] == dictionary
        number = _number(edit.feature, numbers, same=same)
        if number is None:
            continue
        new: dict[str, Any] = {key: value for key, value in edit.new.items() if key in KEYS}
        if new.get("description") is not None:
            new["author"] = edit.who
        if new.get("merged_into") is not None:
            new["merged_into"] = _number(new["merged_into"], numbers, same=same)
        overrides[number] = replace(overrides.get(number, NOTHING), **new)
    return overrides


def _number(feature: int | str, numbers: Mapping[str, int], *, same: bool) -> int | None:
    """Return a feature's number in this run, if it has one; ``same`` dictionary, same numbers."""
    if isinstance(feature, str):
        return numbers.get(feature)
    return feature if same else None


def merges(overrides: Overrides) -> dict[int, list[int]]:
    """Return per feature those merged into it."""
    groups: dict[int, list[int]] = {}
    for feature, override in sorted(overrides.items()):
        if override.merged_into is not None:
            groups.setdefault(override.merged_into, []).append(feature)
    return groups


def poles_of(features: pl.DataFrame, overrides: Overrides) -> dict[int, int]:
    """Return the pole in which every feature counts, merged ones included.

    A merged feature counts in the pole in which it agreed with its head when it was merged;
    turning the head turns the whole.
    """
    described = dict(features.select("feature", "pole").iter_rows())
    turns = {n: -1 if overrides.get(n, NOTHING).flipped else 1 for n in described}
    poles = {number: pole * turns[number] for number, pole in described.items()}
    for head, members in merges(overrides).items():
        for member in members:
            sign = overrides[member].merged_sign or 1
            poles[member] = described[member] * sign * turns[head]
    return poles


def overridden(features: pl.DataFrame, overrides: Overrides) -> pl.DataFrame:
    """Return the feature table as people want it: pinned rows first, muted ones last.

    A feature with a person's name counts as understood: somebody vouches for it. Its fidelity is
    left out, as it was measured of the name it had before.
    """
    if "opposite" not in features.columns:
        features = features.with_columns(pl.lit(None, pl.String()).alias("opposite"))
    flipped = [number for number, override in overrides.items() if override.flipped]
    features = turned(features, pl.col("feature").is_in(flipped))
    groups = merges(overrides)
    rows = [
        _overridden(row, overrides.get(row["feature"], NOTHING), groups.get(row["feature"], []))
        for row in features.iter_rows(named=True)
        if overrides.get(row["feature"], NOTHING).merged_into is None
    ]
    table = pl.DataFrame(rows, schema={**features.schema, **OVERRIDE_COLUMNS})
    return table.sort("muted", ~pl.col("pinned"), "feature")


def _overridden(row: Row, override: Override, members: list[int]) -> Row:
    out = row | {
        "note": override.note, "muted": bool(override.muted), "pinned": bool(override.pinned),
        "flipped": bool(override.flipped), "members": members, "found": None,
    }  # fmt: skip
    if override.flipped:
        out |= _other_pole(row)
    if members:
        out |= dict.fromkeys(MEASURED_ALONE)
        out |= {"reason": "described before others were merged with it, so not measured"}
    if override.description is not None:
        out |= dict.fromkeys(MEASURED_ALONE) | {
            "found": out["description"], "description": override.description,
            "opposite": f"less of: {override.description}",
            "short": override.short, "author": override.author, "understood": True,
            "reason": "named by hand, so not measured",
        }  # fmt: skip
    return out


def _other_pole(row: Row) -> Row:
    """Return the words for the other pole; the figures are turned by ``stats.poles``."""
    name = row["description"]
    other = row["opposite"] or (f"the opposite of: {name}" if name else name)
    return {
        "description": other,
        "opposite": name,
        "pole": -cast("int", row["pole"]),
        "short": None,
    }
