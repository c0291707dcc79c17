"""What was found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import polars as pl

from wimhf.stats import detectable

WORDS = 8
"""Words of a name that still make a sentence which is read once."""


def is_expressed(feature: Mapping[str, Any], level: float = 0.05) -> bool:
    """Say whether a feature's effect survives multiplicity; a muted one says nothing."""
    return feature["q"] is not None and feature["q"] < level and not feature.get("muted")


def is_finding(feature: Mapping[str, Any]) -> bool:
    """Say whether a feature speaks for a finding; a muted one says nothing."""
    return feature.get("finding") is not None and not feature.get("muted")


def is_heterogeneous(feature: Mapping[str, Any], level: float = 0.05) -> bool:
    """Say whether a feature's effect depends on the subset beyond chance."""
    q = feature["heterogeneity_q"]
    return bool(feature["flips"]) or (q is not None and q < level)


def sentence(feature: Mapping[str, Any]) -> str:
    """State one feature's effect so that anybody can read it, without the winner's curse.

    >>> sentence({"description": "apologises; is shorter", "effect": -12.3,
    ...           "effect_low": -15.1, "effect_high": -9.4, "understood": True, "feature": 3})
    'The response that apologises and is shorter wins 12 points less often (9 to 15).'

    With ``equal_length``, where length is controlled for, it says so.
    """
    who = subject(feature)
    held = " at equal length" if feature.get("equal_length") else ""
    effect, low, high = feature["effect"], feature["effect_low"], feature["effect_high"]
    if effect is None:
        return f"{who}: no effect could be estimated ({feature.get('effect_reason')})."
    if low < 0 < high:
        return (
            f"{who} wins about as often as other responses{held} "
            f"({_whole(effect)} points, {_whole(low)} to {_whole(high)})."
        )
    turn = 1 if effect > 0 else -1
    if feature.get("shrunk") is not None and turn * feature["shrunk"] < 0.5:
        return (
            f"{who} wins about as often as other responses{held}, once luck is allowed for "
            f"({_whole(effect)} points measured)."
        )
    if feature.get("shrunk") is not None:
        effect, low, high = (feature[f"shrunk{end}"] for end in ("", "_low", "_high"))
    size, near, far = (max(turn * end, 0.0) for end in (effect, *sorted((low, high))[::turn]))
    return (
        f"{who} wins {size:.0f} point{'' if round(size) == 1 else 's'} "
        f"{'more' if turn > 0 else 'less'} often{held} ({near:.0f} to {far:.0f})."
    )


def _whole(points: float) -> str:
    """Write points without a fraction: +3, −4, 0."""
    return f"{points:+.0f}".replace("-", "−") if round(points) else "0"


def suppressed_sentence(feature: Mapping[str, Any]) -> str:
    """State what shows only beside the other findings; empty of a feature that shows alone.

    >>> suppressed_sentence({"description": "swears", "understood": True, "suppressed": True,
    ...     "joint_effect": -11.6, "joint_low": -18.9, "joint_high": -4.2, "feature": 3})
    'The response that swears wins 12 points less often beside the other findings (4 to 19).'
    """
    if not feature.get("suppressed") or feature["joint_effect"] is None:
        return ""
    effect, turn = feature["joint_effect"], 1 if feature["joint_effect"] > 0 else -1
    near, far = sorted(abs(feature[end]) for end in ("joint_low", "joint_high"))
    size = abs(effect)
    return (
        f"{subject(feature)} wins {size:.0f} point{'' if round(size) == 1 else 's'} "
        f"{'more' if turn > 0 else 'less'} often beside the other findings "
        f"({near:.0f} to {far:.0f})."
    )


def seen_from(low: float | None, high: float | None) -> str:
    """Say which effects would have been seen; empty where none could be estimated.

    >>> seen_from(-4.0, 3.0)
    'could have seen 6 points or more'
    """
    least = detectable(low, high)
    if least is None:
        return ""
    number = ceil(least)
    plural = "" if number == 1 else "s"
    return f"could have seen {number} point{plural} or more"


def fit_of(feature: Mapping[str, Any]) -> str:
    """Say how well a discovered feature's name fits it; empty of a concept, which is its name."""
    accuracy = feature.get("sign_accuracy")
    if accuracy is None or feature.get("kind") == "concept":
        return ""
    fidelity = max(feature.get("fidelity") or 0.0, 0.0)
    return (
        f"discovered; its name tells the right side in {100 * accuracy:.0f}% of held-out pairs "
        f"and accounts for {100 * fidelity**2:.0f}% of its variance"
    )


def subject(feature: Mapping[str, Any]) -> str:
    """Name the response with more of a feature, as the subject of a sentence.

    At most two clauses, and as many as fit into a sentence that is read once.
    """
    if not feature["understood"] or not feature["description"]:
        return f"The response with more of feature {feature['feature']} (not understood)"
    parts = feature["description"].split("; ")[:2]
    while len(parts) > 1 and sum(len(part.split()) for part in parts) > WORDS:
        parts.pop()
    return f"The response that {' and '.join(parts)}"


def strongest(features: pl.DataFrame, count: int) -> list[dict[str, Any]]:
    """Return the findings, those that explain most of the labels first.

    In a run of before findings were told apart, the understood features with the largest effects.
    """
    rows = [row for row in features.iter_rows(named=True) if is_expressed(row)]
    if "finding" in features.columns:
        return sorted(filter(is_finding, rows), key=lambda row: row["finding"])[:count]
    rows = [row for row in rows if row["understood"]]
    return sorted(rows, key=lambda row: -abs(row["effect"]))[:count]


def suppressed(features: pl.DataFrame) -> list[str]:
    """Return the sentences of what shows only beside the findings."""
    rows = features.filter(pl.col("understood")).iter_rows(named=True)
    return [said for row in rows if not row["muted"] and (said := suppressed_sentence(row))]
