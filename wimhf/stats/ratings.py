"""Ratings of models from pairs of their responses, on the scale of chess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from wimhf.base import Floats, Ints
from wimhf.errors import EstimationError
from wimhf.stats.edge import EDGE, edge_effect
from wimhf.stats.inference import effective_clusters, t_bound
from wimhf.stats.logit import cluster_influences, cluster_logit, firth_logit
from wimhf.stats.score_test import robust_scores

POINTS = 400 / np.log(10)
"""Of a rating, per log odds."""
MEAN = 1000.0
"""Rating of the average model of those that can be held against each other."""
MIN_PROMPTS = 3.0
"""Effective number of independent prompts below which no interval is given."""
ALONE = "compared with none of the models that can be held against each other"
ONE_SIDED = "every model wins, or loses, all that links it to the others"
RATING_COLUMNS: dict[str, pl.DataType] = {
    "model": pl.Int64(), "pairs": pl.Int64(), "win_rate": pl.Float64(), "rating": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "reason": pl.String(),
}  # fmt: skip
"""``pairs`` and ``win_rate`` (percent, ties half) are those with another model that count."""
CHANGE_COLUMNS: dict[str, pl.DataType] = {
    "model": pl.Int64(), "change": pl.Float64(), "change_low": pl.Float64(),
    "change_high": pl.Float64(),
}  # fmt: skip
Row = dict[str, int | float | str | None]


@dataclass(frozen=True)
class Matches:
    """Pairs of two models' responses.

    Attributes
    ----------
    first, second
        (n,) numbers of the models that gave A and B; those of -1 are not known.
    label, weight
        (n,) which won; NaN and 0 do not count.
    component
        (n,) pairs that are not independent.
    held
        (n, c) odd columns that are held constant.
    """

    first: Ints
    second: Ints
    label: Floats
    weight: Floats
    component: Ints
    held: Floats

    @property
    def counting(self) -> NDArray[np.bool_]:
        """Which pairs say something of two models."""
        known = (self.first >= 0) & (self.second >= 0) & (self.first != self.second)
        counting: NDArray[np.bool_] = known & np.isfinite(self.label) & (self.weight > 0)
        return counting

    def rows(self, chosen: Ints | NDArray[np.bool_]) -> Matches:
        """Return some of the pairs."""
        return Matches(*(column[chosen] for column in vars(self).values()))


@dataclass(frozen=True)
class Ratings:
    """What models are rated at.

    Attributes
    ----------
    table
        RATING_COLUMNS, one row per model.
    core
        The numbers of the models that can be held against each other.
    influences
        (G, len(core)) by how much every component moved their ratings.
    clusters
        (len(core),) the effective number of components that speak of each.
    """

    table: pl.DataFrame
    core: Ints
    influences: Floats
    clusters: Floats


def rate_models(matches: Matches, models: int) -> Ratings:
    """Rate models by a logistic model of which of two won (Bradley and Terry 1952).

    Ties are half a win for each; 400 points are odds of 10 to 1, and the mean is 1000 over the
    models that can be held against each other: each of them beat and was beaten, if only by way
    of others (Ford 1957). One that beat all of those, or lost to all, has no finite rating: it
    gets Firth's, and an interval that is open on one side. Errors are clustered by component.

    Parameters
    ----------
    models
        How many there are.
    """
    parts = np.unique(matches.component, return_inverse=True)[1].astype(np.int64)
    groups = int(parts.max(initial=-1)) + 1
    counting = matches.counting
    data, parts = matches.rows(counting), parts[counting]
    lead = _lead(data, models)
    core = _core(data, models)
    rows = [_counted(data, lead[:, model], model) for model in range(models)]
    empty = Ratings(_table(rows), core[:0], np.empty((groups, 0)), np.empty(0))
    if len(core) < 2:
        return _refused(empty, rows, ONE_SIDED)
    try:
        return _rated(data, lead, core, rows, parts, groups)
    except EstimationError as error:
        return _refused(empty, rows, str(error))


def rating_changes(before: Ratings, after: Ratings) -> pl.DataFrame:
    """Return by how much ratings moved: ``model``, ``change``, ``change_low``, ``change_high``.

    Both must be of the same pairs, whose labels or weights differ. Of models that both hold
    against others, from the mean of those.
    """
    shared = np.intersect1d(before.core, after.core)
    if len(shared) < 2:
        return pl.DataFrame(schema=CHANGE_COLUMNS)
    values, moved, clusters = [], [], []
    for one in (before, after):
        at = np.searchsorted(one.core, shared)
        rating = one.table["rating"].to_numpy()[shared]
        values.append(rating - rating.mean())
        own = one.influences[:, at]
        moved.append(own - own.mean(axis=1, keepdims=True))
        clusters.append(one.clusters[at])
    change = values[1] - values[0]
    spread = np.sqrt(np.square(moved[1] - moved[0]).sum(axis=0))
    reach = spread * np.array([t_bound(n) for n in np.minimum(*clusters)])
    return pl.DataFrame({
        "model": shared, "change": change, "change_low": change - reach,
        "change_high": change + reach,
    })  # fmt: skip


def _lead(data: Matches, models: int) -> Floats:
    """Return (n, models) 1 for the model of A, -1 for that of B."""
    lead = np.zeros((len(data.first), models))
    at = np.arange(len(data.first))
    lead[at, data.first] = 1.0
    lead[at, data.second] = -1.0
    return lead


def _core(data: Matches, models: int) -> Ints:
    """Return the models that beat and were beaten by each other, if by way of others.

    Where there are several such sets, the one in which most pairs are.
    """
    won, lost = data.label > 0, data.label < 1
    winner = np.concatenate([data.first[won], data.second[lost]])
    loser = np.concatenate([data.second[won], data.first[lost]])
    graph = coo_array((np.ones(len(winner)), (winner, loser)), shape=(models, models))
    own = connected_components(graph.tocsr(), directed=True, connection="strong")[1]
    inside = own[data.first] == own[data.second]
    if not inside.any():
        return np.empty(0, dtype=np.int64)
    largest = np.argmax(np.bincount(own[data.first[inside]]))
    return np.flatnonzero(own == largest).astype(np.int64)


def _counted(data: Matches, lead: Floats, model: int) -> Row:
    own = np.flatnonzero(lead)
    row: Row = {"model": model, "pairs": len(own), "win_rate": None, "rating": None,
                "low": None, "high": None, "reason": None}  # fmt: skip
    if len(own):
        won = np.where(lead[own] > 0, data.label[own], 1 - data.label[own])
        row["win_rate"] = 100 * float(np.average(won, weights=data.weight[own]))
    return row


def _rated(
    data: Matches, lead: Floats, core: Ints, rows: list[Row], parts: Ints, groups: int
) -> Ratings:
    """Rate the models of the core, then those outside of it by their pairs with the core."""
    chosen = np.isin(data.first, core) & np.isin(data.second, core)
    within, columns = data.rows(chosen), lead[np.ix_(chosen, core)]
    present, own = np.unique(parts[chosen], return_inverse=True)
    basis, held = _balanced(len(core)), _scaled(within.held)
    design = np.hstack([columns @ basis, held])
    fit = cluster_logit(design, within.label, within.weight, own)
    turn = POINTS * np.vstack([basis.T, np.zeros((held.shape[1], len(core)))])
    moved = np.zeros((groups, len(core)))
    moved[present] = cluster_influences(design, fit.beta, within.label, within.weight, own) @ turn
    rating, spread = MEAN + fit.beta @ turn, np.sqrt(np.square(moved).sum(axis=0))
    clusters = np.array([effective_clusters(z, within.weight, own) for z in columns.T])
    for at, model in enumerate(core.tolist()):
        row = rows[model]
        row["rating"] = float(rating[at])
        if clusters[at] < MIN_PROMPTS:
            row["reason"] = f"compared as if over only {clusters[at]:.1f} independent prompts"
            continue
        if _rarer(within, columns[:, at]) * clusters[at] < EDGE:
            row["low"], row["high"] = _core_edge(within, columns, at, held, clusters[at])
        else:
            reach = t_bound(clusters[at]) * float(spread[at])
            row["low"], row["high"] = float(rating[at]) - reach, float(rating[at]) + reach
    for number, row in enumerate(rows):
        if number not in core:
            row |= _outside(data, lead, core, number)
    return Ratings(_table(rows), core, moved, clusters)


def _rarer(data: Matches, z: Floats) -> float:
    """Return the share of wins or of losses of a model, whichever is less."""
    own = z != 0
    won = np.where(z > 0, data.label, 1 - data.label)[own]
    rate = float(np.average(won, weights=data.weight[own]))
    return min(rate, 1 - rate)


def _core_edge(
    data: Matches, columns: Floats, at: int, held: Floats, clusters: float
) -> tuple[float, float]:
    """Return a rating's interval: a column's coefficient with the others from their own mean."""
    count = columns.shape[1]
    others = np.delete(columns, at, axis=1) @ _balanced(count - 1)
    z = columns[:, at] * count / (count - 1)
    return _edge(z, np.hstack([others, held]), data, clusters)


def _outside(data: Matches, lead: Floats, core: Ints, model: int) -> Row:
    """Rate a model that beat all of the core that it met, or lost to all."""
    members = [*core.tolist(), model]
    among = np.isin(data.first, members) & np.isin(data.second, members)
    z = lead[among, model]
    if not z.any():
        return {"reason": ALONE}
    within = data.rows(among)
    others = np.hstack([lead[np.ix_(among, core)] @ _balanced(len(core)), _scaled(within.held)])
    won = bool((within.label[z > 0] > 0.5).any() or (within.label[z < 0] < 0.5).any())
    row: Row = {"reason": f"{'beat' if won else 'lost to'} all of the others that it met"}
    clusters = effective_clusters(z, within.weight, within.component)
    fit = firth_logit(np.column_stack([z, others]), within.label, within.weight)
    row["rating"] = MEAN + POINTS * float(fit.beta[0])
    if clusters >= MIN_PROMPTS:
        low, high = _edge(z, others, within, clusters)
        row |= {"low": low} if won else {"high": high}
    return row


def _edge(z: Floats, others: Floats, data: Matches, clusters: float) -> tuple[float, float]:
    """Return the interval of a model's rating by score tests."""
    parts = np.unique(data.component, return_inverse=True)[1].astype(np.int64)
    score = float(robust_scores(z[:, None], others, data.label, data.weight, parts)[0])
    edge = edge_effect(
        np.column_stack([z, others]), data.label, data.weight, score, t_bound(clusters)
    )
    return MEAN + POINTS * edge.low, MEAN + POINTS * edge.high


def _balanced(count: int) -> Floats:
    """Return an orthonormal basis (count, count - 1) of what sums to 0."""
    centred = np.eye(count) - 1 / count
    return np.linalg.svd(centred)[0][:, : count - 1]


def _scaled(held: Floats) -> Floats:
    """Return the columns that vary, at RMS 1."""
    size = np.sqrt(np.square(held).mean(axis=0)) if len(held) else np.zeros(held.shape[1])
    scaled: Floats = held[:, size > 0] / size[size > 0]
    return scaled


def _refused(ratings: Ratings, rows: list[Row], reason: str) -> Ratings:
    table = _table([row | {"rating": None, "low": None, "high": None, "reason": reason}
                    for row in rows])  # fmt: skip
    return Ratings(table, ratings.core, ratings.influences, ratings.clusters)


def _table(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=RATING_COLUMNS)
