"""What is compared: the camps, and the columns that mean the same in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Ints
from wimhf.concepts import Concept
from wimhf.errors import EstimationError, RunError
from wimhf.run import Feature, Run
from wimhf.stats import Camp, Labels, camp_of

SOUGHT = (
    "reads", "of", "within", "outside", "patterns", "words", "without", "scope", "count",
    "detector",
)  # fmt: skip
"""What of a concept decides in which texts it is found."""


@dataclass(frozen=True)
class Column:
    """A feature that is compared.

    Attributes
    ----------
    id
        The concept's, or ``feature_N`` of a discovered one.
    feature
        Its number in the run whose groups are compared, or in the dictionary that is applied to
        several; None where it is a concept of several.
    title, description
        For tables, and as what a sentence says of the response with more of it.
    """

    id: str
    title: str
    description: str | None
    kind: str
    feature: int | None = None
    understood: bool = True


@dataclass(frozen=True)
class CampFacts:
    """A camp as it is named and counted; ``run`` is the folder whose pairs it has."""

    name: str
    run: str
    pairs: int
    labelled: int


@dataclass(frozen=True)
class Gathered:
    """The camps with their columns (m,).

    Attributes
    ----------
    by
        ``run``, ``labels``, or the column whose groups are compared.
    prevalence
        Per camp (m,) the share of its pairs whose responses differ in a column.
    reasons
        Per camp, by the number of a column, why it is none there.
    members
        Per camp (p,) the rows of its pairs in its run.
    codes
        Of runs, per camp (n, m') the codes of the discovered columns, which are the last ones.
    """

    by: str
    facts: tuple[CampFacts, ...]
    columns: tuple[Column, ...]
    camps: tuple[Camp, ...]
    prevalence: tuple[Floats, ...]
    reasons: tuple[Mapping[int, str], ...]
    members: tuple[Ints, ...]
    notes: list[str] = field(default_factory=list)
    codes: tuple[Floats32, ...] = ()


def sought_in(concept: Concept) -> tuple[object, ...]:
    """Return what decides in which texts a concept is found."""
    return tuple(getattr(concept, name) for name in SOUGHT)


def feature_title(feature: Feature) -> str:
    """Return what a feature is called in tables: its short name, or its number."""
    name = feature.short or feature.description
    return name if name and feature.understood else f"feature {feature.feature}"


def made_camp(
    run: Run, name: str, columns: Floats32, labels: Labels, scale: Floats, cluster: Ints
) -> Camp:
    """Return the labelled pairs of a run as a camp.

    Raises
    ------
    RunError
        If the labels say nothing.
    """
    try:
        return camp_of(run.covariates(columns), labels.label, labels.weight, scale, cluster)
    except EstimationError as error:
        raise RunError(f"{name}: {error}, so it rewards nothing that could be compared") from None


def source_labels(pairs: pl.DataFrame) -> Labels:
    """Return the labels of a pair table as the source has them."""
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return Labels(label, pairs["weight"].cast(pl.Float64).to_numpy())
