"""What the report and the pages show, chosen and put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, cast

import polars as pl

from wimhf.run import Alert, Run
from wimhf.stats import Bounds, FewFeatures, PathSummary, SampleSummary, Subset, SubsetsSummary
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.scale import Scale, round_scale

HEADLINES = 10
LINES = 30
"""Features drawn along the path, the first to enter."""


class Summary(TypedDict):
    """preference.json as windows read it: what could not be measured is None or empty."""

    n_labelled: int
    n_ties: int
    n_zero_weight: int
    reason: str | None
    auc: dict[str, Bounds]
    accuracy: dict[str, Bounds]
    log_loss: dict[str, Bounds]
    calibration_error: dict[str, Bounds]
    auc_reason: str | None
    black_box: str | None
    auc_recovered: Bounds | None
    auc_recovered_reason: str | None
    controls: list[str]
    alerts: list[Alert]
    path: PathSummary
    subsets: SubsetsSummary
    sample: SampleSummary | None
    at_k: list[FewFeatures]


UNMEASURED: dict[str, object] = {
    "reason": None, "auc": {}, "auc_reason": None, "auc_recovered": None,
    "auc_recovered_reason": None, "black_box": None, "folds": None,
    "controls": [], "joint_reason": None,
    "control_notes": [], "alerts": [], "score_notes": [], "at_k": [],
    "permuted_auc": None, "position": {}, "path": {}, "accuracy": {}, "log_loss": {},
    "calibration_error": {},
    "subsets": {"by": None, "notes": [], "subsets": [], "reason": "not measured"},
    "sample": None, "n_zero_weight": 0,
}  # fmt: skip
"""What a summary leaves out where it could not be measured."""


def summary_of(run: Run) -> Summary:
    """Return what a run measured beside its features, with nothing left out."""
    return cast("Summary", {**UNMEASURED, **run.preference})


def no_auc(summary: Summary) -> str | None:
    """Say why no AUC could be measured; None where one was."""
    return summary["reason"] or summary["auc_reason"] or summary["auc_recovered_reason"]


@dataclass(frozen=True)
class Estimate:
    """A value of which both ends of the interval are known."""

    value: float
    low: float
    high: float


def known(bounds: Bounds | None) -> Estimate | None:
    """Return an interval of which every end is known, else nothing."""
    if bounds is None:
        return None
    value, low, high = bounds["value"], bounds["low"], bounds["high"]
    return None if value is None or low is None or high is None else Estimate(value, low, high)


@dataclass(frozen=True)
class Headlines:
    """The findings that explain most of the labels, and how many features are beyond chance.

    ``folded`` are, by the number of a finding's feature, others that say nearly the same;
    ``suppressed`` show only beside the findings; ``findings`` counts all findings, ``expressed``
    all features beyond chance, ``unnamed`` those of them without words that hold.
    """

    rewarded: list[ShownFeature]
    penalised: list[ShownFeature]
    folded: dict[int, list[ShownFeature]]
    suppressed: list[ShownFeature]
    findings: int
    expressed: int
    unnamed: int


def headlines(features: Iterable[ShownFeature]) -> Headlines:
    """Return the findings, the most telling first.

    In a run of before findings were told apart: understood features, the largest effects first.
    """
    features = list(features)
    expressed = [f for f in features if f.expressed]
    found = [f for f in expressed if f.finding is not None]
    if all(f.group is None for f in features):
        found = [f for f in expressed if f.understood]
        found.sort(key=lambda f: -abs(f.effect or 0))
    else:
        found.sort(key=lambda f: f.finding or 0)
    shown = found[:HEADLINES]
    folded = {
        f.feature: [o for o in features if o.speaker == f.feature and o.feature != f.feature]
        for f in shown
    }  # fmt: skip
    return Headlines(
        [f for f in shown if (f.effect or 0) > 0], [f for f in shown if (f.effect or 0) < 0],
        folded, [f for f in features if f.beside and f.understood and not f.muted],
        len(found), len(expressed), sum(not f.understood for f in expressed),
    )  # fmt: skip


def worth_showing(features: Iterable[ShownFeature]) -> list[ShownFeature]:
    """Return the features that a page should draw: findings, what is beyond chance, discovered."""
    return [f for f in features if f.expressed or f.pinned or not f.is_concept]


@dataclass(frozen=True)
class EffectsView:
    """The features whose effects are known, their scale, and how many are not known."""

    rows: list[ShownFeature]
    scale: Scale
    unknown: int


def effects(features: Sequence[ShownFeature]) -> EffectsView:
    """Return the effects that are known, from the most rewarded to the most penalised.

    Of concepts only those that are beyond chance: the table has the others.
    """
    drawn = worth_showing(features)
    rows = sorted(
        (f for f in drawn if f.effect is not None), key=lambda f: (-(f.effect or 0), f.feature)
    )
    ends = [end for f in rows for end in (f.effect, f.effect_low, f.effect_high) if end is not None]
    return EffectsView(rows, round_scale(ends, origin=0.0, finest=1.0), len(drawn) - len(rows))


@dataclass(frozen=True)
class PathLine:
    """A feature's coefficients along the L1 path as points of an SVG line."""

    feature: ShownFeature
    points: str
    value: float


@dataclass(frozen=True)
class PathView:
    """The L1 path as lines in per cent of a drawing; ``kept`` counts features at some places."""

    lines: list[PathLine]
    scale: Scale
    chosen: str
    n_chosen: int
    kept: list[tuple[str, int]]


def path(summary: Summary, features: Iterable[ShownFeature]) -> PathView | None:
    """Return the L1 path in the described poles; the penalty falls along the drawing, in logs."""
    l1 = summary["path"]
    if "beta" not in l1 or len(l1["penalties"]) < 2:
        return None
    beta, chosen, steps = l1["beta"], l1["chosen"], len(l1["penalties"]) - 1
    ends = [value for row in beta for value in row]
    scale = round_scale(ends, origin=0.0, finest=0.05, about=4)

    place = {feature: at for at, feature in enumerate(l1.get("columns") or range(len(beta[0])))}

    def line(f: ShownFeature) -> PathLine:
        points = (
            f"{100 * step / steps:.2f},{scale.up(f.pole * row[place[f.feature]]):.2f}"
            for step, row in enumerate(beta)
        )
        return PathLine(f, " ".join(points), f.pole * beta[chosen][place[f.feature]])

    entered = [f for f in features if f.path_rank is not None and f.path_rank <= LINES]
    places = sorted({round(share * steps) for share in (0, 0.25, 0.5, 0.75, 1)})
    return PathView(
        [line(f) for f in sorted(entered, key=lambda f: f.path_rank or 0)], scale,
        f"{100 * chosen / steps:.2f}", l1["n_chosen"],
        [(f"{100 * at / steps:.2f}%", sum(value != 0 for value in beta[at])) for at in places],
    )  # fmt: skip


BY = {"asked": "type of prompt", "prompts": "group of prompts"}
"""What subsets are called by, where it is no column of the data."""


def divided_by(by: str | None) -> str:
    """Return what subsets are called by: the column's name, or what was read from prompts."""
    return BY.get(by or "", by or "subset")


@dataclass(frozen=True)
class SubsetsView:
    """Effects within subsets: which features differ, and every feature's rows by its number.

    ``named`` is what they are called by, ``by`` what the setting calls it.
    """

    by: str | None
    named: str
    notes: list[str]
    subsets: list[Subset]
    reason: str | None
    cells: Mapping[int, list[dict[str, object]]]
    differing: list[ShownFeature]
    least_q: float | None
    tested: int


def by_subset(
    summary: Summary, features: Sequence[ShownFeature], table: pl.DataFrame
) -> SubsetsView:
    """Return effects within subsets, the features that flip first."""
    facts = summary["subsets"]
    cells: dict[int, list[dict[str, object]]] = {}
    for row in table.iter_rows(named=True) if facts["reason"] is None else ():
        cells.setdefault(row["feature"], []).append(row)
    tested = [f.heterogeneity_q for f in features if f.heterogeneity_q is not None]
    differing = [f for f in features if f.heterogeneous]
    return SubsetsView(
        facts["by"], divided_by(facts["by"]), facts["notes"], facts["subsets"], facts["reason"],
        cells,
        sorted(differing, key=lambda f: (not f.flips, f.heterogeneity_p or 1.0)),
        min(tested, default=None), len(tested),
    )  # fmt: skip
