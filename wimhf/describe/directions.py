"""Own concepts that no words give away: a direction among differences, learned from marks.

A mark says which response of a pair has more of something: 1 for A, 0 for B, .5 for neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Floats32, Ints
from wimhf.errors import EstimationError
from wimhf.stats import (
    RIDGE,
    Bounds,
    auc,
    fold_numbers,
    out_of_fold_models,
    ridge_model,
    share_interval,
)

FOLDS = 5
MIN_MARKS, MIN_SIDED = 20, 12
"""Marks from which a direction is learned, and those among them that name a side."""
MIN_NEITHER = 8
"""Marks of "neither" below which every pair is taken to have a side."""
LEAST_AGREEMENT = 0.6
MIN_LABELLED = 20
"""Decided labels below which leakage is not measured."""


@dataclass(frozen=True)
class Direction:
    """What was learned from marks.

    Attributes
    ----------
    weights
        (d,) of the columns; positive where A has more.
    agreement
        Share of the marks that name a side with which a model that saw none of their fold agrees,
        with its interval.
    marked, sided
        Marks, and those that name a side.
    bound
        What is smaller is neither: see ``active_bound``.
    held_out
        (k,) what models that saw none of a mark's fold say, in log odds.
    """

    weights: Floats
    agreement: Bounds
    marked: int
    sided: int
    bound: float
    held_out: Floats


def learn_direction(
    columns: Floats | Floats32, marks: Floats, component: Ints, rng: np.random.Generator
) -> Direction:
    """Learn a direction: logistic regression without intercept, ridge chosen inside the folds.

    Odd by construction: exchanging the sides of pairs, marks too, negates what it says of them.

    Parameters
    ----------
    columns
        (k, d) of the marked pairs; odd, on one scale.
    marks
        (k,) in 0 to 1.
    component
        (k,) pairs that hang together are held out together.

    Raises
    ------
    EstimationError
        If there are too few marks, or models that did not see them agree with too few.
    """
    sided = marks != 0.5
    if len(marks) < MIN_MARKS or sided.sum() < MIN_SIDED:
        raise EstimationError(
            f"{len(marks)} pairs are marked and {sided.sum()} of them name a side; give at least "
            f"{MIN_MARKS}, {MIN_SIDED} of them with a side"
        )
    if not columns.any():
        raise EstimationError("the responses of the marked pairs do not differ; mark others, too")
    size = float(np.sqrt(np.square(columns, dtype=np.float64).mean()))
    design, turn = _row_space(columns.astype(np.float64) / size)
    kinds, weight = np.full(design.shape[1], RIDGE), np.ones(len(marks))
    cluster = np.unique(component, return_inverse=True)[1].astype(np.int64)
    folds = fold_numbers(cluster, FOLDS, rng)
    if folds is None:
        raise EstimationError(
            f"the marked pairs are of fewer than {FOLDS} independent prompts; mark others, too"
        )
    held_out, _ = out_of_fold_models(design, kinds, marks, weight, cluster, folds, rng)
    right = np.where(held_out == 0, 0.5, (held_out > 0) == (marks > 0.5))[sided]
    agreement = share_interval(right, np.abs(2 * marks - 1)[sided], cluster[sided])
    _refuse_chance(agreement, int(sided.sum()))
    rows = np.arange(len(marks))
    beta = ridge_model(design, kinds, marks, weight, cluster, rows, rng)
    return Direction(
        turn @ beta / size,
        agreement,
        len(marks),
        int(sided.sum()),
        active_bound(held_out, marks),
        held_out,
    )


def _row_space(columns: Floats) -> tuple[Floats, Floats]:
    """Return columns (k, r) in the directions in which they vary, and what turns these back (d, r).

    A ridge penalty that is the same for all is the same in them, so the fit is, too; there are
    fewer of them than columns where there are fewer rows.
    """
    u, s, vt = np.linalg.svd(columns, full_matrices=False)
    kept = s > s.max(initial=0.0) * 1e-10
    return u[:, kept] * s[kept], vt[kept].T


def _refuse_chance(agreement: Bounds, sided: int) -> None:
    value, low, high = (agreement[name] for name in ("value", "low", "high"))
    if value is not None and low is not None and value >= LEAST_AGREEMENT and low > 0.5:
        return
    shown = "unknown" if value is None else f"{100 * value:.0f} %"
    reach = "" if low is None or high is None else f" ({100 * low:.0f} to {100 * high:.0f})"
    raise EstimationError(
        f"held-out agreement with the {sided} marks that name a side is {shown}{reach}; it has to "
        f"be at least {100 * LEAST_AGREEMENT:.0f} % and surely above chance: mark more pairs, or "
        "say it with words"
    )


def active_bound(held_out: Floats, marks: Floats) -> float:
    """Return the size from which what is predicted counts as a side, in log odds.

    It tells marks with a side from "neither" best, both weighing the same (Youden 1950), so it does
    not matter how often either was marked; 0 where "neither" is too rare to tell.
    """
    size, sided = np.abs(held_out), np.abs(2 * marks - 1)
    neither = sided == 0
    if neither.sum() < MIN_NEITHER:
        return 0.0
    order = np.argsort(-size, kind="stable")
    kept = np.cumsum(sided[order]) / sided.sum() - np.cumsum(neither[order]) / neither.sum()
    best = int(np.argmax(kept))
    return float(size[order[best]])


def as_active(values: Floats | Floats32, bound: float) -> Floats:
    """Return values (n,), those that are smaller than a bound set to 0."""
    own = values.astype(np.float64)
    return np.where(np.abs(own) >= bound, own, 0.0)


def marks_of(votes: Floats) -> Floats:
    """Return marks of votes (2, k) in both orders: averaged, so that disagreement is neither.

    NaN where neither order was answered.
    """
    heard = np.isfinite(votes)
    total = np.where(heard, votes, 0.0).sum(axis=0)
    count = heard.sum(axis=0)
    mean = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    marks: Floats = (1 + mean) / 2
    return marks


def leakage(held_out: Floats, marks: Floats, label: Floats) -> float | None:
    """Return by how much what is predicted tells the label better than what was answered.

    AUC of the label from the held-out predictions less that from the marks, on the same pairs: well
    above 0, the predictions know something of the label that the answers do not. None where too
    few labels are decided.
    """
    decided = np.isfinite(label) & (label != 0.5)
    if decided.sum() < MIN_LABELLED:
        return None
    weight, own = np.ones(int(decided.sum())), label[decided]
    return auc(held_out[decided], own, weight) - auc(2 * marks[decided] - 1, own, weight)
