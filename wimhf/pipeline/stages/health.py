"""Examining the data before any model."""

from __future__ import annotations

from typing import Any

import numpy as np

from wimhf.base import Event, Ints, Mask
from wimhf.data import Checked, Cut, check_health
from wimhf.pipeline.stages.job import Job


def check(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Examine the pairs: repeats, biases, shortcuts, annotators, texts."""
    run, facts = job.run, job.run.facts("read")
    pairs = run.pair_table
    health = check_health(
        Checked(
            pairs=pairs,
            rejects=run.rejects,
            n_rows=facts["n_rows"],
            component=pairs["component"].to_numpy(),
            sides_drawn=facts["sides_drawn"],
            cut=_cut(job),
            seed=job.config.seed,
        ),
        job.progress,
    )
    for item in health.items:
        if item.severity == "serious":
            job.progress(Event("health", message=f"{item.title}: {item.said}", level="warning"))
    outputs = [
        run.write_json("health.json", health.to_dict()),
        run.write_table("health_pairs.parquet", health.pairs(pairs["pair_id"])),
    ]
    return outputs, health.to_dict()["counts"]


def _cut(job: Job) -> Cut:
    facts, rows = job.run.facts("embed"), job.run.read_table("pair_texts.parquet")
    vectors = job.run.read_array("embeddings.npy")
    text_a, text_b = rows["text_a"].to_numpy(), rows["text_b"].to_numpy()

    def same(wanted: Ints) -> Mask:
        a, b = vectors[text_a[wanted]], vectors[text_b[wanted]]
        close: Mask = np.isclose(a, b, atol=1e-5).all(axis=1)
        return close

    return Cut(facts["encoder"], facts["max_tokens"], same)
