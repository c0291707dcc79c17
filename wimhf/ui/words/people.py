"""Annotators in words: whether they differ, in what, and who departs from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from wimhf.run import AnnotatorView
from wimhf.stats import Gain
from wimhf.ui.words.figures import between, chance, count, points

LEVEL = 0.05
SEEN = 0.005
"""Subjectivity in log odds per RMS below which annotators are alike as far as can be seen."""


@dataclass(frozen=True)
class Person:
    """An annotator as they are shown.

    Attributes
    ----------
    name
        "Annotator 3", or their id where it is asked for.
    said
        One sentence per feature on which they surely depart from the others.
    """

    number: int
    name: str
    labels: int
    agreement: float | None
    quality: float | None
    said: list[str]


def verdict(view: AnnotatorView) -> list[str]:
    """Say whether annotators differ, and what their own weights are worth."""
    summary = view.summary
    people, p = count(summary["annotators"]), summary["differ_p"]
    differ = (
        f"The {people} annotators differ in what they prefer, beyond chance (p {_equals(p)})."
        if p < LEVEL else
        f"Taken together, nothing says that the {people} annotators differ in what they prefer "
        f"(p {_equals(p)})."
    )  # fmt: skip
    sure = view.features.filter(pl.col("subjectivity_q") < LEVEL).height
    if p >= LEVEL and sure:
        differ += f" On {count(sure)} feature{'' if sure == 1 else 's'} alone they do (q < .05)."
    return [differ, gain_sentence(view)]


def _equals(p: float) -> str:
    said = chance(p)
    return said if said.startswith("<") else f"= {said}"


def gain_sentence(view: AnnotatorView) -> str:
    """Say what an annotator's own weights add on labels that were held out."""
    curve = view.summary["curve"]
    if "reason" in curve:
        return f"What own weights are worth cannot be measured: {curve['reason']}."
    last = curve["gains"][-1]["auc"]
    value, low, high = last["value"], last["low"], last["high"]
    if value is None or low is None or high is None:
        return "What own weights are worth cannot be measured."
    size = f"AUC {value:+.3f}, {low:+.3f} to {high:+.3f}".replace("-", "−")
    how = "better than" if low > 0 else "worse than" if high < 0 else "no better than"
    return f"Own weights predict held-out labels {how} the pooled ones ({size})."


def taste_sentence(row: Mapping[str, Any]) -> str:
    """Say how far annotators differ on one feature.

    >>> taste_sentence({"description": "uses more list items", "tau": 0.2, "pooled": 9.4,
    ...                 "low_taste": -2.6, "high_taste": 20.3, "subjectivity_q": 0.01})
    'The response that uses more list items: +9.4 points on average, −2.6 to +20.3 for nine in ten.'
    """
    who = f"The response that {row['description']}"
    if row["tau"] is None:
        return f"{who}: tested, not fitted."
    if row["tau"] < SEEN:
        return f"{who}: {points(row['pooled'])} points, alike for all as far as can be seen."
    return (
        f"{who}: {points(row['pooled'])} points on average, "
        f"{between(row['low_taste'], row['high_taste'])} for nine in ten."
    )


def people(view: AnnotatorView, *, ids: bool = False) -> list[Person]:
    """Return the annotators, those who depart on most first, then those with most labels."""
    words = dict(view.features.select("feature", "description").iter_rows())
    pooled = dict(view.features.select("feature", "pooled").iter_rows())
    said: dict[int, list[str]] = {}
    departs = view.departures.filter("departs").sort(-pl.col("departure").abs())
    for row in departs.iter_rows(named=True):
        rest = pooled[row["feature"]]
        said.setdefault(row["annotator"], []).append(
            f"{words[row['feature']]}: {points(row['effect'])} points "
            f"({between(row['low'], row['high'])}), {points(rest)} for the others"
        )
    shown = [
        Person(
            row["annotator"], row["id"] if ids else f"Annotator {row['annotator'] + 1}",
            row["labels"], row["agreement"], row["quality"], said.get(row["annotator"], []),
        )
        for row in view.people.iter_rows(named=True)
    ]  # fmt: skip
    return sorted(shown, key=lambda one: (-len(one.said), one.number))


def labels_used(gain: Gain) -> str:
    """Say how many labels of each annotator a gain rests on."""
    return "all" if gain["labels"] is None else str(gain["labels"])
