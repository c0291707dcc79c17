"""What a team should look at before it trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from wimhf.run import Run


def run_alerts(run: Run, features: pl.DataFrame, length: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the alerts of a run, for whichever effects were measured of its features.

    Parameters
    ----------
    features
        A feature table; flipped and muted features count as such.
    length
        The effect of the length difference itself.
    """
    from wimhf.describe.concepts import concerns, length_concern, load_concepts

    won = run.read_table("descriptions.parquet").filter("won")
    terms = dict(won.select("feature", "terms").iter_rows())
    weights = dict(won.select("feature", "weights").iter_rows())
    concepts = load_concepts(run.config.describe.concepts)
    return concerns(features.to_dicts(), terms, weights, concepts) + length_concern(length)
