"""Alerts: what labels reward that a team would not want to teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wimhf.describe.concepts.bank import Concept

LEVEL = 0.05


def concerns(
    features: Sequence[Mapping[str, Any]],
    terms: Mapping[int, Sequence[str]],
    concepts: Sequence[Concept],
) -> list[dict[str, Any]]:
    """Return the features whose rewarded pole is a concern, the largest effect first.

    A feature is judged by the written concept that leads its description, where the description
    is understood and the effect survives multiplicity.

    Parameters
    ----------
    features
        Rows of the feature table.
    terms
        Per feature the saved keys of its description's terms, the leading one first.
    """
    bank = {concept.id: concept for concept in concepts}
    found: list[dict[str, Any]] = []
    for row in features:
        kind, _, name = next(iter(terms.get(row["feature"], [])), "").partition(":")
        concept = bank.get(name) if kind == "concept" else None
        if concept is None or concept.concern is None or not row["understood"]:
            continue
        if row["q"] is None or row["q"] >= LEVEL:
            continue
        rewarded = "more" if row["effect"] > 0 else "less"
        if rewarded == concept.concern:
            found.append(
                {
                    "feature": row["feature"],
                    "concept": concept.id,
                    "area": concept.area,
                    "rewards": getattr(concept, rewarded),
                    "why": concept.why,
                    "effect": abs(row["effect"]),
                    "low": min(abs(row["effect_low"]), abs(row["effect_high"])),
                    "high": max(abs(row["effect_low"]), abs(row["effect_high"])),
                    "q": row["q"],
                }
            )
    return sorted(found, key=lambda alert: -alert["effect"])
