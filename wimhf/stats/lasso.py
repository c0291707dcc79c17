"""Joint sparse model: which few features explain the labels together.

L1-penalised logistic regression without intercept whose controls carry no penalty, along a path
of penalties (Friedman, Hastie and Tibshirani 2010), by proximal Newton steps whose quadratic
models an active set solves (as Osborne, Presnell and Turlach 2000); and stability selection by
complementary halves (Shah and Samworth 2013).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from wimhf.base import Floats, Ints, side_by_side
from wimhf.stats.gram import gram
from wimhf.stats.resampling import log_losses

PENALTIES = 25
LOWEST = 1e-2
"""Smallest penalty of a path, as a share of the one that keeps no feature."""
TOLERANCE = 1e-7
SLACK = 1e-10
"""How far the slope of a column that is not kept may exceed its penalty."""
STEPS_PER_COLUMN = 10


@dataclass(frozen=True)
class Path:
    """Coefficients along falling penalties.

    Attributes
    ----------
    penalties
        (l,) falling.
    beta
        (l, m) of the penalised columns.
    gamma
        (l, c) of the controls.
    """

    penalties: Floats
    beta: Floats
    gamma: Floats

    @property
    def order(self) -> list[int]:
        """Features in the order in which they enter; those that never do are left out."""
        entered = (self.beta != 0).any(axis=0)
        first = (self.beta != 0).argmax(axis=0)
        size = np.abs(self.beta[first, np.arange(len(first))])
        ranked = np.lexsort((-size, np.where(entered, first, len(self.penalties))))
        return [int(j) for j in ranked if entered[j]]


def l1_path(
    columns: Floats,
    controls: Floats,
    label: Floats,
    weight: Floats,
    penalties: Floats | None = None,
    stop_at: int | None = None,
) -> Path:
    """Fit the path, each penalty started from the last.

    Minimises ``mean log loss + penalty * sum |beta|``, the mean weighted and labels taken as
    fractions.

    Parameters
    ----------
    columns, controls
        (n, m) penalised and (n, c) unpenalised odd columns of comparable size.
    penalties
        Falling; None spreads them evenly in logarithm below the one that keeps no feature.
    stop_at
        End the path once this many features have entered.
    """
    design = np.column_stack([columns, controls])
    m = columns.shape[1]
    weight = weight / weight.sum()
    theta = np.zeros(design.shape[1])
    free = np.arange(design.shape[1]) >= m
    theta = _minimise(design, label, weight, theta, np.where(free, 0.0, np.inf))
    if penalties is None:
        penalties = path_penalties(design, label, weight, theta, m)
    rows: list[Floats] = []
    for penalty in penalties:
        theta = _minimise(design, label, weight, theta, np.where(free, 0.0, penalty))
        rows.append(theta.copy())
        if stop_at is not None and np.count_nonzero(theta[:m]) >= stop_at:
            break
    fitted = np.array(rows)
    return Path(penalties[: len(rows)], fitted[:, :m], fitted[:, m:])


def path_penalties(design: Floats, label: Floats, weight: Floats, theta: Floats, m: int) -> Floats:
    """Return penalties from the smallest that keeps no feature downwards."""
    gradient = design.T @ (weight * (expit(design @ theta) - label))
    highest = float(np.abs(gradient[:m]).max(initial=0.0))
    if highest == 0.0:
        return np.ones(1)
    return highest * (1 + 1e-9) * np.geomspace(1.0, LOWEST, PENALTIES)  # rounding keeps none


def _minimise(
    design: Floats, label: Floats, weight: Floats, theta: Floats, penalty: Floats
) -> Floats:
    """Take proximal Newton steps with halving until the objective stands still."""
    # columns that are at 0 and would stay there take no part in a step
    value = _objective(design, label, weight, theta, penalty)
    for _ in range(50):
        chance = expit(design @ theta)
        gradient = design.T @ (weight * (chance - label))
        moving = np.flatnonzero((theta != 0) | (np.abs(gradient) > penalty * (1 - 1e-12)))
        if len(moving) == 0:
            break
        part = design[:, moving]
        hessian = gram(part, weight * chance * (1 - chance))
        hessian[np.diag_indices_from(hessian)] += 1e-10
        step = _quadratic(hessian, gradient[moving], theta[moving], penalty[moving])
        size, improved = 1.0, False
        while size > 1e-4:
            moved = theta.copy()
            moved[moving] += size * (step - theta[moving])
            new = _objective(design, label, weight, moved, penalty)
            if new < value:
                improved = True
                break
            size /= 2
        if not improved:
            break
        gain, theta, value = value - new, moved, new
        if gain < TOLERANCE * (abs(value) + 1e-12):
            break
    return theta


def _objective(
    design: Floats, label: Floats, weight: Floats, theta: Floats, penalty: Floats
) -> float:
    loss = log_losses(design @ theta, label)
    kept = theta != 0
    return float((weight * loss).sum() + (penalty[kept] * np.abs(theta[kept])).sum())


def _quadratic(hessian: Floats, gradient: Floats, theta: Floats, penalty: Floats) -> Floats:
    """Minimise the penalised quadratic model around theta.

    What is not penalised is solved for, whatever the rest is.
    """
    free, held = np.flatnonzero(penalty == 0), np.flatnonzero(penalty > 0)
    whole, across = hessian[np.ix_(free, free)], hessian[np.ix_(free, held)]
    solved = np.linalg.solve(whole, np.column_stack([gradient[free], across]))
    new = theta.copy()
    new[held] = _active_set(
        hessian[np.ix_(held, held)] - across.T @ solved[:, 1:],
        gradient[held] - across.T @ solved[:, 0],
        theta[held], penalty[held],
    )  # fmt: skip
    new[free] -= solved[:, 0] + solved[:, 1:] @ (new[held] - theta[held])
    return new


def _active_set(hessian: Floats, gradient: Floats, theta: Floats, penalty: Floats) -> Floats:
    """Minimise a penalised quadratic model, its kept columns and their signs changed one by one.

    The kept ones are solved for as far as none changes its sign; one that would is let go. Then
    the column outside whose slope most exceeds its penalty comes in.
    """
    new, sign = theta.copy(), np.sign(theta)
    slope = gradient.copy()  # gradient of the quadratic model at `new`
    for _ in range(STEPS_PER_COLUMN * len(new)):
        kept = np.flatnonzero(sign)
        pull = slope[kept] + penalty[kept] * sign[kept]
        step = -np.linalg.solve(hessian[np.ix_(kept, kept)], pull)
        crossing = np.flatnonzero((new[kept] + step) * sign[kept] < 0)
        share = -new[kept[crossing]] / step[crossing]
        size = share.min(initial=1.0)
        new[kept] += size * step
        slope += size * (hessian[:, kept] @ step)
        if len(crossing):
            gone = kept[crossing[np.argmin(share)]]
            new[gone] = sign[gone] = 0.0
            continue
        excess = np.where(sign == 0, np.abs(slope) - penalty, -np.inf)
        worst = int(np.argmax(excess))
        if excess[worst] <= SLACK:
            break
        sign[worst] = -np.sign(slope[worst])
    return new


def halves(component: Ints, splits: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Yield the rows of complementary random halves of the components, two per split."""
    n = int(component.max()) + 1
    for _ in range(splits):
        first = np.zeros(n, dtype=bool)
        first[rng.permutation(n)[: n // 2]] = True
        chosen = first[component]
        yield np.flatnonzero(chosen)
        yield np.flatnonzero(~chosen)


def selection_frequency(
    columns: Floats,
    controls: Floats,
    label: Floats,
    weight: Floats,
    component: Ints,
    splits: int,
    count: int,
    rng: np.random.Generator,
) -> Floats:
    """Return per feature the share of halves in which it is among the first ``count`` to enter."""

    def first(rows: Ints) -> list[int]:
        path = l1_path(columns[rows], controls[rows], label[rows], weight[rows], stop_at=count)
        return path.order[:count]

    chosen = np.zeros(columns.shape[1])
    for entered in side_by_side(first, halves(component, splits, rng)):
        chosen[entered] += 1
    frequency: Floats = chosen / (2 * splits)
    return frequency


def path_losses(
    columns: Floats, controls: Floats, label: Floats, weight: Floats, folds: Ints, penalties: Floats
) -> Floats:
    """Return the held-out mean log loss (folds, l) of every penalty."""

    def held_out(fold: int) -> Floats:
        rest, held = folds != fold, folds == fold
        path = l1_path(columns[rest], controls[rest], label[rest], weight[rest], penalties)
        score = columns[held] @ path.beta.T + controls[held] @ path.gamma.T
        loss = log_losses(score, label[held, None])
        mean: Floats = np.average(loss, axis=0, weights=weight[held])
        return mean

    return np.array(list(side_by_side(held_out, range(int(folds.max()) + 1))))


def one_standard_error(losses: Floats) -> int:
    """Return the largest penalty whose mean loss is within one standard error of the least."""
    mean = losses.mean(axis=0)
    error = losses.std(axis=0, ddof=1) / np.sqrt(len(losses))
    best = int(np.argmin(mean))
    return int(np.argmax(mean <= mean[best] + error[best]))
