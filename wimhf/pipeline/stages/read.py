"""Reading the source and splitting its pairs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import polars as pl

from wimhf.base import READ_LIMITS, Event
from wimhf.data import read_pairs, split_pairs
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext, sources_stamp
from wimhf.run import ReadFacts


def read(context: StageContext) -> Result:
    """Read the source and split its pairs."""
    source = read_pairs(context.config.read, context.progress)
    split = split_pairs(source.pairs, context.config.split, context.config.seed)
    pairs = source.pairs.with_columns(
        pl.Series("component", split.component), pl.Series("split", split.part)
    )
    for note in filter(None, [split.note]):
        context.progress(Event("read", message=note, level="warning"))
    facts: ReadFacts = {
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
        "notes": source.notes.to_dict(),
        "rejects": source.reject_counts,
        "n_components": int(split.component.max()) + 1,
        "split": {k: int((split.part == k).sum()) for k in ("fit", "select", "test")},
        "split_note": split.note,
    }
    context.progress(Event("read", message=_read_message(facts)))
    if pairs["label"].null_count() == len(pairs):
        context.progress(
            Event(
                "read", message=_unlabelled(source.scan_rows().head(20).collect()), level="warning"
            )
        )
    run = context.run
    outputs = [
        run.folder.write_table("pairs.parquet", pairs),
        run.folder.write_table("rejects.parquet", source.rejects),
        run.folder.write_table("source.parquet", source.scan_rows()),
    ]
    return outputs, facts


def _unlabelled(rows: pl.DataFrame) -> str:
    first = next((row for text in rows["row"] if isinstance(row := json.loads(text), dict)), {})
    return (
        f"no row has a label; the columns are {', '.join(list(first)[:20])}; if one of them is the "
        "label (1 = A, 0 = B, .5 = tie), name it with --map label=COLUMN"
    )


def _read_message(facts: ReadFacts) -> str:
    line = f"{facts['n_pairs']:,} pairs from {facts['n_rows']:,} rows of format {facts['format']}"
    if facts["n_rejects"]:
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in facts["rejects"].items())
        line += f"; {facts['n_rejects']:,} rows left out: {reasons}"
    return f"{line}; {facts['polarity']}"


def read_settings(context: StageContext) -> Settings:
    """Return what changes the result of reading; a moved source is the same source."""
    config = context.config
    read = asdict(replace(config.read, source="", also=()))
    return {
        "read": {name: value for name, value in read.items() if name not in READ_LIMITS},
        "source": sources_stamp(config.read.source, *config.read.also),
        "split": asdict(config.split),
        "seed": config.seed,
    }


STAGE = Stage("read", "reading pairs", read, (), read_settings)
