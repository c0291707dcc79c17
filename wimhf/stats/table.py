"""The feature table: what is known of every feature, put together."""

from __future__ import annotations

import numpy as np
import polars as pl

from wimhf.base import Floats32
from wimhf.stats.poles import turned

DESCRIBED = (
    "feature", "description", "opposite", "short", "author", "pole", "understood", "reason",
    "fidelity", "fidelity_low", "fidelity_high", "fidelity_p", "sign_accuracy", "active_test",
)  # fmt: skip


def feature_table(
    codes: Floats32,
    descriptions: pl.DataFrame,
    effects: pl.DataFrame,
    stability: list[float] | None = None,
) -> pl.DataFrame:
    """Join what is known of every feature, with all signs in the described pole.

    Parameters
    ----------
    codes
        (n, m) signed codes.
    descriptions
        Every candidate; the winners are taken.
    effects
        Effects with signs as in the codes.
    stability
        Mean |cosine| with the matched features of other seeds, where there were any.
    """
    energy = np.square(codes, dtype=np.float64).sum(axis=0)
    measured = pl.DataFrame(
        {
            "feature": np.arange(codes.shape[1]),
            "prevalence": (codes != 0).mean(axis=0),
            "energy": energy / max(float(energy.sum()), 1e-12),
            "stability": pl.Series(stability or [None] * codes.shape[1], dtype=pl.Float64),
        }
    )
    won = descriptions.filter("won").select(DESCRIBED)
    table = won.join(measured, on="feature").join(effects, on="feature").sort("feature")
    return turned(table, pl.col("pole") < 0)


def subset_table(by_subset: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Return effects within subsets with all signs in the described pole."""
    poles = features.select("feature", "pole")
    joined = by_subset.join(poles, on="feature", maintain_order="left")
    return turned(joined, pl.col("pole") < 0).drop("pole")
