"""What the page Compare shows: which comparisons there are, their tables and their pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from wimhf.compare import (
    Comparison,
    Mixture,
    Shift,
    compare_groups,
    compare_labels,
    compare_runs,
    training_shift,
)
from wimhf.curate import open_curation
from wimhf.run import Run, feature_codes, open_run, oriented_codes
from wimhf.ui.app import chosen_run as state
from wimhf.ui.app import components, feature_pairs
from wimhf.ui.app.chosen_run import Opened
from wimhf.ui.app.feature_pairs import FeaturePair
from wimhf.ui.words.comparison import ComparedRow
from wimhf.ui.words.figures import between, chance
from wimhf.ui.words.models import model_rows, shown_headers

RUNS, GROUPS, CURATED = "Other runs", "Groups of this run", "Curated labels"
TRAINED = "A newer model"
WAYS = (RUNS, GROUPS, CURATED, TRAINED)
CONCEPTS, OWN, SHARED = "Concepts alone", "This run’s discoveries too", "A shared dictionary too"
FEATURES = (CONCEPTS, OWN, SHARED)
PAIRS = 3
"""Pairs of each camp that a click opens."""


def other_runs(opened: Opened) -> list[str]:
    """Return the finished runs beside the chosen one."""
    names = [entry.name for entry in state.entries() if entry.finished]
    return sorted(name for name in names if name != opened.name)


def of_runs(opened: Opened, names: Sequence[str], features: str = CONCEPTS) -> Comparison:
    """Compare the chosen run with others, once for all sessions.

    Parameters
    ----------
    features
        One of FEATURES: what is compared besides concepts.

    Raises
    ------
    ConfigError, RunError
        If the runs cannot be compared so.
    """
    paths = [state.run_path(name) for name in names]
    stamps = tuple((str(path), state.stamp_of(path)) for path in paths)
    return components.cached(
        opened, "compare runs",
        lambda: compare_runs(
            [opened.run.path, *paths], discovered=features == OWN, shared=features == SHARED
        ),
        stamps, features,
    )  # fmt: skip


def of_groups(opened: Opened, by: str) -> Comparison:
    """Compare the groups of the chosen run by a column."""
    return components.cached(opened, "compare groups", lambda: compare_groups(opened.run, by), by)


def of_labels(opened: Opened) -> Comparison:
    """Compare the labels of the chosen run before and after curation."""
    return components.cached(
        opened, "compare labels",
        lambda: compare_labels(opened.run, open_curation(opened.run).pairs),
    )  # fmt: skip


def shifted(opened: Opened, name: str, after: str | None) -> Shift:
    """Return how the responses of another run moved, beside what the chosen one's labels predict.

    Raises
    ------
    ConfigError, RunError
        If it cannot be told which response is the new model's, or the runs cannot be compared.
    """
    path = state.run_path(name)
    return components.cached(
        opened, "shift", lambda: training_shift(opened.run, path, after), str(path),
        state.stamp_of(path), after,
    )  # fmt: skip


def mixed(opened: Opened, comparison: Comparison, percent: int) -> Mixture:
    """Return what a mixture says in which the first camp has so many percent."""
    shares = comparison.shares_with(percent / 100)
    return components.cached(
        opened, "mixture", lambda: comparison.mixture(shares), comparison.camps, id(comparison),
        shares,
    )  # fmt: skip


def table(comparison: Comparison, rows: Sequence[ComparedRow]) -> pl.DataFrame:
    """Return the columns as a table."""
    shown: dict[str, list[object]] = {"More of it": [row.title for row in rows]}
    for place, camp in enumerate(comparison.camps):
        shown[f"in {camp.name}"] = [row.cells[place]["effect"] for row in rows]
    shown["Gap"] = [row.gap["gap"] if row.gap else None for row in rows]
    shown["95% interval"] = [
        between(row.gap["low"], row.gap["high"]) if row.gap else "" for row in rows
    ]
    shown["q"] = [chance(row.gap["q"] if row.gap else None) for row in rows]
    shown["Verdict"] = [row.verdict for row in rows]
    return pl.DataFrame(shown, strict=False)


def models(rated: pl.DataFrame) -> pl.DataFrame:
    """Return the models and their ratings as a table."""
    headers, rows = shown_headers(rated), model_rows(rated)
    shown: dict[str, list[object]] = {"Model": [row.name for row in rows]}
    shown["Pairs"] = [row.pairs for row in rows]
    for key, name in headers.items():
        shown[name.capitalize()] = [row.cells.get(key, "") for row in rows]
    if any(row.reason for row in rows):
        shown["Note"] = [row.reason or "" for row in rows]
    return pl.DataFrame(shown, strict=False)


def camp_pairs(comparison: Comparison, camp: int, number: int) -> list[FeaturePair]:
    """Return a camp's pairs that a column tells apart most, with their texts."""
    run, column = open_run(comparison.camps[camp].run), comparison.columns[number]
    given = comparison.codes(camp, number)
    if given is not None:
        rows = np.flatnonzero(given)
        codes = oriented_codes(run, pl.DataFrame({"pair": rows, "value": given[rows]}))
    else:
        feature = _feature(run, column.feature if column.feature is not None else column.id)
        if feature is None:
            return []
        codes = feature_codes(run, feature)
    own = codes.filter(pl.col("pair").is_in(comparison.members(camp).tolist()))
    chosen = feature_pairs.chosen_pairs(own, "Strongest", None, 0)
    return feature_pairs.with_texts(run, chosen.head(PAIRS))


def _feature(run: Run, named: int | str) -> int | None:
    known = (one.feature for one in run.feature_rows if named in (one.feature, one.id))
    return next(known, None)
