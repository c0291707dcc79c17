"""All describers compete: whose description is best on the select split names the feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints
from wimhf.concepts import Concept
from wimhf.describe.offline import DESCRIPTION_COLUMNS, verdict
from wimhf.describe.terms import saved_term, term_differences

Predict = Callable[[int, Ints], Floats | None]
MODEL_COLUMNS: dict[str, pl.DataType] = {
    "short": pl.String(), "offline_correlation": pl.Float64(), "consistency": pl.Float64(),
    "tie_rate": pl.Float64(), "missing": pl.Int64(), "asked": pl.Int64(),
}  # fmt: skip
"""What only a language model's descriptions have."""


def chosen(offline: pl.DataFrame, llm: pl.DataFrame | None, min_fidelity: float) -> pl.DataFrame:
    """Return every candidate of every describer, with the one that won.

    A model's best sentence wins where it follows the codes of the judged select pairs more
    closely than the best offline description does on the same pairs.

    Parameters
    ----------
    offline
        DESCRIPTION_COLUMNS, the best of each feature marked ``won``.
    llm
        Proposals of a language model, the best marked ``best``; None without one.
    """
    empty = [pl.lit(None, kind).alias(name) for name, kind in MODEL_COLUMNS.items()]
    own = offline.with_columns(empty)
    if llm is None or llm.is_empty():
        return own
    wins = llm.filter(
        pl.col("best")
        & pl.col("fidelity").is_not_null()
        & (pl.col("select_correlation") > pl.col("offline_correlation").fill_null(0.0))
    )["feature"]
    features = offline["feature"].n_unique()
    winners = set(wins)
    rows = []
    for row in llm.iter_rows(named=True):
        row |= {"won": row["best"] and row["feature"] in winners, "terms": [], "weights": []}
        if row["best"]:
            row |= verdict(row["fidelity"], row["fidelity_p"], features, min_fidelity)
        rows.append(row)
    schema = DESCRIPTION_COLUMNS | MODEL_COLUMNS
    theirs = pl.DataFrame([{n: row.get(n) for n in schema} for row in rows], schema=schema)
    own = own.with_columns(pl.col("won") & ~pl.col("feature").is_in(wins.implode()))
    return pl.concat([own.select(list(schema)), theirs]).sort("feature", maintain_order=True)


def saved_predictions(
    winners: pl.DataFrame,
    responses_a: Sequence[str],
    responses_b: Sequence[str],
    concepts: Sequence[Concept],
) -> Predict:
    """Return a function that predicts codes, as signed, from the saved offline descriptions."""
    saved = {
        row["feature"]: (
            [saved_term(key, concepts) for key in row["terms"]],
            np.array(row["weights"]),
            row["pole"],
        )
        for row in winners.iter_rows(named=True)
    }  # fmt: skip

    def predict(feature: int, rows: Ints) -> Floats | None:
        terms, weights, pole = saved[feature]
        if not terms:
            return None
        a, b = ([side[i] for i in rows.tolist()] for side in (responses_a, responses_b))
        predicted: Floats = pole * (term_differences(terms, a, b, concepts) @ weights)
        return predicted

    return predict
