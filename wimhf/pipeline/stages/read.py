"""Reading the source and splitting its pairs."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from wimhf.base import Event
from wimhf.data import read_pairs, split_pairs
from wimhf.pipeline.stages.job import Job


def read(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Read the source and split its pairs."""
    source = read_pairs(job.config.read, job.progress)
    split = split_pairs(source.pairs, job.config.split, job.config.seed)
    pairs = source.pairs.with_columns(
        pl.Series("component", split.component), pl.Series("split", split.part)
    )
    for note in filter(None, [split.note]):
        job.progress(Event("read", message=note, level="warning"))
    facts = {
        "format": source.format,
        "parts": source.parts,
        "headers": source.headers,
        "layouts": source.layouts,
        "drawn_parts": source.drawn_parts,
        "container": source.container,
        "polarity": source.polarity,
        "sides_drawn": source.sides_drawn,
        "source_sha256": source.sha256,
        "n_rows": source.n_rows,
        "n_pairs": len(pairs),
        "n_rejects": len(source.rejects),
        "rejects": source.reject_counts,
        "n_components": int(split.component.max()) + 1,
        "split": {k: int((split.part == k).sum()) for k in ("fit", "select", "test")},
        "split_note": split.note,
    }
    job.progress(Event("read", message=_read_message(facts)))
    if pairs["label"].null_count() == len(pairs):
        job.progress(
            Event(
                "read", message=_unlabelled(source.scan_rows().head(20).collect()), level="warning"
            )
        )
    run = job.run
    outputs = [
        run.write_table("pairs.parquet", pairs),
        run.write_table("rejects.parquet", source.rejects),
        run.write_table("source.parquet", source.scan_rows()),
    ]
    return outputs, facts


def _unlabelled(rows: pl.DataFrame) -> str:
    first = next((row for text in rows["row"] if isinstance(row := json.loads(text), dict)), {})
    return (
        f"no row has a label; the columns are {', '.join(list(first)[:20])}; if one of them is the "
        "label (1 = A, 0 = B, .5 = tie), name it with --map label=COLUMN"
    )


def _read_message(facts: dict[str, Any]) -> str:
    line = f"{facts['n_pairs']:,} pairs from {facts['n_rows']:,} rows of format {facts['format']}"
    if facts["n_rejects"]:
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in facts["rejects"].items())
        line += f"; {facts['n_rejects']:,} rows left out: {reasons}"
    return f"{line}; {facts['polarity']}"
