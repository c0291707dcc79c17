"""Measuring what the labels reward."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.controls import control_columns, length_difference, odd_column
from wimhf.describe.concepts import concerns, load_concepts
from wimhf.findings import feature_table, subset_table
from wimhf.labelled import Measured
from wimhf.preference import measure_preferences
from wimhf.progress import Event
from wimhf.stages.job import Job, differences
from wimhf.stages.subsetting import saved_subsets


def prefer(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Measure what the labels reward and lay out the feature table."""
    run, pairs, config = job.run, job.run.pair_table, job.config.preference
    codes, rows = run.codes(), run.read_table("source.parquet")
    measured = Measured(
        codes=codes,
        differences=differences(run),
        length=length_difference(pairs["response_a"].to_list(), pairs["response_b"].to_list()),
        controls=control_columns(pairs, rows, config.controls),
        scores=_scores(job, rows),
        component=pairs["component"].to_numpy(),
        listed_first=None if run.facts("read")["sides_drawn"] else ~pairs["swapped"].to_numpy(),
        subsets=saved_subsets(run),
    )
    preferences = measure_preferences(
        measured,
        pairs.select("label", "weight"),
        config,
        np.random.default_rng([job.config.seed, 2]),
        job.progress,
    )
    for note in measured.controls.notes:
        job.progress(Event("preference", message=f"control left out: {note}", level="warning"))
    for note in preferences.summary.get("score_notes", []):
        job.progress(Event("preference", message=f"baseline left out: {note}", level="warning"))
    if "reason" in preferences.summary:
        message = f"preferences cannot be estimated: {preferences.summary['reason']}"
        job.progress(Event("preference", message=message, level="warning"))
    features = feature_table(
        codes,
        run.read_table("descriptions.parquet"),
        preferences.effects,
        run.read_json("dictionary.json")["stability"],
    )
    won = run.read_table("descriptions.parquet").filter("won")
    alerts = concerns(
        features.to_dicts(),
        dict(won.select("feature", "terms").iter_rows()),
        load_concepts(job.config.describe.concepts),
    )
    outputs = [
        run.write_table("features.parquet", features),
        run.write_table("subset_effects.parquet", subset_table(preferences.by_subset, features)),
        run.write_json("preference.json", preferences.summary | {"alerts": alerts}),
    ]
    return outputs, {}


def _scores(job: Job, rows: pl.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return the scores that others gave: a column of the source, a reward model."""
    column = job.config.preference.score_column
    scores: dict[str, NDArray[np.float64]] = {}
    if column:
        scores["score"] = odd_column(job.run.pair_table, rows, column)[0]
    if job.run.facts("score")["model"] is not None:
        table = job.run.read_table("rewards.parquet")
        lead = table["score_a"].cast(pl.Float64) - table["score_b"].cast(pl.Float64)
        scores["reward model"] = lead.to_numpy()
    return scores
