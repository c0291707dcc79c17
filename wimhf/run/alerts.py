"""What a team should look at before it trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import polars as pl

from wimhf.concepts import concern_alerts, length_concern, load_concepts
from wimhf.run.run import Run
from wimhf.run.views import Alert
from wimhf.stats import EffectSummary


def run_alerts(run: Run, features: pl.DataFrame, length: EffectSummary) -> list[Alert]:
    """Return the alerts of a run, for whichever effects were measured of its features.

    Parameters
    ----------
    features
        A feature table; flipped and muted features count as such.
    length
        The effect of the length difference itself.
    """
    won = run.table("descriptions.parquet").filter("won")
    terms = dict(won.select("feature", "terms").iter_rows())
    weights = dict(won.select("feature", "weights").iter_rows())
    concepts = load_concepts(run.config.describe.concepts)
    rows = features.to_dicts()
    rows += [part for row in rows for part in _members(run, row)]
    heads = {row["feature"]: row.get("head", row["feature"]) for row in rows}
    found = concern_alerts(rows, terms, weights, concepts)
    alerts = {
        (heads[a["feature"]], a["concept"]): a | {"feature": heads[a["feature"]]} for a in found
    }
    return cast("list[Alert]", list(alerts.values()) + length_concern(length))


def _members(run: Run, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for every feature merged into one, with the effect they have together."""
    if not row.get("members"):
        return []
    as_found = dict(run.features_as_found.select("feature", "pole").iter_rows())
    understood = dict(run.features_as_found.select("feature", "understood").iter_rows())
    return [
        dict(row) | {
            "feature": member, "head": row["feature"], "understood": understood[member],
            "flipped": run.poles[member] != as_found[member],
        }
        for member in row["members"]
    ]  # fmt: skip
