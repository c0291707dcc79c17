"""Choosing between describers."""

from __future__ import annotations

from wimhf.describe import chosen
from wimhf.pipeline.stages.context import Result, Settings, Stage, StageContext


def name(context: StageContext) -> Result:
    """Choose for every feature the description that does best on the select split."""
    run = context.run
    offline = run.folder.read_table("offline.parquet")
    llm = run.folder.read_table("llm.parquet") if run.manifest.outputs("llm") else None
    table = chosen(offline, llm, context.config.describe.min_fidelity)
    won = table.filter("won")
    facts = {
        "n_understood": int(won["understood"].sum()),
        "mean_fidelity": won["fidelity"].mean(),
        "median_fidelity": won["fidelity"].median(),
        "authors": dict(won["author"].value_counts(sort=True).iter_rows()),
    }
    return [run.folder.write_table("descriptions.parquet", table)], facts


def name_settings(context: StageContext) -> Settings:
    """Return what decides which description wins."""
    return {"min_fidelity": context.config.describe.min_fidelity}


STAGE = Stage("name", "", name, ("describe", "llm"), name_settings)
