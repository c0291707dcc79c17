"""Counting what responses do, and what is asked of them, by the written bank."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Engine, Event, Floats, ProcessEngine, engine_of, processors
from wimhf.concepts import LENGTH, Asked, Concept, joined_columns, length_concept, spread_columns
from wimhf.data import asked_of, length_difference
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext
from wimhf.stats import effective_clusters

WORTH_SAYING = 0.01
"""Share of pairs in another language from which it is said."""
LEAST_PAIRS, LEAST_SHARE, LEAST_PROMPTS = 10, 0.005, 10.0
"""A concept is a feature where it tells so many labelled pairs and independent prompts apart."""

MANY = 20_000
"""Pairs from which it pays to load the bank in processes of their own."""
MOST_TOGETHER = 20_000
"""Pairs that such a process counts at once: about as many as bring it to its speed."""


def count(context: StageContext) -> Result:
    """Count every concept in every pair; keep those that tell enough pairs apart."""
    run = context.run
    pairs = run.pair_table
    bank = [concept for concept in run.bank if concept.id != LENGTH]
    responses = pairs["response_a"], pairs["response_b"]
    last, everything = asked_of(pairs)
    engine, together = _engine(context.config.engine, len(pairs))
    asked = Asked(last, everything)
    columns = spread_columns(bank, asked, responses, engine, context.progress, together)
    foreign = float(columns.foreign.mean()) if len(pairs) else 0.0
    columns = joined_columns(columns, *_learned(context))
    columns = joined_columns(columns, [length_concept()], [length_difference(*responses)])
    cards = _cards(columns.concepts, columns.odd, pairs, context.config.preference.controls)
    for concept, card in zip(columns.concepts, cards, strict=True):
        card["unread"] = foreign if concept.needs_words else 0.0
    kept = [place for place, card in enumerate(cards) if card["reason"] is None]
    features = len(kept)
    kept += [place for place, card in enumerate(cards) if card["held"]]
    scales = np.array([cards[place]["scale"] for place in kept])
    prompts = [
        {"concept": asdict(concept), "pairs": int(columns.held[:, [place]].sum())}
        for place, concept in enumerate(columns.prompts)
    ]
    message = f"{features} of {len(cards)} concepts tell enough pairs apart"
    context.progress(Event("concepts", message=message))
    if foreign >= WORTH_SAYING:
        message = (
            f"in {foreign:.0%} of the pairs a response is not in English: concepts that look for "
            "words cannot be measured there"
        )
        context.progress(Event("concepts", message=message, level="warning"))
    outputs = [
        run.folder.write_table("concepts.parquet", _triplets(columns.odd[:, kept], scales)),
        run.folder.write_table("asked.parquet", _triplets(columns.held, np.ones(len(prompts)))),
        run.folder.write_json("concepts.json", {"concepts": cards, "asked": prompts}),
    ]
    return outputs, {"shape": [len(pairs), features], "bank": len(cards)}


def _engine(name: str, pairs: int) -> tuple[Engine, int | None]:
    """Return where pairs are counted, and how many together: many, by every processor there is."""
    workers = processors()
    if name != "local" or pairs < MANY or workers == 1:
        return engine_of(name, "cpu"), None
    return ProcessEngine(workers), min(MOST_TOGETHER, -(-pairs // (2 * workers)))


def _learned(context: StageContext) -> tuple[list[Concept], list[Floats]]:
    """Return the concepts that were learned of these pairs, and their columns (n,)."""
    concepts, columns = [], []
    for one in context.run.learned_concepts:
        if one.values is None:
            message = f"own concept {one.concept.id} was learned of other pairs; add it again"
            context.progress(Event("concepts", message=message, level="warning"))
        else:
            concepts.append(one.concept)
            columns.append(one.values)
    return concepts, columns


def _cards(
    concepts: tuple[Concept, ...], odd: sparse.csc_array, pairs: pl.DataFrame,
    controls: tuple[str, ...],
) -> list[dict[str, object]]:  # fmt: skip
    """Return per concept its definition, where it differs, its scale, and why it is no feature."""
    labelled = (pairs["label"].is_not_null() & (pairs["weight"] > 0)).to_numpy()
    if not labelled.any():
        labelled[:] = True
    fit = (pairs["split"] == "fit").to_numpy()
    floor = max(LEAST_PAIRS, LEAST_SHARE * labelled.sum())
    component, weight = pairs["component"].to_numpy()[labelled], np.ones(labelled.sum())
    cards: list[dict[str, object]] = []
    for place, concept in enumerate(concepts):
        column: Floats = odd[:, [place]].toarray()[:, 0].astype(np.float64)
        scale = float(np.sqrt(np.square(column[fit]).mean()))
        differ = int(np.count_nonzero(column[labelled]))
        prompts = effective_clusters(column[labelled], weight, component)
        reason = None
        if differ < floor or scale == 0.0:
            reason = f"the sides differ in too few labelled pairs ({differ})"
        elif prompts < LEAST_PROMPTS:
            reason = f"the sides differ as if in only {prompts:.1f} independent prompts"
        held = reason is None and concept.id == LENGTH and LENGTH_CONTROL in controls
        cards.append({
            "concept": asdict(concept), "differ": differ, "scale": scale, "held": held,
            "reason": "controlled for" if held else reason,
        })  # fmt: skip
    return cards


LENGTH_CONTROL = "length"


def _triplets(columns: sparse.csc_array, scales: Floats) -> pl.DataFrame:
    """Return columns (n, c), each divided by its scale, as pair, concept and value, by concept."""
    own = sparse.csc_array(columns)
    own.sort_indices()
    sizes = np.diff(own.indptr)
    concept = np.repeat(np.arange(own.shape[1]), sizes)
    value = (own.data / np.repeat(scales, sizes)).astype(np.float32)
    pair = own.indices.astype(np.uint32)
    return pl.DataFrame({"pair": pair, "concept": concept, "value": value})


def concept_settings(context: StageContext) -> Settings:
    """Return what decides the columns: the bank, the user's own concepts, the controls."""
    learned = [one.concept for one in context.run.learned_concepts]
    bank = [asdict(concept) for concept in (*context.run.bank, *learned)]
    written = hashlib.sha256(json.dumps(bank, sort_keys=True).encode()).hexdigest()
    return {"bank": written, "controls": list(context.config.preference.controls)}


STAGE = Stage("concepts", "counting what responses do", count, ("read",), concept_settings)
