"""The concepts of a run as their page lists them: filters, and the table that is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from wimhf.concepts import Concept
from wimhf.run import ConceptChecked, Run, own_ids
from wimhf.ui.words.checks import precision_short
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import between


@dataclass(frozen=True)
class ConceptRow:
    """A concept of the bank in a run.

    Attributes
    ----------
    differ
        Labelled pairs whose sides it tells apart.
    reason
        Why it is no feature, where it is none.
    own
        Whether somebody added it to this run.
    record
        How it was learned, where it was.
    feature
        What the labels do with it; None where it is no feature, or merged into another.
    checked
        How right it is, where somebody was asked.
    """

    concept: Concept
    differ: int
    reason: str | None
    own: bool
    record: Mapping[str, Any] | None
    feature: ShownFeature | None
    checked: ConceptChecked | None

    @property
    def id(self) -> str:
        """The concept's id."""
        return self.concept.id


_CHIPS: Mapping[str, Callable[[ConceptRow], bool]] = {
    "your own": lambda row: row.own,
    "checked": lambda row: bool(precision_short(row.checked)),
    "finding": lambda row: row.feature is not None and row.feature.finding is not None,
    "feature": lambda row: row.reason is None,
    "concern": lambda row: row.concept.concern is not None,
}
CHIPS = tuple(_CHIPS)
"""Filters of the table; several narrow it together."""


def concept_rows(run: Run, features: Iterable[ShownFeature]) -> list[ConceptRow]:
    """Return every concept of the response, the one in the most pairs first."""
    own, checks = own_ids(run), run.checks
    records = {one.concept.id: one.record for one in run.learned_concepts}
    shown = {feature.id: feature for feature in features if feature.is_concept}
    rows = [
        ConceptRow(
            one.concept, one.differ, one.reason, one.concept.id in own,
            records.get(one.concept.id), shown.get(one.concept.id), checks.get(one.concept.id),
        )
        for one in run.concepts.counted
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (not row.own, -row.differ, row.concept.title))


def filtered(
    rows: Iterable[ConceptRow], find: str, areas: Collection[str], show: Iterable[str]
) -> list[ConceptRow]:
    """Return the concepts that pass all filters.

    Parameters
    ----------
    find
        Words that must all occur in what is said of a concept; case is ignored.
    areas
        Areas that are shown; all where none is named.
    show
        Some of ``CHIPS``.
    """
    words = find.casefold().split()
    chips = [_CHIPS[chip] for chip in show if chip in _CHIPS]
    return [
        row
        for row in rows
        if (not areas or row.concept.area in areas)
        and all(passes(row) for passes in chips)
        and all(word in _text(row.concept) for word in words)
    ]


def _text(concept: Concept) -> str:
    said = (concept.id, concept.title, concept.more, concept.less, concept.area)
    return " ".join(said).casefold()


def _interval(feature: ShownFeature) -> str:
    return between(feature.effect_low, feature.effect_high)


def table(rows: Sequence[ConceptRow], n: int) -> pl.DataFrame:
    """Return the table that is shown.

    Parameters
    ----------
    n
        Labelled pairs of the run.
    """
    return pl.DataFrame({
        "Concept": [row.concept.title for row in rows],
        "More of it: the response that …": [row.concept.more for row in rows],
        "Area": ["your own" if row.own else row.concept.area.replace("_", " ") for row in rows],
        "Differ in": [row.differ for row in rows],
        "Of pairs": [None if n == 0 else 100 * row.differ / n for row in rows],
        "Effect": [None if row.feature is None else row.feature.effect for row in rows],
        "95% interval": ["" if row.feature is None else _interval(row.feature) for row in rows],
        "Right when found": [precision_short(row.checked) for row in rows],
    }, schema_overrides={"Effect": pl.Float64, "Of pairs": pl.Float64})  # fmt: skip
