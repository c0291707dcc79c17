"""Groups of one run's pairs, and its labels before and after curation, as camps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from wimhf.base import Floats32, Ints
from wimhf.compare.camps import (
    CampFacts,
    Column,
    Gathered,
    feature_title,
    made_camp,
    source_labels,
)
from wimhf.data import MIN_PAIRS, SourceRows, column_subsets, months, value_subsets
from wimhf.errors import ConfigError, RunError
from wimhf.run import Run
from wimhf.stats import Camp, Labels, Subsets

LOOKED_AT = 1_000
"""Source rows by which a column is judged to name groups."""
MAX_SHOWN, MAX_NAME = 60, 60
"""Distinct values, and characters of one, that such a column has at most."""


def feature_columns(run: Run) -> tuple[tuple[Column, ...], Floats32]:
    """Return the features of a run that nobody muted, and (n, m) their codes in described poles."""
    shown = [one for one in run.feature_rows if not one.muted]
    codes = np.empty((len(run.pair_table), len(shown)), dtype=np.float32)
    for place, one in enumerate(shown):
        codes[:, place] = run.sparse_codes.together(run.poles, one.whole)
    columns = tuple(
        Column(
            one.id or f"feature_{one.feature}", feature_title(one),
            one.description, one.kind, one.feature, one.understood,
        )
        for one in shown
    )  # fmt: skip
    return columns, codes


def group_camps(run: Run, by: str) -> Gathered:
    """Return the groups of a run's pairs by a column as camps.

    Raises
    ------
    ConfigError
        If there is no such column, or fewer than two of its values have enough pairs.
    RunError
        If the labels say nothing.
    """
    groups = _groups(run, by)
    if groups.reason is not None:
        raise ConfigError(f"{run.path} cannot be divided by {by}: {groups.reason}")
    columns, codes = feature_columns(run)
    labels, component = source_labels(run.pair_table), run.pair_table["component"].to_numpy()
    whole = made_camp(run, run.path.name, codes, labels, np.ones(len(columns)), component)
    camps, notes = _divided(whole, groups, groups.member[labels.used])
    notes = [*groups.notes, *notes]
    if len(camps) < 2:
        raise ConfigError(
            f"{run.path} cannot be divided by {by}: fewer than two of its values have {MIN_PAIRS} "
            "labelled pairs"
        )
    members = tuple(np.flatnonzero(groups.member == number) for number in camps)
    facts = tuple(
        CampFacts(groups.names[number], str(run.path), len(own), len(camp.cluster))
        for (number, camp), own in zip(camps.items(), members, strict=True)
    )
    return Gathered(
        by, facts, columns, tuple(camps.values()),
        tuple((codes[own] != 0).mean(axis=0) for own in members), ({},) * len(camps), members,
        notes,
    )  # fmt: skip


def _divided(whole: Camp, groups: Subsets, member: Ints) -> tuple[dict[int, Camp], list[str]]:
    """Return by its number each group that labels speak of, and what was left out."""
    camps: dict[int, Camp] = {}
    notes = []
    for number, name in enumerate(groups.names):
        used = np.flatnonzero(member == number)
        if len(used) < MIN_PAIRS or not (whole.data.label[used] != 0.5).any():
            notes.append(f"{name} is left out: only {len(used):,} labelled pairs, or all are ties")
        else:
            camps[number] = whole.rows(used)
    return camps, notes


def _groups(run: Run, by: str) -> Subsets:
    """Divide a run's pairs by a column, or as its analysis divided them."""
    pairs, rows = run.pair_table, run.folder.read_table("source.parquet")
    if by == "source" and by in pairs.columns:
        return value_subsets(pairs[by].cast(pl.String).to_list(), by)
    saved = run.folder.read_json("subsets.json")
    if by == saved["by"]:
        return Subsets(member=run.table("subsets.parquet")["subset"].to_numpy(), **saved)
    if by not in pairs.columns and by not in SourceRows(rows).names:
        there = ", ".join(dict.fromkeys([*dividing_columns(run), *filter(None, [saved["by"]])]))
        raise ConfigError(
            f"{run.path} has no column {by!r}; its pairs can be divided by "
            f"{there or 'no column that it has'}"
        )
    return column_subsets(pairs, rows, by)


def label_camps(run: Run, curated: pl.DataFrame) -> Gathered:
    """Return a run's source labels and its curated labels as two camps.

    Raises
    ------
    RunError
        If nothing was curated, or either labels say nothing.
    """
    source, now = source_labels(run.pair_table), Labels.of(curated)
    same = np.array_equal(source.label, now.label, equal_nan=True)
    if same and np.array_equal(source.weight, now.weight):
        raise RunError(
            f"{run.path} has no curated label; change some with `wimhf curate apply` first"
        )
    columns, codes = feature_columns(run)
    component, scale = run.pair_table["component"].to_numpy(), np.ones(len(columns))
    camps = tuple(
        made_camp(run, name, codes, labels, scale, component)
        for name, labels in (("source", source), ("curated", now))
    )
    everything = np.arange(len(run.pair_table))
    facts = tuple(
        CampFacts(name, str(run.path), len(everything), len(camp.cluster))
        for name, camp in zip(("source", "curated"), camps, strict=True)
    )
    prevalence = (codes != 0).mean(axis=0)
    return Gathered(
        "labels", facts, columns, camps, (prevalence, prevalence), ({}, {}),
        (everything, everything),
    )  # fmt: skip


def dividing_columns(run: Run) -> list[str]:
    """Return the columns that look as if they named groups of a run's pairs.

    Few short values each, judged by the first rows; what says the label itself is none of them.
    """
    pairs, rows = run.pair_table, run.folder.read_table("source.parquet").head(LOOKED_AT)
    own = [
        name
        for name in ("annotator", "subset", "source", "model_a", "model_b")
        if name in pairs.columns and pairs[name].n_unique() > 1
    ]
    source, labels = SourceRows(rows), _listed_labels(pairs)
    least = MIN_PAIRS * min(len(rows) / max(len(pairs), 1), 1.0)
    return own + [
        name
        for name in sorted(source.names)
        if name not in own and _names_groups(_by_month(name, source.values(name)), labels, least)
    ]


def _listed_labels(pairs: pl.DataFrame) -> dict[int, float]:
    """Return labels by source row, as the source lists its sides; none where all are the same."""
    label = pl.when("swapped").then(1 - pl.col("label")).otherwise("label")
    known = pairs.select("source_row", label.alias("label")).drop_nulls()
    return dict(known.iter_rows()) if known["label"].n_unique() > 1 else {}


def _by_month(name: str, values: Mapping[int, object]) -> Mapping[int, object]:
    """Return months where a column holds dates, else the values as they are."""
    dated = months(name, list(values.values()))
    return values if dated is None else dict(zip(values, dated, strict=True))


def _names_groups(values: Mapping[int, object], labels: Mapping[int, float], least: float) -> bool:
    found: dict[str, list[float | None]] = {}
    for row, value in values.items():
        if isinstance(value, (list, dict)):
            return False
        if value is not None and value != "":
            found.setdefault(str(value), []).append(labels.get(row))
    large = [said for said in found.values() if len(said) >= least]
    if len(large) < 2 or len(found) > MAX_SHOWN or max(map(len, found)) > MAX_NAME:
        return False
    return not labels or any(len(set(said)) > 1 for said in large)
