"""Effects of the same columns on several camps, data sets or groups: how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from wimhf.base import Event, Floats, Ints, Progress, silent
from wimhf.errors import EstimationError
from wimhf.stats.between_subsets import LEVEL, cross
from wimhf.stats.design import Controls, Labelled, Measured, code_rms, independent, labelled_pairs
from wimhf.stats.effects import feature_effects
from wimhf.stats.gram import gram
from wimhf.stats.inference import NORMAL, two_sided_p, with_q
from wimhf.stats.logit import cluster_logit

GAP_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "first": pl.Int64(), "second": pl.Int64(), "gap": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "p": pl.Float64(), "q": pl.Float64(),
}  # fmt: skip
"""Effect on the first camp less that on the second, in points; q over all that is compared."""
CONFLICT_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "flip_p": pl.Float64(), "flip_q": pl.Float64(), "conflict": pl.Boolean(),
}  # fmt: skip
"""Whether one camp rewards what another penalises (Gail and Simon 1985)."""


@dataclass(frozen=True)
class Camp:
    """The labelled pairs of one data set or group, with the columns that all camps have.

    Attributes
    ----------
    data
        Columns of RMS 1; one that is not measured on this camp is 0 throughout.
    unit
        (m,) what 1 of a column is in units that are the same on every camp.
    held
        Its controls as they were measured, with their names.
    cluster
        (n,) clusters, numbered across camps: pairs of two camps that share one hang together.
    """

    data: Labelled
    unit: Floats
    held: Controls
    cluster: Ints

    def rows(self, used: Ints) -> Camp:
        """Return some of the pairs as a camp of its own; columns keep their units."""
        data, columns = self.data.rows(used), self.held.columns[used]
        kept = independent(columns)
        names = [name for name, one in zip(self.held.names, kept, strict=True) if one]
        held = Controls(names, columns[:, kept])
        return Camp(replace_controls(data, held.columns), self.unit, held, self.cluster[used])


def replace_controls(data: Labelled, columns: Floats) -> Labelled:
    """Return labelled pairs with other controls (n, c), brought to RMS 1."""
    rms = np.sqrt(np.square(columns).mean(axis=0))
    return Labelled(**{**vars(data), "controls": columns / np.where(rms > 0, rms, 1.0)})


def camp_of(
    measured: Measured, label: Floats, weight: Floats, scale: Floats, cluster: Ints
) -> Camp:
    """Return the labelled pairs as a camp.

    Parameters
    ----------
    measured
        With the columns that all camps have.
    label, weight
        (n,) of all pairs; NaN unlabelled, weight 0 left out.
    scale
        (m,) what 1 of a column in ``measured`` is in units that are the same on every camp.
    cluster
        (n,) of all pairs, numbered across camps.

    Raises
    ------
    EstimationError
        If no pair has a label, or all are ties.
    """
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    if not (label[used] != 0.5).any():
        raise EstimationError("every label is a tie" if len(used) else "no pair has a label")
    held = measured.controls.telling(used)
    rms = code_rms(measured.codes, used)
    return Camp(
        labelled_pairs(measured, label, weight, used), rms * scale,
        Controls(held.names, held.columns[used]), cluster[used],
    )  # fmt: skip


def camp_effects(camp: Camp, progress: Progress = silent) -> pl.DataFrame:
    """Return every column's effect on one camp, controls held (``effects.EFFECT_COLUMNS``)."""
    return feature_effects(camp.data, camp.data.controls, progress)


def effect_gaps(
    camps: Sequence[Camp], effects: Sequence[pl.DataFrame], progress: Progress = silent
) -> pl.DataFrame:
    """Return how far effects are apart, for every two camps (GAP_COLUMNS).

    The interval is recovered from those of the two effects (Zou and Donner 2008), so that it holds
    at the edge too; where camps share clusters, with the correlation that these give (Zou 2007).
    p belongs to the interval: it is .05 where an end of it is 0.
    """
    couples = list(combinations(range(len(camps)), 2))
    linked = {(i, j) for i, j in couples if np.isin(camps[i].cluster, camps[j].cluster).any()}
    rows: list[dict[str, float | int]] = []
    count = len(effects[0])
    for number in range(count):
        ends = [_ends(table, number) for table in effects]
        added = _added(camps, number, {i for couple in linked for i in couple if ends[i]})
        for first, second in couples:
            one, two = ends[first], ends[second]
            if one is not None and two is not None:
                row = {"feature": number, "first": first, "second": second}
                rows.append(row | _gap(one, two, _related(added.get(first), added.get(second))))
        if linked:
            progress(Event("compare", number + 1, count, unit="features"))
    return with_q(pl.DataFrame(rows, schema=GAP_COLUMNS).sort("first", "second", "feature"))


def _ends(effects: pl.DataFrame, number: int) -> tuple[float, float, float] | None:
    """Return an effect and the ends of its interval, where there is one."""
    value, low, high = effects.select("effect", "effect_low", "effect_high").row(number)
    return None if value is None else (float(value), float(low), float(high))


def _gap(
    one: tuple[float, float, float], two: tuple[float, float, float], related: float
) -> dict[str, float]:
    (a, a_low, a_high), (b, b_low, b_high) = one, two
    gap = a - b
    below = _reach(a - a_low, b_high - b, related)
    above = _reach(a_high - a, b - b_low, related)
    toward = below if gap > 0 else above
    z = NORMAL * gap / toward if toward > 1e-9 else 0.0
    p = float(two_sided_p(np.array([z]))[0])
    return {"gap": gap, "low": gap - below, "high": gap + above, "p": p}


def _reach(one: float, two: float, related: float) -> float:
    return float(np.sqrt(max(one * one + two * two - 2 * related * one * two, 0.0)))


def _added(camps: Sequence[Camp], number: int, wanted: set[int]) -> dict[int, Floats]:
    """Return per camp what every cluster (k,) adds to a column's coefficient.

    A camp without a fit of its own is left out, which widens the intervals of its gaps.
    """
    most = max(int(camp.cluster.max()) for camp in camps) + 1
    added: dict[int, Floats] = {}
    for place in sorted(wanted):
        with suppress(EstimationError):
            own = _influence(camps[place], number)
            added[place] = np.bincount(camps[place].cluster, own, most).astype(np.float64)
    return added


def _related(one: Floats | None, two: Floats | None) -> float:
    """Return the correlation of two coefficients, from what clusters add to both."""
    if one is None or two is None:
        return 0.0
    size = float(np.sqrt((one @ one) * (two @ two)))
    return float(np.clip(one @ two / size, -1.0, 1.0)) if size > 0 else 0.0


def _influence(camp: Camp, number: int) -> Floats:
    """Return what every pair (n,) adds to a column's coefficient."""
    data = camp.data
    design = np.column_stack([data.codes[:, number], data.controls])
    fit = cluster_logit(design, data.label, data.weight, data.component)
    chance = 1 / (1 + np.exp(-design @ fit.beta))
    curve = data.weight * chance * (1 - chance)
    bread = np.linalg.pinv(gram(design, curve), hermitian=True)
    influence: Floats = (design @ bread[:, 0]) * data.weight * (data.label - chance)
    return influence


def conflicts(effects: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Test which columns one camp rewards and another penalises (CONFLICT_COLUMNS)."""
    z = np.stack([_strength(table) for table in effects], axis=1)
    rows: list[dict[str, float | int]] = []
    for number, own in enumerate(z):
        known = own[np.isfinite(own)]
        row: dict[str, float | int] = {"feature": number}
        rows.append(row | ({"flip_p": cross(known, np.ones(len(known)))} if len(known) > 1 else {}))
    table = with_q(pl.DataFrame(rows, schema=CONFLICT_COLUMNS), "flip_p", "flip_q")
    return table.with_columns((pl.col("flip_q") < LEVEL).fill_null(value=False).alias("conflict"))


def _strength(table: pl.DataFrame) -> Floats:
    """Return z (m,) of every effect that stands for its interval; NaN where there is none."""
    effect, low, high = (
        table[name].fill_null(np.nan).to_numpy() for name in ("effect", "effect_low", "effect_high")
    )
    toward = np.where(effect > 0, effect - low, high - effect)
    strength: Floats = NORMAL * effect / np.maximum(toward, 1e-9)
    return strength
