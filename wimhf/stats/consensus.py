"""How good each annotator is, as cleanlab judges it from labels they share and from a model."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints

LEAST_SHARED = 20
"""Items that others decided, too, below which an annotator's quality is not told."""
QUALITY_COLUMNS: dict[str, pl.DataType] = {
    "annotator": pl.Int64(), "shared": pl.Int64(), "agreement": pl.Float64(),
    "quality": pl.Float64(),
}  # fmt: skip
"""Per annotator: items others decided too, the share of those decided as the consensus, and
cleanlab's quality of the annotator (0 to 1)."""


def annotator_quality(item: Ints, annotator: Ints, label: Floats, chance: Floats) -> pl.DataFrame:
    """Return QUALITY_COLUMNS of annotators, judged where several of them decided the same item.

    Goh, Tkachenko and Mueller 2022 (CROWDLAB), through cleanlab. Ties and undecided labels do not
    count; sides are those of the item.

    Parameters
    ----------
    item, annotator
        (n,) numbers from 0.
    label, chance
        (n,) whether the item's first side is preferred, and a model's chance of it.
    """
    from cleanlab.multiannotator import get_label_quality_multiannotator

    decided = np.isfinite(label) & (label != 0.5) & np.isfinite(chance)
    item, annotator, label, chance = (x[decided] for x in (item, annotator, label, chance))
    several = np.bincount(item)[item] > 1 if len(item) else np.zeros(0, dtype=bool)
    people = np.unique(annotator[several])
    empty = pl.DataFrame(schema=QUALITY_COLUMNS)
    if len(np.unique(item[several])) < LEAST_SHARED or len(people) < 2:
        return empty
    kept = several & np.isin(annotator, people)
    rows = np.unique(item[kept], return_inverse=True)[1]
    columns = np.searchsorted(people, annotator[kept])
    votes = np.full((rows.max() + 1, len(people)), np.nan)
    votes[rows, columns] = label[kept] > 0.5
    seen = np.zeros(len(votes))
    seen[rows] = chance[kept]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_label_quality_multiannotator(
            votes, np.column_stack([1 - seen, seen]), verbose=False
        )["annotator_stats"].sort_index()
    table = pl.DataFrame(
        {
            "annotator": people,
            "shared": (~np.isnan(votes)).sum(axis=0),
            "agreement": found["agreement_with_consensus"].to_numpy(),
            "quality": found["annotator_quality"].to_numpy(),
        },
        schema=QUALITY_COLUMNS,
    )
    return table.filter(pl.col("shared") >= LEAST_SHARED)
