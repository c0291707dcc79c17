"""What is known of every pair of a run before its labels are looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, PreferenceConfig
from wimhf.data import TEXT_CONTROLS, control_columns, length_difference, odd_column
from wimhf.run.covariates import listed_first
from wimhf.run.run import Run
from wimhf.run.vectors import differences_of_rows
from wimhf.stats import Measured, Subsets


def measured_pairs(run: Run, config: PreferenceConfig) -> Measured:
    """Return codes, differences, length, controls and the like of every pair, counted anew."""
    return measured_rows(run, counted_pairs(run, config), np.arange(len(run.pair_table)))


def counted_pairs(run: Run, config: PreferenceConfig) -> Measured:
    """Return length, controls and the like of every pair, counted anew; neither codes nor vectors.

    These are large: ``measured_rows`` adds those of some pairs.
    """
    pairs, rows = run.pair_table, pl.DataFrame()
    if config.score_column or not TEXT_CONTROLS.issuperset(config.controls):
        rows = run.folder.read_table("source.parquet")
    controls = control_columns(pairs, rows, config.controls)
    if "length" in controls.names:
        length = controls.columns[:, controls.names.index("length")]
    else:
        length = length_difference(pairs["response_a"], pairs["response_b"])
    nothing = np.empty((len(pairs), 0), np.float32)
    return Measured(
        codes=nothing,
        differences=nothing,
        length=length,
        controls=controls,
        scores=_scores(run, config, rows),
        component=pairs["component"].to_numpy(),
        listed_first=listed_first(pairs, run.facts("read")),
        subsets=saved_subsets(run),
    )


def measured_rows(run: Run, measured: Measured, pairs: Ints) -> Measured:
    """Return what is known of some pairs, given by row, with their codes and differences."""
    first, subsets = measured.listed_first, measured.subsets
    return replace(
        measured,
        codes=run.sparse_codes.of_rows(pairs),
        differences=differences_of_rows(run, pairs),
        length=measured.length[pairs],
        controls=replace(measured.controls, columns=measured.controls.columns[pairs]),
        scores={name: lead[pairs] for name, lead in measured.scores.items()},
        component=measured.component[pairs],
        listed_first=None if first is None else first[pairs],
        subsets=None if subsets is None else replace(subsets, member=subsets.member[pairs]),
    )


def _scores(run: Run, config: PreferenceConfig, rows: pl.DataFrame) -> dict[str, Floats]:
    """Return the scores that others gave: a column of the source, a reward model."""
    scores: dict[str, Floats] = {}
    if config.score_column:
        scores["score"] = odd_column(run.pair_table, rows, config.score_column)[0]
    if run.facts("score")["model"] is not None:
        table = run.folder.read_table("rewards.parquet")
        lead = table["score_a"].cast(pl.Float64) - table["score_b"].cast(pl.Float64)
        scores["reward model"] = lead.to_numpy()
    return scores


def saved_subsets(run: Run) -> Subsets:
    """Return the subsets that the stage saved."""
    member = run.folder.read_table("subsets.parquet")["subset"].to_numpy()
    return Subsets(member=member, **run.folder.read_json("subsets.json"))
