"""Putting features into words without a model, and checking the words."""

from __future__ import annotations

from wimhf.base import Stream, stream
from wimhf.describe import Known, describe_features
from wimhf.pipeline.stages.context import (
    Result,
    Stage,
    StageContext,
    own_settings,
)


def describe(context: StageContext) -> Result:
    """Put features into words and check the words."""
    pairs = context.run.pair_table
    described = describe_features(
        (pairs["response_a"], pairs["response_b"]),
        Known(*context.run.concept_columns()),
        context.run.discovered_codes().rows,
        pairs["split"].to_numpy(),
        pairs["component"].to_numpy(),
        context.config.describe,
        stream(context.config.seed, Stream.DESCRIPTIONS),
        context.progress,
    )
    facts = {
        "n_fit": described.n_fit,
        "n_select": described.n_select,
        "n_test": described.n_test,
    }
    return [context.run.folder.write_table("offline.parquet", described.table)], facts


STAGE = Stage(
    "describe",
    "describing features",
    describe,
    ("read", "concepts", "dictionary"),
    own_settings("describe"),
)
