"""Groups of one run's pairs, and its labels before and after curation, as camps."""

from __future__ import annotations

import numpy as np
import polars as pl

from wimhf.base import Floats32, Ints
from wimhf.compare.camps import CampFacts, Column, Gathered, made_camp, source_labels
from wimhf.data import MIN_PAIRS, column_subsets, value_subsets
from wimhf.errors import ConfigError, RunError
from wimhf.run import Run
from wimhf.stats import Camp, Labels, Subsets


def feature_columns(run: Run) -> tuple[tuple[Column, ...], Floats32]:
    """Return the features of a run that nobody muted, and (n, m) their codes in described poles."""
    shown = [one for one in run.feature_rows if not one.muted]
    codes = np.empty((len(run.pair_table), len(shown)), dtype=np.float32)
    for place, one in enumerate(shown):
        codes[:, place] = run.sparse_codes.together(run.poles, one.whole)
    columns = tuple(
        Column(
            one.id or f"feature_{one.feature}", one.short or one.description or "",
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
    pairs = run.pair_table
    if by == "source" and "source" in pairs.columns:
        return value_subsets(pairs["source"].cast(pl.String).to_list(), by)
    return column_subsets(pairs, run.folder.read_table("source.parquet"), by)


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
