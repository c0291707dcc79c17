"""Whose preferences: what annotators weigh differently, put together from its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import polars as pl
from scipy.special import expit, ndtr

from wimhf.base import Event, Floats, Ints, Progress, silent
from wimhf.stats.adaptation import Curve, gain_curve
from wimhf.stats.design import Labelled
from wimhf.stats.inference import q_values
from wimhf.stats.pooling import Pooled, fit_pooled
from wimhf.stats.subjectivity import subjectivity_p
from wimhf.stats.tastes import Design

MOST_FEATURES = 64
LABELS_PER_FEATURE = 20
"""Labels that a model of annotators needs for every feature in it."""
LEAST_LABELS = 10
"""Labels of an annotator below which they do not count as one who can be told apart."""
LEVEL = 0.05
SUBJECTIVE_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "subjectivity_p": pl.Float64(), "subjectivity_q": pl.Float64(),
    "pooled": pl.Float64(), "pooled_low": pl.Float64(), "pooled_high": pl.Float64(),
    "tau": pl.Float64(), "tau_low": pl.Float64(), "tau_high": pl.Float64(),
    "low_taste": pl.Float64(), "high_taste": pl.Float64(),
}  # fmt: skip
"""Per feature: the test, the pooled effect in points, subjectivity in log odds per RMS, and the
effect for an annotator at the 5th and 95th percentile of tastes."""
DEPARTURE_COLUMNS: dict[str, pl.DataType] = {
    "annotator": pl.Int64(), "feature": pl.Int64(), "effect": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "departure": pl.Float64(), "departs": pl.Boolean(),
}  # fmt: skip
"""Per annotator and feature: the effect for them in points with a 95 % interval, the departure from
the pooled weight in log odds per RMS, and whether they surely depart."""


class AnnotatorSummary(TypedDict, total=False):
    """Counts, the gain curve, or the reason why annotators cannot be compared.

    ``differ_p`` is of annotators weighing everything alike.
    """

    reason: str
    annotators: int
    labels: int
    tested: int
    modelled: int
    differ_p: float
    curve: Curve


@dataclass(frozen=True)
class Annotators:
    """What annotators weigh differently, signs as in the codes.

    Attributes
    ----------
    features
        SUBJECTIVE_COLUMNS, the most subjective first, those not fitted last.
    departures
        DEPARTURE_COLUMNS, annotators by the numbers they were given.
    summary
        Counts and the gain of own weights, or why annotators cannot be compared.
    """

    features: pl.DataFrame
    departures: pl.DataFrame
    summary: AnnotatorSummary


def measure_annotators(
    data: Labelled,
    annotator: Ints,
    candidates: Ints,
    modelled: Ints,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Annotators:
    """Test which features annotators weigh differently, and fit how much each annotator does.

    Parameters
    ----------
    annotator
        (n,) numbers from 0 of who gave each label, -1 where that is not known.
    candidates, modelled
        Columns of ``data.codes`` to be tested, and those of them whose weights are fitted, the
        most important first; beside them those that are surely subjective are fitted. What own
        weights are worth is measured without the latter, which these labels chose.
    """
    used = np.flatnonzero(annotator >= 0)
    reason = _reason(annotator[used], candidates)
    if reason:
        return no_annotators(reason)
    part, who = data.rows(used), annotator[used]
    progress(Event("annotators", message="testing what annotators weigh differently"))
    held = part.controls
    p, anything = subjectivity_p(
        part.codes[:, candidates], held, part.label, part.weight, part.component, who, rng
    )
    q = q_values(p)
    most = max(1, min(MOST_FEATURES, len(used) // LABELS_PER_FEATURE))
    kept = modelled[np.isin(modelled, candidates[np.isfinite(p)])][:most]
    sure = candidates[np.nan_to_num(q, nan=1.0) < LEVEL]
    chosen = np.r_[kept, sure[~np.isin(sure, kept)]][:most]
    if len(chosen) == 0:
        return no_annotators("no feature varies with the annotators' labels")
    design, _ = Design.of(part.codes[:, chosen], held, part.label, part.weight, part.component, who)
    progress(Event("annotators", message=f"fitting the weights of {len(np.unique(who)):,} people"))
    pooled = fit_pooled(design, rng)
    curve = gain_curve(design.of_features(np.arange(max(len(kept), 1))), rng)
    features = _features(candidates, p, q, chosen, pooled, design)
    summary: AnnotatorSummary = {
        "annotators": len(np.unique(who)), "labels": len(used), "tested": int(np.isfinite(p).sum()),
        "modelled": len(chosen), "differ_p": anything, "curve": curve,
    }  # fmt: skip
    return Annotators(features, _departures(chosen, pooled, design), summary)


def _reason(annotator: Ints, candidates: Ints) -> str | None:
    counts = np.bincount(annotator)
    people = int((counts > 0).sum())
    if people == 0:
        return "no labelled pair names its annotator"
    if people == 1:
        return "one annotator gave all labels, so there is nobody to compare with"
    if int((counts >= LEAST_LABELS).sum()) < 2:
        return f"fewer than two annotators gave {LEAST_LABELS} labels or more"
    if len(candidates) == 0:
        return "no feature is measured in enough labelled pairs"
    return None


def no_annotators(reason: str) -> Annotators:
    """Return what is said where annotators cannot be compared."""
    return Annotators(
        pl.DataFrame(schema=SUBJECTIVE_COLUMNS), pl.DataFrame(schema=DEPARTURE_COLUMNS),
        {"reason": reason},
    )  # fmt: skip


def _points(z: Floats, weight: Floats, beta: Floats) -> Floats:
    """Return the effect (k,) in points of weights (k,) on the side with more, nothing else held."""
    active = np.flatnonzero(z)
    size, share = np.abs(z[active]), weight[active]
    moved = expit(np.multiply.outer(beta, size)) - 0.5
    points: Floats = 100 * (moved @ share) / share.sum()
    return points


def _features(
    candidates: Ints, p: Floats, q: Floats, chosen: Ints, pooled: Pooled, design: Design
) -> pl.DataFrame:
    fitted: dict[int, dict[str, float]] = {}
    for place, column in enumerate(chosen.tolist()):
        z = design.columns[:, place]
        beta, se, tau = pooled.beta[place], pooled.se[place], pooled.tau[place]
        ends = beta + np.array([0, -1.96, 1.96]) * se
        middle = _points(z, design.weight, np.r_[ends, beta - 1.645 * tau, beta + 1.645 * tau])
        names = ("pooled", "pooled_low", "pooled_high", "low_taste", "high_taste")
        fitted[column] = dict(zip(names, middle.tolist(), strict=True)) | {
            "tau": float(tau), "tau_low": float(pooled.tau_low[place]),
            "tau_high": float(pooled.tau_high[place]),
        }  # fmt: skip
    rows = [
        {"feature": column, "subjectivity_p": p[at], "subjectivity_q": q[at]}
        | fitted.get(column, {})
        for at, column in enumerate(candidates.tolist())
    ]
    table = pl.DataFrame(rows, schema=SUBJECTIVE_COLUMNS).with_columns(
        pl.col("subjectivity_p", "subjectivity_q").fill_nan(None)
    )
    order = [-pl.col("tau"), pl.col("subjectivity_p"), pl.col("feature")]
    return table.sort(order, nulls_last=True)


def _departures(chosen: Ints, pooled: Pooled, design: Design) -> pl.DataFrame:
    """Return what every annotator weighs, and whether that surely departs from the pooled weight.

    An annotator departs where the share of wrong signs among all that are said to is below 5 %
    (local false sign rates, Stephens 2017).
    """
    size = np.where(pooled.departure_se > 0, pooled.departure_se, np.inf)
    wrong = ndtr(-np.abs(pooled.departure) / size).ravel()
    order = np.argsort(wrong, kind="stable")
    mean = np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)
    departs = np.zeros(len(wrong), dtype=bool)
    departs[order[mean < LEVEL]] = True
    departs &= np.isfinite(size).ravel()
    parts = []
    for place, column in enumerate(chosen.tolist()):
        off, error = pooled.departure[:, place], pooled.own_se[:, place]
        z, beta = design.columns[:, place], pooled.beta[place] + off
        ends = [_points(z, design.weight, beta + end * error) for end in (0, -1.96, 1.96)]
        parts.append(pl.DataFrame({
            "annotator": np.arange(len(off)), "feature": np.full(len(off), column),
            "effect": ends[0], "low": ends[1], "high": ends[2], "departure": off,
            "departs": departs.reshape(pooled.departure.shape)[:, place],
        }, schema=DEPARTURE_COLUMNS))  # fmt: skip
    return pl.concat(parts)
