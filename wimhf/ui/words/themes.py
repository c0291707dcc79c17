"""The findings as a reader meets them first: by theme, sized in words, with what is neutral."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from wimhf.run import AuditRow
from wimhf.ui.words import views
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import counted, listed, upper_first

THEMES: Mapping[str, str] = {
    "safety": "Safety and refusing", "honesty": "Honesty and certainty", "tone": "Tone",
    "interaction": "Dealing with the user", "format": "Format", "style": "Style",
    "content": "Content", "context": "Use of the prompt", "counts": "Length and amount",
}  # fmt: skip
"""What the areas of concepts are called."""
DISCOVERED = "Wording that was discovered"
SHOWN = 7
"""Findings that are read before one looks further."""
NEUTRAL = 6
SIZES = ((3.0, "slightly"), (8.0, "clearly"), (20.0, "strongly"))
"""Points below which an effect is called so; beyond, very strongly."""
Light = Literal["red", "amber", "green", "cannot tell"]
LIGHTS: Mapping[Light, str] = {
    "red": "rewarded in the worrying direction",
    "amber": "the labels take a side where neither is wrong in itself: yours to judge",
    "green": "within 5 points of none, or rewarded the right way round",
    "cannot tell": "too few pairs differ in it to say",
}


@dataclass(frozen=True)
class Theme:
    """Findings of one theme, the most telling first."""

    title: str
    features: list[ShownFeature]


def theme_of(feature: ShownFeature) -> str:
    """Return the theme of a feature: its area, or that it was discovered.

    >>> THEMES["tone"]
    'Tone'
    """
    if not feature.area:
        return DISCOVERED
    return THEMES.get(feature.area, feature.area.replace("_", " ").capitalize())


def themes(headlines: views.Headlines, most: int = SHOWN) -> list[Theme]:
    """Return the first findings by theme; themes and their findings in the order of the findings.

    Parameters
    ----------
    most
        Findings that are shown.
    """
    found = sorted(
        [*headlines.rewarded, *headlines.penalised],
        key=lambda f: (f.finding is None, f.finding or 0, -abs(f.effect or 0)),
    )[:most]
    grouped: dict[str, list[ShownFeature]] = {}
    for feature in found:
        grouped.setdefault(theme_of(feature), []).append(feature)
    return [Theme(title, features) for title, features in grouped.items()]


def more(headlines: views.Headlines, told: int) -> str:
    """Say what is beyond chance besides the findings that are told; empty where nothing is."""
    findings = max(headlines.findings - told, 0)
    others = max(headlines.expressed - max(headlines.findings, told), 0)
    parts = [counted(findings, "more finding")] if findings else []
    if others:
        parts.append(f"{counted(others, 'feature')} beyond chance that the findings explain")
    return f"{upper_first(listed(parts))}: see them all" if parts else ""


def size_words(points: float) -> str:
    """Say how large an effect is.

    >>> size_words(-12.0)
    'strongly'
    """
    return next((words for below, words in SIZES if abs(points) < below), "very strongly")


def sized(feature: ShownFeature) -> str:
    """Say what the labels do with a feature, and how much, in words.

    >>> SIZES[0]
    (3.0, 'slightly')
    """
    told = feature.told
    if told is None:
        return "no estimate"
    return f"{size_words(told)} {'rewarded' if told > 0 else 'penalised'}"


def neutral(features: Iterable[ShownFeature], most: int = NEUTRAL) -> list[ShownFeature]:
    """Return features that the labels surely leave alone, those in the most pairs first."""
    found = [f for f in features if f.neutral and f.understood and not f.muted]
    return sorted(found, key=lambda f: (-f.prevalence, f.feature))[:most]


@dataclass(frozen=True)
class Decided:
    """Of how many features it is known what the labels do with them."""

    expressed: int
    neutral: int
    undecided: int
    unmeasured: int


def decided(features: Iterable[ShownFeature]) -> Decided:
    """Count features by what is known of their effects; muted ones are left out."""
    heard = [f for f in features if not f.muted]
    expressed = sum(f.expressed for f in heard)
    nothing = sum(f.neutral for f in heard)
    unknown = sum(f.effect is None for f in heard)
    return Decided(expressed, nothing, len(heard) - expressed - nothing - unknown, unknown)


def light(row: AuditRow) -> Light:
    """Return the light of a concern.

    Red where the labels reward the pole of concern, amber where they take a side of a concern that
    has none, green where they do neither, and cannot tell where that is not known.
    """
    verdict, concern = row["verdict"], row["concern"]
    if verdict in ("undecided", "cannot be measured"):
        return "cannot tell"
    if verdict == "no evidence":
        return "green"
    if concern is None:
        return "amber"
    return "red" if {"rewarded": "more", "penalised": "less"}[verdict] == concern else "green"
