"""What is known of every pair of a run before its labels are looked at."""

from __future__ import annotations

import polars as pl

from wimhf.base import Floats, PreferenceConfig
from wimhf.data import control_columns, length_difference, odd_column
from wimhf.run.covariates import listed_first
from wimhf.run.run import Run
from wimhf.run.vectors import differences
from wimhf.stats import Measured, Subsets


def measured_pairs(run: Run, config: PreferenceConfig) -> Measured:
    """Return codes, differences, length, controls and the like of every pair, counted anew."""
    pairs, rows = run.pair_table, run.folder.read_table("source.parquet")
    controls = control_columns(pairs, rows, config.controls)
    if "length" in controls.names:
        length = controls.columns[:, controls.names.index("length")]
    else:
        length = length_difference(pairs["response_a"].to_list(), pairs["response_b"].to_list())
    return Measured(
        codes=run.codes(),
        differences=differences(run),
        length=length,
        controls=controls,
        scores=_scores(run, config, rows),
        component=pairs["component"].to_numpy(),
        listed_first=listed_first(pairs, run.facts("read")),
        subsets=saved_subsets(run),
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
