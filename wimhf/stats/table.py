"""The feature table: what is known of every feature, put together."""

from __future__ import annotations

import numpy as np
import polars as pl

from wimhf.base import Floats32
from wimhf.stats.poles import turned

LEVEL = 0.05

DESCRIBED = (
    "feature", "id", "kind", "area", "known_share", "known_as", "description", "opposite", "short",
    "author", "pole", "understood", "reason",
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
        One row per feature, of either kind (DESCRIBED).
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
            "stability": pl.Series(_filled(stability, codes.shape[1]), dtype=pl.Float64),
        }
    )
    table = (
        descriptions.select(DESCRIBED)
        .join(measured, on="feature")
        .join(effects, on="feature")
        .sort("feature")
    )
    return turned(table, pl.col("pole") < 0).with_columns(_places())


def _places() -> pl.Expr:
    """Return the place of every finding: of named speakers beyond chance, alone and together.

    Where nothing could be fitted together, alone is enough; then the largest effects come first.
    """
    alone = (pl.col("q") < LEVEL) & pl.col("understood") & (pl.col("feature") == pl.col("speaker"))
    fitted = pl.col("joint_p").is_not_null().any()
    together = pl.col("joint_beta") * pl.col("beta") > 0
    found = alone & (~fitted | together.fill_null(value=False))
    order = pl.struct(
        (-pl.col("importance")).fill_null(0.0), (-pl.col("effect").abs()).alias("size"), "feature"
    )
    place = pl.when(found).then(order).rank("ordinal")
    return pl.when(found).then(place).cast(pl.Int64).alias("finding")


def _filled(values: list[float] | None, m: int) -> list[float | None]:
    known: list[float | None] = [*(values or [])]
    return known + [None] * (m - len(known))


def subset_table(by_subset: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Return effects within subsets with all signs in the described pole."""
    poles = features.select("feature", "pole")
    joined = by_subset.join(poles, on="feature", maintain_order="left")
    return turned(joined, pl.col("pole") < 0).drop("pole")
