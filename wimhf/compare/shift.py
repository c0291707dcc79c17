"""Before and after training: whether behaviour moved as the preference data predict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Stream, stream
from wimhf.compare.kinds import shifts_by_kind
from wimhf.compare.making import open_finished
from wimhf.compare.runs import same_concepts
from wimhf.errors import ConfigError
from wimhf.run import Run, models_of
from wimhf.stats import Bounds, observed_shifts, predicted_share

LEVEL = 0.05
MODELS = ("model_a", "model_b")


@dataclass(frozen=True)
class Shift:
    """How far responses moved from one model to another, beside what preferences predict.

    Attributes
    ----------
    concepts
        Per concept: id, title, description, effect and prevalence in the preference data,
        ``sure`` (its q < .05 there), predicted (effect x prevalence), observed with low, high, p
        and q, and ``against`` (both sure, with opposite signs).
    explained
        R2 of observed on predicted, over concepts.
    pairs
        How many pairs have the new model on exactly one side.
    kinds, by_kind
        The same by kind of prompt: ``compare.KIND_COLUMNS`` and ``compare.BY_KIND_COLUMNS``.
    """

    after: str
    pairs: int
    concepts: pl.DataFrame
    explained: Bounds
    kinds: pl.DataFrame
    by_kind: pl.DataFrame

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain JSON types."""
        return {
            "after": self.after, "pairs": self.pairs, "explained": self.explained,
            "concepts": self.concepts.to_dicts(), "kinds": self.kinds.to_dicts(),
            "by_kind": self.by_kind.to_dicts(),
        }  # fmt: skip


def training_shift(
    preferences: str | Path | Run, moved: str | Path | Run, after: str | None = None
) -> Shift:
    """Compare how behaviour moved with what a run's preferences predict.

    Parameters
    ----------
    moved
        A run of pairs, labelled or not, of an old and a new model's responses to the same
        prompts, with ``model_a`` and ``model_b``.
    after
        The new model's name; not needed where the second response in the source is always its.

    Raises
    ------
    ConfigError
        If it cannot be told which response is the new model's.
    RunError
        If a run cannot be compared.
    """
    wanted, seen = open_finished(preferences), open_finished(moved)
    named, turn = _turn(seen, after)
    rows = np.flatnonzero(turn)
    shared = same_concepts(wanted, seen)
    leads = np.stack(
        [np.sign(seen.sparse_codes.column(seen.concept_numbers[one]))[rows] for one in shared],
        axis=1,
    )
    leads *= turn[rows, None]
    component = seen.pair_table["component"].to_numpy()[rows]
    effects = wanted.features_as_found.filter(pl.col("id").is_in(shared)).select(
        "id", "effect", "prevalence", "q", title="short", description="description"
    )
    place = {one: at for at, one in enumerate(shared)}
    order = [place[one] for one in effects["id"]]
    predicted = (effects["effect"] * effects["prevalence"]).to_numpy()
    rng = stream(wanted.config.seed, Stream.COMPARISON)
    leads = leads[:, order]
    explained = predicted_share(predicted, leads, component, rng)
    kinds = shifts_by_kind(seen, rows, effects, leads, predicted)
    return Shift(named, len(rows), _table(effects, leads, component), explained, *kinds)


def _table(effects: pl.DataFrame, leads: Floats, component: Ints) -> pl.DataFrame:
    observed = observed_shifts(leads, component).drop("feature")
    known = effects.with_columns(
        (pl.col("q") < LEVEL).fill_null(value=False).alias("sure"),
        (pl.col("effect") * pl.col("prevalence")).alias("predicted"),
    ).drop("q")
    table = pl.concat([known, observed], how="horizontal")
    opposed = pl.col("predicted") * pl.col("observed") < 0
    return table.with_columns((pl.col("sure") & (pl.col("q") < LEVEL) & opposed).alias("against"))


def _turn(run: Run, after: str | None) -> tuple[str, Floats]:
    """Return the new model, and (n,) 1 where A is its response, -1 where B, 0 where neither is."""
    pairs = run.pair_table
    if after is None:
        if run.facts("read")["sides_drawn"]:
            raise ConfigError(
                f"the sides of {run.path} say nothing of who responded; name the new model with "
                "--after MODEL"
            )
        return "the second response", np.where(pairs["swapped"].to_numpy(), 1.0, -1.0)
    models = models_of(run)
    if not models:
        raise ConfigError(f"{run.path} names no models, so none of them can be {after}")
    a, b = ((pairs[name] == after).fill_null(value=False).to_numpy() for name in MODELS)
    turn: Floats = a.astype(np.float64) - b.astype(np.float64)
    if not turn.any():
        raise ConfigError(f"no pair of {run.path} is of {after}; it has {', '.join(models[:20])}")
    return after, turn
