"""Measuring what the labels reward."""

from __future__ import annotations

from wimhf.base import Event, Stream, stream
from wimhf.pipeline.stages.context import Result, Stage, StageContext, own_settings
from wimhf.run import CONTROLS, control_table, measured_pairs, run_alerts
from wimhf.stats import feature_table, measure_preferences, subset_table


def prefer(context: StageContext) -> Result:
    """Measure what the labels reward and lay out the feature table."""
    run, pairs, config = context.run, context.run.pair_table, context.config.preference
    measured = measured_pairs(run, config)
    preferences = measure_preferences(
        measured,
        pairs.select("label", "weight"),
        config,
        stream(context.config.seed, Stream.PREFERENCES),
        context.progress,
    )
    for note in measured.controls.notes:
        context.progress(Event("preference", message=f"control left out: {note}", level="warning"))
    for note in preferences.summary.get("score_notes", []):
        context.progress(Event("preference", message=f"baseline left out: {note}", level="warning"))
    if "reason" in preferences.summary:
        message = f"preferences cannot be estimated: {preferences.summary['reason']}"
        context.progress(Event("preference", message=message, level="warning"))
    descriptions = run.folder.read_table("descriptions.parquet")
    features = feature_table(
        measured.codes,
        descriptions,
        preferences.effects,
        run.folder.read_json("dictionary.json")["stability"],
    )
    alerts = run_alerts(run, features, preferences.summary.get("length", {}))
    outputs = [
        run.folder.write_table("features.parquet", features),
        run.folder.write_table(
            "subset_effects.parquet", subset_table(preferences.by_subset, features)
        ),
        run.folder.write_json("preference.json", preferences.summary | {"alerts": alerts}),
        run.folder.write_table("predictions.parquet", preferences.predicted),
        run.folder.write_table("prediction_weights.parquet", preferences.weights),
        run.folder.write_table(CONTROLS, control_table(measured)),
    ]
    return outputs, {}


STAGE = Stage(
    "preference",
    "measuring what the labels reward",
    prefer,
    ("read", "embed", "dictionary", "name", "score", "subsets"),
    own_settings("preference"),
)
