"""Features merged into one: the effect of their common code.

It is measured when they are merged and kept in the run's folder, so that reading the feature table
fits nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import polars as pl

from wimhf.base import Ints
from wimhf.run.codes import Codes
from wimhf.stats import Labelled, Measured, capped, column_effect, labelled_pairs, turned, with_q

ALONE = (
    "win_rate", "beta", "se", "p", "bonferroni", "effect", "effect_low", "effect_high",
    "raw_effect",
    "shrunk", "shrunk_low", "shrunk_high",
    "effect_reason", "joint_beta", "joint_se", "joint_p", "path_rank", "sparse_beta",
    "selection_frequency", "stability", "heterogeneity_p", "heterogeneity_q", "flip_p", "flip_q",
    "flips", "suppressed",
)  # fmt: skip
"""What was measured of a feature alone."""
Known = dict[str, dict[str, object]]
"""Per merge, by ``merge_key``, what was measured of it in its head's positive pole."""


def merge_key(whole: Sequence[int], poles: Mapping[int, int]) -> str:
    """Return what a merge is known by: its features, and whose pole agrees with the head's."""
    head = poles[whole[0]]
    parts = [f"{number}{'+' if poles[number] == head else '-'}" for number in whole]
    return " ".join([parts[0], *sorted(parts[1:])])


def with_merges(
    features: pl.DataFrame, poles: Mapping[int, int], known: Known, measure: Callable[[], Known]
) -> pl.DataFrame:
    """Return the feature table with the effects of merged features measured together.

    Parameters
    ----------
    features
        With ``members``; q-values are computed anew over the features that are left.
    poles
        The described pole of every feature, merged ones included.
    known
        What is kept of merges.
    measure
        Measures all merges; called where one is not kept.
    """
    rows = features.to_dicts()
    wanted = {
        row["feature"]: merge_key([row["feature"], *row["members"]], poles)
        for row in rows if row["members"]
    }  # fmt: skip
    if features["p"].null_count() == len(features):
        return features  # nothing could be estimated, and each row says why
    if not set(wanted.values()) <= set(known):
        known = known | measure()
    for row in rows:
        if row["feature"] in wanted:
            row |= {name: None for name in ALONE if name in row} | known[wanted[row["feature"]]]
    merged = pl.DataFrame(rows, schema=features.schema)
    negative = [number for number in wanted if poles[number] < 0]
    return with_q(turned(merged, pl.col("feature").is_in(negative)))


def measured_merges(
    groups: Mapping[int, Sequence[int]],
    codes: Codes,
    poles: Mapping[int, int],
    pairs: pl.DataFrame,
    covariates: Measured,
) -> Known:
    """Measure features taken together.

    Parameters
    ----------
    groups
        Per head the features it counts, its own first.
    pairs
        The pair table with the source's labels.
    covariates
        Controls and components of every pair.
    """
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    weight = pairs["weight"].to_numpy()
    used = np.flatnonzero(np.isfinite(label) & (weight > 0))
    if len(used) == 0:
        return {}
    data = labelled_pairs(covariates, label, weight, used)
    known: Known = {}
    for whole in groups.values():
        turn = poles[whole[0]]
        positive = {number: turn * poles[number] for number in whole}
        known[merge_key(whole, poles)] = _measured(codes, positive, whole, data, used)
    return known


def _measured(
    codes: Codes, poles: Mapping[int, int], whole: Sequence[int], data: Labelled, used: Ints
) -> dict[str, object]:
    z = codes.together(poles, whole)
    own = capped(z[:, None])[used, 0]
    effect = column_effect(own / (np.sqrt(np.square(own).mean()) or 1.0), data)
    return asdict(effect) | {"prevalence": float((z != 0).mean())}
