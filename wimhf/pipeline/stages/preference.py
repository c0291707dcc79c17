"""Measuring what the labels reward."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Event, Ints, PreferenceConfig, Stream, stream
from wimhf.pipeline.stages.context import Result, Stage, StageContext, own_settings
from wimhf.run import (
    CONTROLS,
    FINDINGS,
    Run,
    alerts_of,
    audit_rows,
    control_table,
    counted_pairs,
    described_features,
    effects_by_id,
    encoder_of,
    measured_rows,
    prompt_columns,
)
from wimhf.stats import (
    WEIGHT_COLUMNS,
    Measured,
    Preferences,
    effect_sample,
    feature_table,
    group_columns,
    is_labelled,
    label_counts,
    measure_preferences,
    subset_table,
)

PREDICTED_TOGETHER = 50_000
"""Pairs outside the sample whose codes and vectors are held at once."""
GROUP_PAIRS = 20_000
"""Fitting pairs from which it is seen which features say the same."""


def prefer(context: StageContext) -> Result:
    """Measure what the labels reward and lay out the feature table."""
    run, config = context.run, context.config.preference
    labels = measured_labels(run)
    described = described_features(run)
    rng = stream(context.config.seed, Stream.PREFERENCES)
    counted = counted_pairs(run, config)
    rows = effect_sample(counted.component, is_labelled(labels), context.config.seed)
    measured = _prepared(run, measured_rows(run, counted, rows), described, rows, config)
    if config.interactions:
        encoder = encoder_of(run, context.encoder)
        asked = prompt_columns(run, rows, encoder, config.interactions, context.progress)
        measured = replace(measured, asked=asked)
        if not asked.size:
            message = "no model of columns by prompt: to the encoder all prompts are the same"
            context.progress(Event("preference", message=message, level="warning"))
    preferences = measure_preferences(measured, labels[rows], config, rng, context.progress)
    _warn(context, measured, preferences)
    features = feature_table(
        measured.codes,
        described,
        preferences.effects,
        run.folder.read_json("dictionary.json")["stability"],
    )
    summary = preferences.summary | label_counts(labels)
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
        *_predictions(context, counted, preferences, labels, rows),
        run.folder.write_table(CONTROLS, control_table(counted)),
    ]
    return outputs, {}


def measured_labels(run: Run) -> pl.DataFrame:
    """Return labels and weights, without those that the dictionary was fitted to."""
    pairs = run.pair_table
    if not run.folder.read_json("dictionary.json").get("saw_labels", False):
        return pairs.select("label", "weight")
    unseen = pl.when(pl.col("split") != "fit").then(pl.col("label"))
    return pairs.select(unseen.alias("label"), "weight")


def _prepared(
    run: Run, measured: Measured, described: pl.DataFrame, rows: Ints, config: PreferenceConfig
) -> Measured:
    """Return the pairs with the features of both kinds, and which of them say the same."""
    fit = np.flatnonzero((run.pair_table["split"] == "fit").to_numpy()[rows])[:GROUP_PAIRS]
    group, _ = group_columns(measured.codes[fit].astype(np.float64), config.same)
    return replace(
        measured,
        concept=(described["kind"] == "concept").to_numpy(),
        named=described["understood"].fill_null(value=False).to_numpy(),
        group=group,
    )


def _predictions(
    context: StageContext, counted: Measured, preferences: Preferences, labels: pl.DataFrame,
    rows: Ints,
) -> list[str]:  # fmt: skip
    """Write what models that did not see them say of all labelled pairs, and the models."""
    run, models = context.run, preferences.models
    predicted = preferences.predicted.with_columns(pair=rows[preferences.predicted["pair"]])
    weights = pl.DataFrame(schema=WEIGHT_COLUMNS)
    if models is not None:
        weights = models.weights()
        seen = np.zeros(len(labels), dtype=bool)
        seen[predicted["pair"].to_numpy()] = True
        rest = np.flatnonzero(is_labelled(labels) & ~seen)
        parts = [predicted]
        for start in range(0, len(rest), PREDICTED_TOGETHER):
            some = rest[start : start + PREDICTED_TOGETHER]
            own = measured_rows(run, counted, some)
            held = own.controls.columns[:, [own.controls.names.index(n) for n in models.controls]]
            fold = models.fold_of(own.component)
            parts.append(models.predicted(some, fold, own.codes, held, own.differences))
        predicted = pl.concat(parts).sort("pair")
    return [
        run.folder.write_table("predictions.parquet", predicted),
        run.folder.write_table("prediction_weights.parquet", weights),
    ]


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
