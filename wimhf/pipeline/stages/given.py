"""What a kind of dictionary is given of a run: differences, and more where it learns from more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from wimhf.base import Floats32
from wimhf.learn import (
    Differences,
    KindData,
    PairData,
    choose_encoder,
    difference,
    embed_pairs,
    resolve_device,
)
from wimhf.pipeline.stages.context import StageContext


def given(context: StageContext, measured: Differences) -> KindData:
    """Return what the kind in the settings learns from.

    Raises
    ------
    EncoderError
        If a transcoder's second encoder fails.
    """
    pairs = context.run.pair_table
    kind = context.config.dictionary.kind
    own, ids = PairData(measured.values), tuple[str, ...]()
    if kind == "snmf":
        own = _responses(context, measured)
    elif kind == "transcoder":
        own = _labels(own, pairs)
        if context.config.dictionary.target is not None:
            own = replace(own, target=_target(context))
    elif kind == "supervised":
        own, ids = _concepts(context, _labels(own, pairs))
    part = pairs["split"].to_numpy()
    return KindData(own.at(part == "fit"), own.at(part == "select"), ids)


def _responses(context: StageContext, measured: Differences) -> PairData:
    """Return the vectors of single responses, in the scale of the differences."""
    run = context.run
    rows = run.folder.read_table("pair_texts.parquet")
    vectors = run.folder.read_array("embeddings.npy")
    sides = [
        np.asarray(vectors[rows[side].to_numpy()] / np.float32(measured.scale), dtype=np.float32)
        for side in ("text_a", "text_b")
    ]
    prompt = run.pair_table["prompt"].rank("dense").to_numpy().astype(np.int64)
    return PairData(measured.values, a=sides[0], b=sides[1], prompt=prompt)


def _labels(own: PairData, pairs: pl.DataFrame) -> PairData:
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    weight = pairs["weight"].cast(pl.Float64).to_numpy()
    component = pairs["component"].to_numpy().astype(np.int64)
    return replace(own, label=label, weight=weight, component=component)


def _concepts(context: StageContext, own: PairData) -> tuple[PairData, tuple[str, ...]]:
    """Add the concept columns, each divided by its root mean square over the pairs to fit."""
    run = context.run
    concepts, odd = run.concept_columns()
    columns = odd.toarray().astype(np.float32)
    fit = (run.pair_table["split"] == "fit").to_numpy()
    size = np.sqrt(np.square(columns[fit]).mean(axis=0))
    kept = np.flatnonzero(size > 0)
    ids = tuple(concepts[at].id for at in kept)
    return replace(own, concepts=columns[:, kept] / size[kept]), ids


def _target(context: StageContext) -> Floats32:
    """Return the differences by the second encoder (n, e)."""
    config, pairs = context.config, context.run.pair_table
    asked = replace(
        config.embed, encoder=config.dictionary.target or "", embeddings=None, max_tokens=None
    )
    unique = pl.concat([pairs["response_a"], pairs["response_b"]]).n_unique()
    device = str(resolve_device(asked.device))
    encoder = choose_encoder(asked, unique, device, context.progress)
    found = embed_pairs(pairs, encoder, asked, context.progress)
    fit = (pairs["split"] == "fit").to_numpy()
    return difference(found.vectors, found.text_a, found.text_b, fit).values
