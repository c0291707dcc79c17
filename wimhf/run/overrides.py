"""What people say of features: names, notes, mutes, pins, poles and merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from wimhf.run.log import Edit

OWNED_COLUMNS: dict[str, pl.DataType] = {
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
KEYS = ("description", "short", "note", "muted", "pinned", "flipped", "merged_into", "merged_sign")
MEASURED_ALONE = (
    "fidelity", "fidelity_low", "fidelity_high", "fidelity_p", "sign_accuracy", "active_test",
)  # fmt: skip
"""What was measured of a description and is not known of another name or of several features."""
NEGATED = ("beta", "effect", "joint_beta", "sparse_beta")


def overrides_of(edits: Iterable[Edit], dictionary: str) -> dict[int, dict[str, Any]]:
    """Return per feature what people say of it, and in ``author`` who named it.

    Parameters
    ----------
    edits
        Those in force; later ones outrank earlier ones, key by key.
    dictionary
        Hash of the dictionary: numbers of features mean nothing in another one.
    """
    said: dict[int, dict[str, Any]] = {}
    for edit in edits:
        if edit.kind != "feature" or edit.data["dictionary"] != dictionary:
            continue
        own = said.setdefault(int(edit.data["feature"]), {})
        own |= edit.data["new"]
        if edit.data["new"].get("description") is not None:
            own["author"] = edit.who
    return said


def merges(said: Mapping[int, Mapping[str, Any]]) -> dict[int, list[int]]:
    """Return per feature those merged into it."""
    groups: dict[int, list[int]] = {}
    for feature, own in sorted(said.items()):
        head = own.get("merged_into")
        if head is not None:
            groups.setdefault(head, []).append(feature)
    return groups


def poles_of(features: pl.DataFrame, said: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    """Return the pole in which every feature counts, merged ones included.

    A merged feature counts in the pole in which it agreed with its head when it was merged;
    turning the head turns the whole.
    """
    found = dict(features.select("feature", "pole").iter_rows())
    turned = {number: -1 if said.get(number, {}).get("flipped") else 1 for number in found}
    poles = {number: pole * turned[number] for number, pole in found.items()}
    for head, members in merges(said).items():
        for member in members:
            sign = int(said[member].get("merged_sign") or 1)
            poles[member] = found[member] * sign * turned[head]
    return poles


def owned_features(features: pl.DataFrame, said: Mapping[int, Mapping[str, Any]]) -> pl.DataFrame:
    """Return the feature table as people want it: pinned rows first, muted ones last.

    A feature with a person's name counts as understood: somebody vouches for it. Its fidelity is
    left out, as it was measured of the name it had before.
    """
    if "opposite" not in features.columns:
        features = features.with_columns(pl.lit(None, pl.String()).alias("opposite"))
    groups = merges(said)
    rows = [
        _owned(row, said.get(row["feature"], {}), groups.get(row["feature"], []))
        for row in features.iter_rows(named=True)
        if said.get(row["feature"], {}).get("merged_into") is None
    ]
    table = pl.DataFrame(rows, schema={**features.schema, **OWNED_COLUMNS})
    return table.sort("muted", ~pl.col("pinned"), "feature")


def _owned(row: dict[str, Any], own: Mapping[str, Any], members: list[int]) -> dict[str, Any]:
    out = row | {
        "note": own.get("note"), "muted": bool(own.get("muted")), "pinned": bool(own.get("pinned")),
        "flipped": bool(own.get("flipped")), "members": members, "found": None,
    }  # fmt: skip
    if out["flipped"]:
        out = _turned(out)
    if members:
        out |= dict.fromkeys(MEASURED_ALONE)
        out |= {"reason": "described before others were merged with it, so not measured"}
    if own.get("description") is not None:
        unproven = dict.fromkeys(MEASURED_ALONE)
        out |= {
            "found": out["description"], "description": own["description"],
            "opposite": f"less of: {own['description']}",
            "short": own.get("short"), "author": own["author"], "understood": True,
            "reason": "named by hand, so not measured", **unproven,
        }  # fmt: skip
    return out


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    """Describe the other pole: what was more is less, and every sign with it."""
    name = row["description"]
    other = row["opposite"] or (f"the opposite of: {name}" if name else name)
    row = row | {"description": other, "opposite": name, "pole": -row["pole"], "short": None}
    for column in NEGATED:
        row[column] = None if row[column] is None else -row[column]
    if row["win_rate"] is not None:
        row["win_rate"] = 100 - row["win_rate"]
    low, high = row["effect_low"], row["effect_high"]
    row["effect_low"] = None if high is None else -high
    row["effect_high"] = None if low is None else -low
    return row
