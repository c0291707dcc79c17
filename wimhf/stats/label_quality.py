"""Suspects: labels that models which never saw them would not have given.

Label quality and the list itself are confident learning's (Northcutt et al. 2021), by cleanlab,
from out-of-fold probabilities of the black box, over both orientations of every pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit

from wimhf.base import Floats, Mask
from wimhf.stats.design import held_names

SUSPECT_COLUMNS: dict[str, pl.DataType] = {
    "pair": pl.Int64(), "pair_id": pl.String(), "suspicion": pl.Float64(), "suspect": pl.Boolean(),
    "rank": pl.Int64(),
}  # fmt: skip
LEAST = 0.75
"""A suspect's label has at most a quarter of a chance: preferences are noisy, and confident
learning alone would doubt a third of them."""
FEWEST = 20
"""Decided pairs below which nothing can be called a suspect."""


def find_suspects(pairs: pl.DataFrame, predicted: pl.DataFrame) -> pl.DataFrame:
    """Return every decided pair with the chance of the other label (SUSPECT_COLUMNS).

    That is what models expect which never saw the pair; it is not the chance of a mistake, since
    people differ.

    Parameters
    ----------
    pairs
        pair_id and label.
    predicted
        pair (row) and dense (log odds that A is preferred), out of fold.

    Returns
    -------
    polars.DataFrame
        The most suspicious first. Ties and unlabelled pairs are not judged; a fraction is judged
        by the side it favours.
    """
    rows = predicted["pair"].to_numpy()
    label = pairs["label"].cast(pl.Float64).fill_null(0.5).to_numpy()[rows]
    decided = label != 0.5
    rows, label = rows[decided], label[decided]
    if len(rows) < FEWEST:
        return pl.DataFrame(schema=SUSPECT_COLUMNS)
    quality, issue = _judged(label > 0.5, expit(predicted["dense"].to_numpy()[decided]))
    order = np.lexsort((rows, quality))
    return pl.DataFrame(
        {
            "pair": rows[order],
            "pair_id": pairs["pair_id"].gather(rows[order]),
            "suspicion": 1 - quality[order],
            "suspect": issue[order] & (1 - quality[order] >= LEAST),
            "rank": np.arange(1, len(rows) + 1),
        },
        schema=SUSPECT_COLUMNS,
    )


def _judged(a_won: Mask, chance: Floats) -> tuple[Floats, Mask]:
    """Return the quality of every label and whether it is an issue.

    Each pair stands there twice, once from each side, so that exchanging sides changes nothing.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    given = np.concatenate([a_won, ~a_won]).astype(int)
    seen = np.concatenate([chance, 1 - chance])
    chances = np.column_stack([1 - seen, seen])
    quality = get_label_quality_scores(given, chances, method="self_confidence")
    issue = find_label_issues(given, chances, filter_by="both", n_jobs=1)
    n = len(a_won)
    return np.asarray(quality[:n], dtype=np.float64), np.asarray(issue[:n] & issue[n:])


@dataclass(frozen=True)
class Reason:
    """What a feature or a control adds against a label, in log odds; negative: for it."""

    feature: int | None
    control: str | None
    against: float


def reasons(
    label: float,
    fold: int,
    codes: Mapping[int, float],
    controls: Mapping[str, float],
    weights: pl.DataFrame,
) -> list[Reason]:
    """Return what argues against a label, and what for it, by how much.

    Parameters
    ----------
    codes
        The pair's signed codes where they are not 0, by feature.
    controls
        The pair's controls, by name.
    weights
        Log odds per unit of every code and control, by fold, and the size up to which one counts.

    Returns
    -------
    list of Reason
        The strongest argument against the label first. Together they are what the features say
        of the pair.
    """
    side = 1.0 if label > 0.5 else -1.0
    cap = pl.col("cap") if "cap" in weights.columns else pl.lit(None)
    own = weights.filter(pl.col("fold") == fold).select(
        "feature", "control", "beta", cap.fill_null(np.inf)
    )
    said: dict[tuple[int | None, str | None], float] = {}
    for number, name, beta, most in own.iter_rows():
        value = codes.get(number, 0.0) if number is not None else controls.get(name, 0.0)
        value = min(max(value, -most), most)
        if value and beta:
            key = number, None if name is None else held_names([name])[0]
            said[key] = said.get(key, 0.0) - side * value * beta
    found = [Reason(*key, against) for key, against in said.items()]
    return sorted(found, key=lambda reason: -reason.against)
