"""Finding labels that are probably wrong."""

from __future__ import annotations

from typing import Any

from wimhf.pipeline.stages.job import Job
from wimhf.stats import find_suspects


def suspects(job: Job) -> tuple[list[str], dict[str, Any]]:
    """Rank pairs by how little their label agrees with models that never saw it."""
    run = job.run
    found = find_suspects(run.pair_table, run.read_table("predictions.parquet"))
    facts = {"n_judged": len(found), "n_suspects": int(found["suspect"].sum())}
    return [run.write_table("suspects.parquet", found)], facts
