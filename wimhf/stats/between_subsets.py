"""Does a feature's effect depend on the subset? Effects within subsets, and tests between them."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import binom, chi2

from wimhf.base import Floats, Ints
from wimhf.stats.design import Labelled, independent
from wimhf.stats.effects import EFFECT_COLUMNS, feature_effects
from wimhf.stats.inference import NORMAL, effective_clusters, t_bound, with_q

LEVEL = 0.05
SUBSET_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "subset": pl.String(),
    **{name: EFFECT_COLUMNS[name] for name in (
        "n_active", "win_rate", "beta", "se", "p", "effect", "effect_low", "effect_high",
        "effect_reason",
    )},
}  # fmt: skip
TEST_COLUMNS: dict[str, pl.DataType] = {
    "heterogeneity_p": pl.Float64(), "heterogeneity_q": pl.Float64(),
    "flip_p": pl.Float64(), "flip_q": pl.Float64(), "flips": pl.Boolean(),
    "heterogeneity_reason": pl.String(),
}  # fmt: skip


def subset_effects(
    data: Labelled, member: Ints, names: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Estimate every feature's effect within every subset, and test whether they differ.

    Parameters
    ----------
    member
        (n,) number of each labelled pair's subset, -1 for none.

    Returns
    -------
    tuple
        SUBSET_COLUMNS, a row per feature and subset; TEST_COLUMNS, a row per feature.
    """
    tables: list[pl.DataFrame] = []
    errors: list[Floats] = []
    for number, name in enumerate(names):
        part = data.rows(np.flatnonzero(member == number))
        held = part.controls[:, independent(part.controls)]
        table = feature_effects(part, held, raw=False)
        errors.append(_widened(part, table))
        tables.append(table.with_columns(pl.lit(name).alias("subset")).select(list(SUBSET_COLUMNS)))
    effects = pl.concat(tables) if tables else pl.DataFrame(schema=SUBSET_COLUMNS)
    if not tables:
        return effects, untested(data.codes.shape[1], "there are no subsets")
    betas = np.stack([t["beta"].fill_null(np.nan).to_numpy() for t in tables], axis=1)
    return effects, _tests(betas, np.stack(errors, axis=1))


def untested(features: int, reason: str) -> pl.DataFrame:
    """Return the tests of features that could not be compared between subsets."""
    return pl.DataFrame([{"heterogeneity_reason": reason}] * features, schema=TEST_COLUMNS)


def _widened(data: Labelled, table: pl.DataFrame) -> Floats:
    """Return errors (m,) that give with normal quantiles the intervals that t quantiles give."""
    reach = [t_bound(effective_clusters(z, data.weight, data.component)) for z in data.codes.T]
    widened: Floats = table["se"].fill_null(np.nan).to_numpy() * np.array(reach) / NORMAL
    return widened


def _tests(betas: Floats, errors: Floats) -> pl.DataFrame:
    rows: list[dict[str, float | str]] = []
    for beta, error in zip(betas, errors, strict=True):
        known = np.isfinite(beta) & np.isfinite(error)
        if known.sum() < 2:
            reason = "estimated in fewer than two subsets"
            rows.append({"heterogeneity_reason": reason})
        else:
            rows.append(
                {
                    "heterogeneity_p": differ(beta[known], error[known]),
                    "flip_p": cross(beta[known], error[known]),
                }
            )
    table = pl.DataFrame(rows, schema=TEST_COLUMNS)
    for test in ("heterogeneity", "flip"):
        table = with_q(table, f"{test}_p", f"{test}_q")
    return table.with_columns((pl.col("flip_q") < LEVEL).alias("flips"))


def differ(beta: Floats, error: Floats) -> float:
    """Return the p-value of equal effects in all subsets (Cochran 1954).

    Subsets are taken as independent; where prompts straddle them the test is cautious.
    """
    weight = 1 / np.square(error)
    mean = (weight * beta).sum() / weight.sum()
    return float(chi2.sf((weight * np.square(beta - mean)).sum(), len(beta) - 1))


def cross(beta: Floats, error: Floats) -> float:
    """Return the p-value of no opposite signs between subsets (Gail and Simon 1985)."""
    z = np.square(beta / error)
    least = min(float(z[beta > 0].sum()), float(z[beta < 0].sum()))
    if least == 0.0:
        return 1.0
    h = np.arange(1, len(beta))
    return float((binom.pmf(h, len(beta) - 1, 0.5) * chi2.sf(least, h)).sum())
