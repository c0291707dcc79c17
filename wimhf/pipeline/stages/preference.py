"""Measuring what the labels reward."""

from __future__ import annotations

from typing import Any

from wimhf.base import Event, Stream, stream
from wimhf.pipeline.stages.job import Job
from wimhf.run import measured_pairs, run_alerts, saved_controls
from wimhf.stats import feature_table, measure_preferences, subset_table


def prefer(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Measure what the labels reward and lay out the feature table."""
    run, pairs, config = job.run, job.run.pair_table, job.config.preference
    measured = measured_pairs(run, config)
    preferences = measure_preferences(
        measured,
        pairs.select("label", "weight"),
        config,
        stream(job.config.seed, Stream.PREFERENCES),
        job.progress,
    )
    for note in measured.controls.notes:
        job.progress(Event("preference", message=f"control left out: {note}", level="warning"))
    for note in preferences.summary.get("score_notes", []):
        job.progress(Event("preference", message=f"baseline left out: {note}", level="warning"))
    if "reason" in preferences.summary:
        message = f"preferences cannot be estimated: {preferences.summary['reason']}"
        job.progress(Event("preference", message=message, level="warning"))
    descriptions = run.read_table("descriptions.parquet")
    features = feature_table(
        measured.codes,
        descriptions,
        preferences.effects,
        run.read_json("dictionary.json")["stability"],
    )
    alerts = run_alerts(run, features, preferences.summary.get("length", {}))
    outputs = [
        run.write_table("features.parquet", features),
        run.write_table("subset_effects.parquet", subset_table(preferences.by_subset, features)),
        run.write_json("preference.json", preferences.summary | {"alerts": alerts}),
        run.write_table("predictions.parquet", preferences.predicted),
        run.write_table("prediction_weights.parquet", preferences.weights),
        saved_controls(run, measured),
    ]
    return outputs, {}
