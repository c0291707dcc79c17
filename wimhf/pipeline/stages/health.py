"""Examining the data before any model."""

from __future__ import annotations

import numpy as np

from wimhf.base import Event, Ints, Mask
from wimhf.data import Checked, Cut, ReadNotes, check_health
from wimhf.pipeline.stages.context import Result, Stage, StageContext


def check(context: StageContext) -> Result:
    """Examine the pairs: repeats, biases, shortcuts, annotators, texts."""
    run, facts = context.run, context.run.facts("read")
    pairs = run.pair_table
    health = check_health(
        Checked(
            pairs=pairs,
            rejects=run.rejects,
            n_rows=facts["n_rows"],
            component=pairs["component"].to_numpy(),
            sides_drawn=facts["sides_drawn"],
            cut=_cut(context),
            seed=context.config.seed,
            notes=ReadNotes.from_dict(facts.get("notes")),
        ),
        context.progress,
    )
    for item in health.items:
        if item.severity == "serious":
            context.progress(Event("health", message=f"{item.title}: {item.said}", level="warning"))
    outputs = [
        run.folder.write_json("health.json", health.to_dict()),
        run.folder.write_table("health_pairs.parquet", health.pairs(pairs["pair_id"])),
    ]
    return outputs, health.to_dict()["counts"]


def _cut(context: StageContext) -> Cut:
    facts, rows = context.run.facts("embed"), context.run.folder.read_table("pair_texts.parquet")
    vectors = context.run.folder.read_array("embeddings.npy")
    text_a, text_b = rows["text_a"].to_numpy(), rows["text_b"].to_numpy()

    def same(wanted: Ints) -> Mask:
        a, b = vectors[text_a[wanted]], vectors[text_b[wanted]]
        close: Mask = np.isclose(a, b, atol=1e-5).all(axis=1)
        return close

    return Cut(facts["encoder"], facts["max_tokens"], same)


STAGE = Stage("health", "examining the data", check, ("read", "embed"))
