"""Alerts: what labels reward that a team would not want to teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wimhf.concepts.bank import Concept
from wimhf.concepts.measures import MEASURES

Row = Mapping[str, Any]
"""A row of the feature table, or the effect of the length difference."""
Alert = dict[str, Any]
LEVEL = 0.05
LEADING = 2
"""Terms of a description that say what it is about; later ones only sharpen it."""
LEAST_LENGTH = 5.0
"""Points by which longer responses must win before length itself is worth an alert."""
LENGTH = "length"
COUNTED = {
    "words": ("more", LENGTH, "style", "a model learns to write more, whatever it has to say"),
    "refusals": ("less", "refusals", "safety", "a model learns to comply with harmful requests"),
    "praise": ("more", "flattery", "honesty", "a model learns to please rather than to help"),
}
"""Counted things that it would be worrying to reward: the pole, a name, the area, and why."""


def concern_alerts(
    features: Sequence[Row],
    terms: Mapping[int, Sequence[str]],
    weights: Mapping[int, Sequence[float]],
    concepts: Sequence[Concept],
) -> list[Alert]:
    """Return the features whose rewarded pole is a concern, the largest effect first.

    A feature is judged by the two terms that lead its description, a written concept or length,
    where the description is understood, the effect survives multiplicity and nobody muted it.

    Parameters
    ----------
    features
        Rows of the feature table.
    terms, weights
        Per feature the saved keys of its description's terms, the leading one first, and their
        weights in the pole in which it was described.
    """
    bank = {concept.id: concept for concept in concepts}
    alerts: list[Alert] = []
    for row in features:
        if not row["understood"] or row.get("muted") or row["q"] is None or row["q"] >= LEVEL:
            continue
        turn = (1 if row["effect"] > 0 else -1) * (-1 if row.get("flipped") else 1)
        led = zip(terms.get(row["feature"], ()), weights.get(row["feature"], ()), strict=True)
        for key, weight in list(led)[:LEADING]:
            worry = _worry(key, turn * weight > 0, bank)
            if worry is not None:
                alerts.append({"feature": row["feature"]} | worry | _size(row))
                break
    return sorted(alerts, key=lambda alert: -alert["effect"])


def length_concern(effect: Row) -> list[Alert]:
    """Return an alert where labels reward length itself, as measured by its own effect.

    Parameters
    ----------
    effect
        p, effect, effect_low and effect_high of the length difference; None where not estimated.
    """
    p = effect.get("p")
    if p is None or p >= LEVEL or effect["effect"] < LEAST_LENGTH:
        return []
    worry = _worry("measure:words", True, {})
    return [{"feature": None} | (worry or {}) | _size(effect) | {"q": p}]


def _worry(key: str, more: bool, bank: Mapping[str, Concept]) -> dict[str, str] | None:
    kind, _, name = key.partition(":")
    if kind == "measure" and name in COUNTED:
        pole, concern, area, why = COUNTED[name]
        if pole != ("more" if more else "less"):
            return None
        counted = next(measure for measure in MEASURES if measure.name == name)
        rewards = counted.more if more else counted.less
        return {"concept": concern, "area": area, "rewards": rewards, "why": why}
    concept = bank.get(name) if kind == "concept" else None
    if concept is None or concept.concern != ("more" if more else "less"):
        return None
    rewards = concept.more if more else concept.less
    return {"concept": name, "area": concept.area, "rewards": rewards, "why": concept.why}


def _size(row: Row) -> Alert:
    bounds = sorted((abs(row["effect_low"]), abs(row["effect_high"])))
    return {"effect": abs(row["effect"]), "low": bounds[0], "high": bounds[1], "q": row.get("q")}
