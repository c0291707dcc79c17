"""Comparing runs, groups of a run, or labels before and after curation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from wimhf.base import Event, Ints, Progress, Stream, silent, stream
from wimhf.compare.camps import Gathered
from wimhf.compare.comparison import EFFECTS, Between, Comparison
from wimhf.compare.groups import group_camps, label_camps
from wimhf.compare.runs import run_camps
from wimhf.errors import ConfigError, RunError
from wimhf.run import MOST_MODELS, Run, models_of, open_run, rated_models
from wimhf.stats import (
    GAP_COLUMNS,
    Labels,
    camp_effects,
    conflicts,
    effect_gaps,
    preference_distance,
)


def open_finished(run: str | Path | Run) -> Run:
    """Open a run that can be compared.

    Raises
    ------
    RunError
        If there is none, it is not finished, or another version made it.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    try:
        _, counted = opened.features, opened.concepts.counted
        opened.covariates()
    except (KeyError, TypeError, pl.exceptions.PolarsError):
        counted = ()
    if not counted:
        raise RunError(
            f"{opened.path} was made by another version of wimhf; run the same `wimhf analyze` "
            "again"
        )
    return opened


def compare_runs(
    runs: Sequence[str | Path | Run],
    progress: Progress = silent,
    *,
    discovered: bool = False,
    shared: bool = False,
) -> Comparison:
    """Compare two or more finished runs by the concepts that mean the same in all of them.

    Parameters
    ----------
    discovered
        Also by what the first run discovered: its dictionary is applied to the others' vectors.
    shared
        Also by what one dictionary discovers that is learned on as many pairs of each.

    Raises
    ------
    ConfigError
        If fewer than two runs are given, both ways to discover are asked for, or the runs' vectors
        are not of one encoder.
    RunError
        If a run cannot be compared: it is not finished, of another version, or without labels.
    """
    if len(runs) < 2:
        raise ConfigError("one run alone compares with nothing; name another, or give --by COLUMN")
    if discovered and shared:
        raise ConfigError(
            "the first run's dictionary and a shared one are two ways to compare what was "
            "discovered; give one of them"
        )
    opened = [open_finished(run) for run in runs]
    gathered = run_camps(opened, _names(opened), progress, discovered=discovered, shared=shared)
    return _compared(gathered, opened[0].config.seed, progress)


def compare_groups(run: str | Path | Run, by: str, progress: Progress = silent) -> Comparison:
    """Compare the groups of a run's pairs by a column of its pair table or its source.

    Raises
    ------
    ConfigError
        If there is no such column, or fewer than two of its values have enough pairs.
    RunError
        If the run cannot be compared.
    """
    opened = open_finished(run)
    return _compared(group_camps(opened, by), opened.config.seed, progress)


def compare_labels(
    run: str | Path | Run, curated: pl.DataFrame, progress: Progress = silent
) -> Comparison:
    """Compare a run's source labels with its curated ones.

    Parameters
    ----------
    curated
        The pair table as edits leave it: ``Curation.pairs``.

    Raises
    ------
    RunError
        If nothing was curated, or the run cannot be compared.
    """
    opened = open_finished(run)
    compared = _compared(label_camps(opened, curated), opened.config.seed, progress)
    notes, named = list(compared.notes), len(models_of(opened))
    if named > MOST_MODELS:
        notes.append(f"{named:,} models are named; at most {MOST_MODELS} are rated")
    rated = rated_models(opened, Labels.of(curated))
    return replace(compared, models=rated, notes=tuple(notes))


def _names(runs: Sequence[Run]) -> list[str]:
    """Name runs by their folders; runs of one name are numbered."""
    names = [run.path.resolve().name for run in runs]
    counts, seen = Counter(names), Counter[str]()
    for place, name in enumerate(names):
        if counts[name] > 1:
            seen[name] += 1
            names[place] = f"{name} ({seen[name]})"
    return names


def _compared(gathered: Gathered, seed: int, progress: Progress) -> Comparison:
    tables = []
    for facts, camp in zip(gathered.facts, gathered.camps, strict=True):
        progress(Event("compare", message=f"{facts.name}: {facts.labelled:,} labelled pairs"))
        tables.append(camp_effects(camp, progress))
    gaps = effect_gaps(gathered.camps, tables, progress)
    notes = list(gathered.notes)
    if len(gaps) and not gaps["gap"].abs().max() and gathered.by == "run":
        notes.append("the labels are the same too: these are the same data twice, nothing differs")
    return Comparison(
        gathered, _effects(gathered, tables), gaps.select(list(GAP_COLUMNS)), conflicts(tables),
        _distances(gathered, tables, seed), tuple(notes),
    )  # fmt: skip


def _effects(gathered: Gathered, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return every camp's effects as one table, with the reason why a column is none there."""
    parts = []
    for number, (table, prevalence, reasons) in enumerate(
        zip(tables, gathered.prevalence, gathered.reasons, strict=True)
    ):
        own = pl.Series("own", [reasons.get(n) for n in table["feature"]], dtype=pl.String)
        parts.append(table.with_columns(
            pl.lit(number, dtype=pl.Int64).alias("camp"), pl.Series("prevalence", prevalence),
            pl.coalesce(own, "effect_reason").alias("effect_reason"),
        ).select("feature", "camp", *EFFECTS))  # fmt: skip
    return pl.concat(parts).sort("feature", "camp")


def _distances(
    gathered: Gathered, tables: Sequence[pl.DataFrame], seed: int
) -> tuple[Between, ...]:
    found = []
    for first, second in combinations(range(len(gathered.camps)), 2):
        shared = _shared(tables[first], tables[second])
        rng = stream(seed, Stream.COMPARISON)
        camps = gathered.camps[first], gathered.camps[second]
        found.append(Between(first, second, preference_distance(*camps, shared, rng)))
    return tuple(found)


def _shared(one: pl.DataFrame, two: pl.DataFrame) -> Ints:
    both = one["effect"].is_not_null() & two["effect"].is_not_null()
    return np.flatnonzero(both.to_numpy())
