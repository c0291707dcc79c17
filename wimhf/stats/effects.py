"""The effect of every feature on the label, alone with the controls and all together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from wimhf.base import Event, Floats, Ints, Progress, side_by_side, silent
from wimhf.errors import EstimationError
from wimhf.stats.column_fits import column_fits
from wimhf.stats.design import Labelled
from wimhf.stats.edge import EDGE, edge_effect
from wimhf.stats.inference import Interval, effective_clusters, t_bound, two_sided_p, with_q
from wimhf.stats.logit import LogitFit, cluster_logit, firth_logit
from wimhf.stats.score_test import robust_scores
from wimhf.stats.summary import EffectSummary

MANY_PAIRS = 20_000
"""Pairs from which columns are looked at by several threads, and linear algebra has more."""
MIN_ACTIVE = 10
"""Labelled pairs in which a feature must be active before its effect is estimated."""
MIN_PROMPTS = 10.0
"""Effective number of independent prompts below which a clustered error cannot be trusted."""

EFFECT_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "n_active": pl.Int64(), "win_rate": pl.Float64(), "beta": pl.Float64(),
    "se": pl.Float64(), "p": pl.Float64(), "q": pl.Float64(), "bonferroni": pl.Boolean(),
    "effect": pl.Float64(), "effect_low": pl.Float64(), "effect_high": pl.Float64(),
    "raw_effect": pl.Float64(), "effect_reason": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """The effect of one odd column; what could not be estimated is None, and a reason says why.

    Attributes
    ----------
    win_rate
        Of the side with more, in percent, without controls.
    beta, se
        Log odds per RMS of the column, and its cluster-robust error; see ``edge`` where the side
        with more nearly always or nearly never wins.
    p
        Of the score test, which needs no fit of the column: see ``score_test``.
    effect
        In points, with its interval: see ``_points``.
    raw_effect
        The same without controls, in points.
    """

    n_active: int
    win_rate: float | None = None
    beta: float | None = None
    se: float | None = None
    p: float | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    raw_effect: float | None = None
    effect_reason: str | None = None

    def to_dict(self) -> EffectSummary:
        """Return what could be estimated, as it is written in JSON."""
        values = {name: value for name, value in asdict(self).items() if value is not None}
        return cast("EffectSummary", values)


def effect_rows(numbers: Iterable[int], effects: Iterable[Effect]) -> list[dict[str, object]]:
    """Return rows of a table of effects, by the numbers of their features."""
    return [{"feature": n} | asdict(one) for n, one in zip(numbers, effects, strict=True)]


def feature_effects(
    data: Labelled, controls: Floats, progress: Progress = silent, *, raw: bool = True
) -> pl.DataFrame:
    """Return every feature's own effect, controls held (EFFECT_COLUMNS); ``raw`` ones if asked."""
    effects = column_effects(data, controls, progress, raw=raw)
    rows = effect_rows(range(len(effects)), effects)
    table = with_q(pl.DataFrame(rows, schema=EFFECT_COLUMNS))
    tested = len(table) - table["p"].null_count()
    return table.with_columns((pl.col("p") * tested < 0.05).alias("bonferroni"))


def column_effects(
    data: Labelled, controls: Floats, progress: Progress = silent, *, raw: bool = True
) -> list[Effect]:
    """Return every column's effect, as ``column_effect`` does; models are fitted side by side."""
    m = data.codes.shape[1]
    scores = robust_scores(data.codes, controls, data.label, data.weight, data.component)
    each = (data.label, data.weight, data.component)
    fits = column_fits(data.codes, controls, *each)
    bare = column_fits(data.codes, controls[:, :0], *each) if controls.size and raw else fits

    def effect(place: int) -> Effect:
        known = Known(float(scores[place]), *(fit.of(place) for fit in (fits, bare)))
        own = np.ascontiguousarray(data.codes[:, place])  # walked over many times
        return column_effect(own, data, controls, known, raw=raw)

    effects: list[Effect] = []
    many = len(data.label) >= MANY_PAIRS
    for one in side_by_side(effect, range(m)) if many else map(effect, range(m)):
        effects.append(one)
        progress(Event("preference", len(effects), m, unit="features"))
    return effects


@dataclass(frozen=True)
class Known:
    """What is known of a column before it is looked at alone: nothing, by default.

    Attributes
    ----------
    score
        Its robust score.
    fit, raw
        Its models with and without controls.
    """

    score: float | None = None
    fit: LogitFit | None = None
    raw: LogitFit | None = None


def column_effect(
    z: Floats, data: Labelled, controls: Floats | None = None, known: Known | None = None,
    *, raw: bool = True,
) -> Effect:  # fmt: skip
    """Return the effect of one odd column (n,) of RMS 1.

    Parameters
    ----------
    controls
        Held; the data's own where none are given.
    """
    controls, known = data.controls if controls is None else controls, known or Known()
    active = np.flatnonzero(z)
    n = len(active)
    if n < MIN_ACTIVE:
        return Effect(n, effect_reason=f"active in only {n} labelled pairs")
    won = win_rate(z[active], data.label[active], data.weight[active])
    prompts = effective_clusters(z, data.weight, data.component)
    if prompts < MIN_PROMPTS:
        reason = f"active as if in only {prompts:.1f} independent prompts"
        return Effect(n, won, effect_reason=reason)
    score = known.score
    if score is None:
        own = z[:, None]
        score = float(robust_scores(own, controls, data.label, data.weight, data.component)[0])
    rare = prompts * min(won, 100 - won) / 100
    try:
        fit, ends = _fitted(z, controls, data, score, t_bound(prompts), known, at_edge=rare < EDGE)
    except EstimationError as error:
        return Effect(n, won, effect_reason=str(error))
    points = _points(fit, ends, z[active], controls[active], data.weight[active])
    p = float(two_sided_p(np.array([score]), prompts)[0])
    beta, se = float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0]))
    bare: float | None = points.value
    if controls.size:
        edge = rare < EDGE
        bare = _raw(z[active], data, active, known.raw, at_edge=edge) if raw else None
    return Effect(n, won, beta, se, p, points.value, points.low, points.high, bare)


def _raw(
    own: Floats, data: Labelled, active: Ints, fit: LogitFit | None, *, at_edge: bool
) -> float | None:
    """Return a column's effect without controls, in points; only where it is active does it count.

    Parameters
    ----------
    own
        (a,) the column in the pairs ``active``.
    fit
        Its model, where it is known.
    """
    design, label, weight = own[:, None], data.label[active], data.weight[active]
    try:
        if at_edge:
            fit = firth_logit(design, label, weight)
        elif fit is None:
            fit = cluster_logit(design, label, weight, data.component[active])
    except EstimationError:
        return None
    return _points(fit, (0.0, 0.0), own, np.empty((len(own), 0)), weight).value


def _fitted(
    z: Floats, controls: Floats, data: Labelled, score: float, reach: float, known: Known,
    *, at_edge: bool,
) -> tuple[LogitFit, tuple[float, float]]:  # fmt: skip
    """Return the model of a column with its controls, and the coefficient's interval."""
    fit = known.fit
    if at_edge or fit is None:
        design = np.column_stack([z, controls])
        if at_edge:
            edge = edge_effect(design, data.label, data.weight, score, reach)
            return edge.fit, (edge.low, edge.high)
        fit = cluster_logit(design, data.label, data.weight, data.component)
    beta, far = float(fit.beta[0]), reach * float(np.sqrt(fit.covariance[0, 0]))
    return fit, (beta - far, beta + far)


def length_effect(data: Labelled) -> EffectSummary:
    """Return the effect of the length difference itself, nothing held; empty where none varies."""
    if not data.length.shape[1]:
        return {}
    return column_effect(data.length[:, 0], data, np.empty((len(data.label), 0))).to_dict()


def win_rate(lead: Floats | NDArray[np.int8], label: Floats, weight: Floats) -> float:
    """Return how often, in percent, the label prefers the side with more of something.

    Parameters
    ----------
    lead
        (n,) positive where A has more, negative where B has; never 0.
    """
    won = np.where(lead > 0, label, 1.0 - label)
    return 100 * float(np.average(won, weights=weight))


def _points(
    fit: LogitFit, ends: tuple[float, float], z: Floats, controls: Floats, weight: Floats
) -> Interval:
    """Average change in the win rate of the side with more, controls held, in points.

    Of a column (a,) and controls (a, c) in the pairs where it is active.

    The interval carries beta's, ``ends``, through the same average, so it leaves out 0 exactly
    when beta's does.
    """
    base = controls @ fit.beta[1:]
    without = expit(base)

    def average(beta: float) -> float:
        moved = expit(beta * z + base) - without
        return 100 * float(np.average(np.sign(z) * moved, weights=weight))

    low, high = ends
    return Interval(average(float(fit.beta[0])), average(low), average(high))
