"""Measuring whose preferences the labels are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from scipy.special import expit

from wimhf.base import Ints, Stream, stream
from wimhf.data import UNIT
from wimhf.pipeline.stages.context import Result, Stage, StageContext
from wimhf.run import (
    ANNOTATED,
    DEPARTURES,
    PEOPLE,
    PEOPLE_COLUMNS,
    SUBJECTIVITY,
    numbered_annotators,
)
from wimhf.stats import (
    Annotators,
    annotator_quality,
    labelled_pairs,
    measure_annotators,
    no_annotators,
)


def annotators(context: StageContext) -> Result:
    """Test which features annotators weigh differently, and by how much each of them does."""
    run = context.run
    who, people = numbered_annotators(run.pair_table)
    measured = _measured(context, who)
    outputs = [
        run.folder.write_table(SUBJECTIVITY, measured.features),
        run.folder.write_table(DEPARTURES, measured.departures),
        run.folder.write_table(PEOPLE, _judged(context, who, people)),
        run.folder.write_json(ANNOTATED, measured.summary),
    ]
    return outputs, {}


def _measured(context: StageContext, who: Ints) -> Annotators:
    """Measure the features that speak for their groups, in their described poles."""
    run, pairs = context.run, context.run.pair_table
    if not (who >= 0).any():
        return no_annotators("the source names no annotators")
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    weight = pairs["weight"].to_numpy().astype(np.float64)
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    features = run.folder.read_table("features.parquet")
    speaks = pl.col("understood") & (pl.col("feature") == pl.col("speaker"))
    tested = features.filter(speaks & pl.col("p").is_not_null()).sort("finding", nulls_last=True)
    if len(used) == 0 or tested.is_empty():
        return no_annotators("no feature has an effect that could be estimated")
    numbers = tested["feature"].to_numpy()
    poles = tested["pole"].to_list()
    own = np.empty((len(pairs), len(numbers)), dtype=np.float32)
    for place, (number, pole) in enumerate(zip(numbers.tolist(), poles, strict=True)):
        own[:, place] = pole * run.sparse_codes.column(number)
    concerns = {one.concept.id for one in run.concepts.counted if one.concept.audit}
    modelled = tested["finding"].is_not_null() | tested["id"].is_in(concerns)
    measured = measure_annotators(
        labelled_pairs(run.covariates(own), label, weight, used), who[used],
        np.arange(len(numbers)), np.flatnonzero(modelled.to_numpy()),
        stream(context.config.seed, Stream.ANNOTATORS), context.progress,
    )  # fmt: skip
    named = {at: int(number) for at, number in enumerate(numbers)}
    return replace(
        measured, features=_renumbered(measured.features, named),
        departures=_renumbered(measured.departures, named),
    )  # fmt: skip


def _judged(context: StageContext, who: Ints, people: pl.DataFrame) -> pl.DataFrame:
    """Add to the annotators how good they are, where several decided the same pairs."""
    run, pairs = context.run, context.run.pair_table
    seen = run.folder.read_table("predictions.parquet").select("pair", "features")
    rows = seen["pair"].to_numpy()
    rows, lead = rows[who[rows] >= 0], seen["features"].to_numpy()[who[rows] >= 0]
    own = pairs[rows]
    turn = (own["response_a"] <= own["response_b"]).to_numpy()  # sides of a pair as anybody had it
    label = own["label"].cast(pl.Float64).to_numpy()
    item = own["pair_id"].str.head(UNIT).rank("dense").cast(pl.Int64).to_numpy() - 1
    quality = annotator_quality(
        item, who[rows], np.where(turn, label, 1 - label), expit(np.where(turn, lead, -lead))
    )
    joined = people.join(quality, on="annotator", how="left", maintain_order="left")
    return joined.select([name for name in PEOPLE_COLUMNS])


def _renumbered(table: pl.DataFrame, named: dict[int, int]) -> pl.DataFrame:
    number = pl.col("feature").replace_strict(named, return_dtype=pl.Int64)
    return table.with_columns(number) if len(table) else table


STAGE = Stage(
    "annotators",
    "",
    annotators,
    ("read", "concepts", "dictionary", "preference"),
)
