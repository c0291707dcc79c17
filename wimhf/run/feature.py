"""One feature of a run: a row of its feature table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import polars as pl

CONCEPT, DISCOVERED = "concept", "discovered"
"""The two kinds of features."""
PARTLY = 0.15
"""Held-out correlation from which a name that is not proven says a part of what a feature is."""


@dataclass(frozen=True)
class Feature:
    """A feature with its name, how well the name is proven, and what the labels do with it.

    All signs are in the described pole. What could not be estimated is None, and a reason beside
    it says why.

    Attributes
    ----------
    feature, id, kind, area
        Its number; a concept's name in files; ``concept`` or ``discovered``; a concept's area.
    description, opposite, short
        More of it, less of it, and a label for charts.
    author
        Who wrote the description: lexical, concept, llm:MODEL, or a person.
    pole
        The sign of the code that the description speaks of.
    understood
        Whether the description is proven, or a person vouches for it; else ``reason``.
    fidelity, sign_accuracy, active_test
        Of the description on held-out pairs, and in how many of them the feature is active.
    prevalence, energy, stability
        Share of pairs in which it is active, of all codes' squares, and mean |cosine| with its
        matches in dictionaries of other seeds.
    n_active, win_rate, beta, se, p, q, bonferroni, effect, raw_effect
        See ``stats.effects``; effects in points, the raw one without controls.
    equal_length
        Whether length is controlled for.
    group, speaker, agrees
        Features that say nearly the same, which one speaks for them, and whether this one goes
        its way.
    shrunk, shrunk_low, shrunk_high
        The effect without the winner's curse: see ``stats.shrinkage``.
    finding
        Its place among the findings, from 1, where it speaks for one.
    known_share, known_as
        Of a discovered feature: held-out multiple correlation with the concepts, and the title of
        the concept it goes with most.
    path_rank, selection_frequency, sparse_beta
        On the L1 path of the features that speak for their groups: see ``stats.joint``.
    joint_beta, joint_se, joint_p, joint_effect, joint_low, joint_high, importance, suppressed
        In the model of the strongest of them together; suppressed where it shows nothing alone.
    heterogeneity_p, heterogeneity_q, flip_p, flip_q, flips
        Whether the effect differs between subsets, and whether it has opposite signs there.
    note, muted, pinned, flipped, members, found
        What people say of it; ``members`` are merged into it, ``found`` is the describer's own
        description where somebody renamed it.
    """

    feature: int
    id: str | None
    kind: str
    area: str | None
    known_share: float | None
    known_as: str | None
    description: str | None
    opposite: str | None
    short: str | None
    author: str | None
    pole: int
    understood: bool
    reason: str | None
    fidelity: float | None
    fidelity_low: float | None
    fidelity_high: float | None
    fidelity_p: float | None
    sign_accuracy: float | None
    active_test: int | None
    prevalence: float
    energy: float
    stability: float | None
    n_active: int | None
    win_rate: float | None
    beta: float | None
    se: float | None
    p: float | None
    q: float | None
    bonferroni: bool | None
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    raw_effect: float | None
    equal_length: bool
    shrunk: float | None
    shrunk_low: float | None
    shrunk_high: float | None
    path_rank: int | None
    selection_frequency: float | None
    sparse_beta: float | None
    joint_beta: float | None
    joint_se: float | None
    joint_p: float | None
    joint_effect: float | None
    joint_low: float | None
    joint_high: float | None
    importance: float | None
    suppressed: bool | None
    group: int | None
    speaker: int | None
    agrees: bool | None
    finding: int | None
    effect_reason: str | None
    heterogeneity_p: float | None
    heterogeneity_q: float | None
    flip_p: float | None
    flip_q: float | None
    flips: bool | None
    heterogeneity_reason: str | None
    note: str | None
    muted: bool
    pinned: bool
    flipped: bool
    members: tuple[int, ...]
    found: str | None

    @property
    def whole(self) -> tuple[int, ...]:
        """The features whose codes it counts: its own and those merged into it."""
        return (self.feature, *self.members)

    @property
    def partly(self) -> bool:
        """Whether its name is not proven but surely says a part of what it is."""
        sure = self.fidelity_low is not None and self.fidelity_low > 0
        return not self.understood and sure and (self.fidelity or 0.0) >= PARTLY

    @property
    def accounts(self) -> float | None:
        """The share of a discovered feature's variance that its name accounts for."""
        return None if self.fidelity is None else max(self.fidelity, 0.0) ** 2

    @property
    def said(self) -> tuple[float | None, float | None, float | None]:
        """Its effect and the ends of its interval, in points, without the winner's curse.

        As measured where it was not shrunken: in older runs, and where features were merged.
        """
        if self.shrunk is None:
            return self.effect, self.effect_low, self.effect_high
        return self.shrunk, self.shrunk_low, self.shrunk_high

    @property
    def least(self) -> float:
        """The points that its effect has at least, luck allowed for; 0 if it may be none."""
        _, low, high = self.said
        if low is None or high is None or low * high <= 0:
            return 0.0
        return min(abs(low), abs(high))


def features_of(table: pl.DataFrame, *, equal_length: bool = False) -> tuple[Feature, ...]:
    """Return the rows of a feature table, in its order; columns an older run lacks are None."""
    names = [field.name for field in fields(Feature)]
    rows: list[dict[str, Any]] = table.to_dicts()
    return tuple(
        Feature(
            **{name: row.get(name) for name in names}
            | {"members": tuple(row["members"]), "kind": row.get("kind") or DISCOVERED}
            | {"raw_effect": _raw(row), "equal_length": equal_length}
        )
        for row in rows
    )


def _raw(row: dict[str, Any]) -> float | None:
    """Return the effect without controls; a run of before it was measured has the win rate."""
    if row.get("raw_effect") is None and row.get("win_rate") is not None:
        return float(row["win_rate"]) - 50
    return row.get("raw_effect")
