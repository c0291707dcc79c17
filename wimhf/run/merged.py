"""Features merged into one: their common code, and its effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Ints
from wimhf.stats import Controls, Labelled, Measured, column_effect, labelled_pairs, q_values


def merged_code(codes: Floats32, poles: Mapping[int, int], whole: Sequence[int]) -> Floats:
    """Return the code (n,) of features taken together, in their described poles.

    Each counts in units of its own RMS. A lone feature keeps its code.
    """
    if len(whole) == 1:
        return poles[whole[0]] * codes[:, whole[0]].astype(np.float64)
    total = np.zeros(len(codes))
    for feature in whole:
        column = codes[:, feature].astype(np.float64)
        rms = float(np.sqrt(np.square(column).mean()))
        total += poles[feature] * column / (rms or 1.0)
    return total


def oriented_codes(
    codes: pl.LazyFrame, poles: Mapping[int, int], whole: Sequence[int], n: int
) -> pl.DataFrame:
    """Return ``merged_code`` as pair and value, zeros left out, without loading other features.

    Parameters
    ----------
    codes
        pair, feature, value: the sparse codes as they are saved.
    n
        Pairs of the run.
    """
    own = codes.filter(pl.col("feature").is_in(list(whole))).collect()
    value = pl.col("value").cast(pl.Float64)
    rms = (value.pow(2).sum() / n).sqrt().over("feature") if len(whole) > 1 else pl.lit(1.0)
    pole = pl.col("feature").replace_strict(dict(poles), return_dtype=pl.Float64)
    return (
        own.with_columns(value=pole * value / rms)
        .group_by("pair", maintain_order=True)
        .agg(pl.col("value").sum())
        .filter(pl.col("value") != 0)
    )


def with_merges(
    features: pl.DataFrame,
    codes: Floats32,
    poles: Mapping[int, int],
    pairs: pl.DataFrame,
    controls: Controls,
) -> pl.DataFrame:
    """Return the feature table with the effects of merged features measured together.

    Parameters
    ----------
    features
        With ``members``; q-values are computed anew over the features that are left.
    codes
        (n, m) signed codes.
    poles
        The described pole of every feature, merged ones included.
    pairs
        The pair table, with components.
    controls
        What is held constant.
    """
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    weight = pairs["weight"].to_numpy()
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    if len(used) == 0 or features["p"].null_count() == len(features):
        return features  # nothing could be estimated, and each row says why
    nothing = np.empty((len(pairs), 0), dtype=np.float32)
    measured = Measured(
        nothing, nothing, np.zeros(len(pairs)), controls, {}, pairs["component"].to_numpy()
    )
    data = labelled_pairs(measured, label, weight, used)
    rows = [
        row if not row["members"] else row | _measured(row, codes, poles, data, used)
        for row in features.iter_rows(named=True)
    ]
    table = pl.DataFrame(rows, schema=features.schema)
    p = table["p"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return table.with_columns(pl.Series("q", q_values(p), nan_to_null=True))


ALONE = (
    "win_rate", "beta", "se", "p", "bonferroni", "effect", "effect_low", "effect_high",
    "effect_reason", "joint_beta", "joint_se", "joint_p", "path_rank", "sparse_beta",
    "selection_frequency", "stability", "heterogeneity_p", "heterogeneity_q",
)  # fmt: skip
"""What was measured of a feature alone."""


def _measured(
    row: dict[str, Any],
    codes: Floats32,
    poles: Mapping[int, int],
    data: Labelled,
    used: Ints,
) -> dict[str, Any]:
    z = merged_code(codes, poles, [row["feature"], *row["members"]])
    found = column_effect(z[used] / (np.sqrt(np.square(z[used]).mean()) or 1.0), data)
    gone = {name: None for name in ALONE if name in row}
    return row | gone | found | {"prevalence": float((z != 0).mean())}
