"""Margins for a reward model: how far the winner leads in a model of the curated labels."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from wimhf.base import Stream, stream
from wimhf.curate.state import State
from wimhf.data import SHAPED_MARGIN, margin_scale
from wimhf.errors import EstimationError, ExportError
from wimhf.stats import Labels, out_of_fold_leads


@dataclass(frozen=True)
class Margined:
    """Pairs with the lead of A as it will be written, and what is to be known of it."""

    pairs: pl.DataFrame
    notes: tuple[str, ...] = ()


def with_margins(state: State, pairs: pl.DataFrame, way: str) -> Margined:
    """Add the lead of A to curated pairs, where margins are to be shaped by a model.

    Parameters
    ----------
    pairs
        The curated pairs, all of them.
    way
        ``source`` (nothing is done), ``shaped`` or ``shaped:LAMBDA``.

    Raises
    ------
    ExportError
        If there is no such way, or the model cannot be fitted.
    """
    scale = margin_scale(way)
    if scale is None:
        return Margined(pairs)
    labels = Labels.of(pairs)
    rng = stream(state.run.config.seed, Stream.MARGINS)
    try:
        lead = out_of_fold_leads(state.columns[1], labels, rng)
    except EstimationError as error:
        raise ExportError(f"margins cannot be shaped: {error}") from None
    shaped = pl.Series(SHAPED_MARGIN, scale * lead, nan_to_null=True)
    decided = labels.used & (labels.label != 0.5)
    agrees = int(((lead > 0) == (labels.label > 0.5))[decided & (lead != 0)].sum())
    return Margined(pairs.with_columns(shaped), _notes(scale, agrees, int(decided.sum())))


def _notes(scale: float, agrees: int, decided: int) -> tuple[str, ...]:
    return (
        f"margin = {scale:g} x (s(chosen) - s(rejected)) in log odds; s is of a ridge model of "
        "features and controls, fitted to the curated labels",
        "every margin is out of fold: the models that give it saw no pair of the same prompt",
        f"margin is above 0 where the model agrees with the label: in {agrees:,} of {decided:,} "
        f"decided pairs ({100 * agrees / max(decided, 1):.0f} %)",
        "TRL's RewardTrainer reads margin: its loss is -log sigmoid(r(chosen) - r(rejected) - "
        "margin); DPOTrainer does not read it",
    )
