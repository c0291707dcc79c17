"""Finding labels that are probably wrong."""

from __future__ import annotations

from wimhf.pipeline.stages.context import Result, Stage, StageContext
from wimhf.stats import find_suspects


def suspects(context: StageContext) -> Result:
    """Rank pairs by how little their label agrees with models that never saw it."""
    run = context.run
    found = find_suspects(run.pair_table, run.folder.read_table("predictions.parquet"))
    facts = {"n_judged": len(found), "n_suspects": int(found["suspect"].sum())}
    return [run.folder.write_table("suspects.parquet", found)], facts


STAGE = Stage("suspects", "", suspects, ("read", "preference"), lambda context: {})
