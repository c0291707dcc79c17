"""Means over seeds, with intervals over prompts and against the first kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from wimhf.base import Floats
from wimhf.learn import matched_cosines, recovered
from wimhf.pipeline.bench.measure import Cell
from wimhf.stats import Bounds, percentile_interval

CONTROLS, DENSE, CONCEPTS = "controls", "dense", "concepts"
ALL, BEYOND, LEFT = "all", "features + concepts", "residual"
Cells = Mapping[tuple[str, int], Sequence[Cell]]


@dataclass(frozen=True)
class BenchRow:
    """One kind at one K.

    Attributes
    ----------
    figures, spread
        Mean and standard deviation over seeds of every score; None where it was not measured.
    stability
        Mean |cosine| of matched directions over all pairs of seeds; None with one seed.
    auc
        Per model its AUC, mean over seeds, with an interval over prompts.
    recovered
        Per model of the codes, the share of what the black box adds to the controls.
    beyond
        AUC of features and concepts less that of the concepts alone.
    less
        AUC of all features less that of the first kind at the same K; None for the first.
    """

    kind: str
    k: int
    seeds: int
    figures: dict[str, float | None]
    spread: dict[str, float | None]
    stability: float | None
    auc: dict[str, Bounds]
    recovered: dict[str, Bounds]
    beyond: Bounds | None
    less: Bounds | None


def rows_of(cells: Cells) -> Iterator[BenchRow]:
    """Yield a row for every kind and K; the first kind of a K is what others are held against."""
    first: dict[int, dict[str, Floats]] = {}
    for (kind, k), own in cells.items():
        draws = _mean_draws(own)
        against = first.setdefault(k, draws)
        yield BenchRow(
            kind, k, len(own),
            figures=_over_seeds(own, np.mean),
            spread=_over_seeds(own, np.std) if len(own) > 1 else {},
            stability=_stability(own),
            auc={name: percentile_interval(values).to_dict() for name, values in draws.items()},
            recovered=_recovered(draws),
            beyond=_difference(draws, BEYOND, draws, CONCEPTS),
            less=None if against is draws else _difference(draws, ALL, against, ALL),
        )  # fmt: skip


def _mean_draws(cells: Sequence[Cell]) -> dict[str, Floats]:
    """Return AUCs (1 + draws,) as means over seeds; resamples are the same for all."""
    names = set.intersection(*(set(cell.draws) for cell in cells))
    return {
        name: np.mean([cell.draws[name] for cell in cells], axis=0)
        for name in cells[0].draws
        if name in names
    }


def _over_seeds(
    cells: Sequence[Cell], summary: Callable[[Floats], np.floating]
) -> dict[str, float | None]:
    out: dict[str, float | None] = {}
    for name in cells[0].figures:
        values = [value for cell in cells if (value := cell.figures.get(name)) is not None]
        out[name] = float(summary(np.array(values))) if values else None
    return out


def _stability(cells: Sequence[Cell]) -> float | None:
    if len(cells) < 2:
        return None
    pairs = combinations([cell.directions for cell in cells], 2)
    return float(np.mean([matched_cosines(mine, its).mean() for mine, its in pairs]))


def _recovered(draws: dict[str, Floats]) -> dict[str, Bounds]:
    if not {CONTROLS, DENSE} <= set(draws):
        return {}
    base = (CONTROLS, DENSE, CONCEPTS, LEFT, BEYOND)
    return {
        name: percentile_interval(recovered(values, draws[CONTROLS], draws[DENSE])).to_dict()
        for name, values in draws.items()
        if name not in base
    }


def _difference(
    mine: dict[str, Floats], one: str, its: dict[str, Floats], other: str
) -> Bounds | None:
    if one not in mine or other not in its:
        return None
    return percentile_interval(mine[one] - its[other]).to_dict()
