"""Measuring what the labels reward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Event, PreferenceConfig, Stream, stream
from wimhf.pipeline.stages.context import Result, Stage, StageContext, own_settings
from wimhf.run import (
    CONTROLS,
    FINDINGS,
    Run,
    alerts_of,
    audit_rows,
    control_table,
    described_features,
    effects_by_id,
    measured_pairs,
)
from wimhf.stats import (
    Measured,
    Preferences,
    feature_table,
    group_columns,
    measure_preferences,
    subset_table,
)

GROUP_PAIRS = 20_000
"""Fitting pairs from which it is seen which features say the same."""


def prefer(context: StageContext) -> Result:
    """Measure what the labels reward and lay out the feature table."""
    run, pairs, config = context.run, context.run.pair_table, context.config.preference
    described = described_features(run)
    measured = _prepared(run, described, config)
    preferences = measure_preferences(
        measured,
        pairs.select("label", "weight"),
        config,
        stream(context.config.seed, Stream.PREFERENCES),
        context.progress,
    )
    _warn(context, measured, preferences)
    features = feature_table(
        measured.codes,
        described,
        preferences.effects,
        run.folder.read_json("dictionary.json")["stability"],
    )
    summary = preferences.summary
    audit = audit_rows(
        run.concepts.counted,
        effects_by_id(features.to_dicts()),
        summary.get("length", {}),
        summary["n_labelled"],
    )
    outputs = [
        run.folder.write_table("features.parquet", features),
        run.folder.write_table(
            "subset_effects.parquet", subset_table(preferences.by_subset, features)
        ),
        run.folder.write_json("preference.json", summary | {"alerts": alerts_of(audit)}),
        run.folder.write_json(FINDINGS, {"findings": _findings(features), "audit": audit}),
        run.folder.write_table("predictions.parquet", preferences.predicted),
        run.folder.write_table("prediction_weights.parquet", preferences.weights),
        run.folder.write_table(CONTROLS, control_table(measured)),
    ]
    return outputs, {}


def _prepared(run: Run, described: pl.DataFrame, config: PreferenceConfig) -> Measured:
    """Return the pairs with the features of both kinds, and which of them say the same."""
    measured = measured_pairs(run, config)
    fit = np.flatnonzero((run.pair_table["split"] == "fit").to_numpy())[:GROUP_PAIRS]
    group, _ = group_columns(measured.codes[fit].astype(np.float64), config.same)
    return replace(
        measured,
        concept=(described["kind"] == "concept").to_numpy(),
        named=described["understood"].fill_null(value=False).to_numpy(),
        group=group,
    )


def _warn(context: StageContext, measured: Measured, preferences: Preferences) -> None:
    summary = preferences.summary
    messages = [f"control left out: {note}" for note in measured.controls.notes]
    messages += [f"baseline left out: {note}" for note in summary.get("score_notes", [])]
    if "reason" in summary:
        messages.append(f"preferences cannot be estimated: {summary['reason']}")
    for message in messages:
        context.progress(Event("preference", message=message, level="warning"))


def _findings(features: pl.DataFrame) -> list[dict[str, object]]:
    """Return every finding: who speaks, and who says nearly the same."""
    found = features.filter(pl.col("finding").is_not_null()).sort("finding")
    return [
        {
            "finding": row["finding"], "feature": row["feature"], "id": row["id"],
            "members": features.filter(
                (pl.col("group") == row["group"]) & (pl.col("feature") != row["feature"])
            )["feature"].to_list(),
        }
        for row in found.iter_rows(named=True)
    ]  # fmt: skip


STAGE = Stage(
    "preference",
    "measuring what the labels reward",
    prefer,
    ("read", "concepts", "embed", "dictionary", "name", "score", "subsets"),
    own_settings("preference"),
)
