"""The models that a run's pairs name, rated by its labels as they are or were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from wimhf.base import Ints
from wimhf.data import length_basis
from wimhf.stats import RATING_COLUMNS, Labels, Matches, Ratings, rate_models, rating_changes

if TYPE_CHECKING:
    from wimhf.run.run import Run

MODELS = ("model_a", "model_b")
MOST_MODELS = 150
"""Models that are rated at most."""
RATED_COLUMNS: dict[str, pl.DataType] = {
    **RATING_COLUMNS, "model": pl.String(), "labels": pl.String(), "held": pl.String(),
    "change": pl.Float64(), "change_low": pl.Float64(), "change_high": pl.Float64(),
}  # fmt: skip
"""Those of ``stats.RATING_COLUMNS`` by the model's name; ``labels`` is source or curated, ``held``
nothing or length, and ``change`` by how much curation moved a rating, with its interval."""


def models_of(run: Run) -> list[str]:
    """Return the models that a run's pairs name, in the order of the alphabet."""
    pairs = run.pair_table
    if not set(MODELS) <= set(pairs.columns):
        return []
    return sorted({*pairs[MODELS[0]].drop_nulls(), *pairs[MODELS[1]].drop_nulls()})


def rated_models(run: Run, curated: Labels | None = None) -> pl.DataFrame:
    """Return the ratings of the models that a run's pairs name (RATED_COLUMNS).

    Bradley and Terry's, see ``stats.rate_models``, with errors clustered by the components of the
    pairs; once more with length held constant by the odd functions of the words of both responses
    that are the default controls. Empty where pairs name fewer than two models, or over 150.

    Parameters
    ----------
    curated
        The labels as edits leave them, which are rated beside the source's.
    """
    pairs = run.pair_table
    models = models_of(run)
    if not 2 <= len(models) <= MOST_MODELS:
        return pl.DataFrame(schema=RATED_COLUMNS)
    first, second = _numbered(pairs, models)
    basis = length_basis(pairs["response_a"], pairs["response_b"])
    label = pairs["label"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    states = {"source": Labels(label, pairs["weight"].cast(pl.Float64).to_numpy())}
    states |= {} if curated is None else {"curated": curated}
    component, tables = pairs["component"].to_numpy(), []
    for held, columns in (
        ("nothing", np.empty((len(pairs), 0))), ("length", np.column_stack([*basis.values()])),
    ):  # fmt: skip
        found = {
            name: rate_models(
                Matches(first, second, own.label, own.weight, component, columns), len(models)
            )
            for name, own in states.items()
        }
        tables += [_named(one, found, name, held, models) for name, one in found.items()]
    return pl.concat(tables)


def _named(
    ratings: Ratings, found: dict[str, Ratings], labels: str, held: str, models: list[str]
) -> pl.DataFrame:
    changes = rating_changes(found["source"], ratings)
    if labels == "source":
        changes = changes.clear()
    table = ratings.table.join(changes, on="model", how="left", maintain_order="left")
    return (
        table.with_columns(pl.Series("model", models), labels=pl.lit(labels), held=pl.lit(held))
        .select(list(RATED_COLUMNS))
        .sort("rating", "model", descending=[True, False], nulls_last=True)
    )


def _numbered(pairs: pl.DataFrame, models: list[str]) -> tuple[Ints, Ints]:
    """Return (n,) the numbers of the models of A and of B, -1 where none is named."""
    number = {name: at for at, name in enumerate(models)}
    first, second = (
        np.array([number.get(one, -1) for one in pairs[name].to_list()], dtype=np.int64)
        for name in MODELS
    )
    return first, second
