"""Weights that act in trainers that read none: as copies, as draws, or as a bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Stream, stream
from wimhf.data.export.target import Target
from wimhf.errors import ExportError

COLUMN, DUPLICATE, RESAMPLE, BAR = "column", "duplicate", "resample", "drop-below"
WAYS: Mapping[str, str] = {
    COLUMN: "a column, which a trainer has to read",
    DUPLICATE: "every pair as many times as it weighs, fractions of a copy by a draw",
    RESAMPLE: "as many pairs as there are, drawn by their weights",
    f"{BAR}:W": "pairs that weigh less than W are left out, all others count once",
}
"""What ``--weights`` takes, and what becomes of a pair."""


MOST = 20
"""Copies that are written of a pair on average, at most."""


@dataclass(frozen=True)
class Weighted:
    """Pairs whose weights have become copies; ``note`` says how well, empty of a column."""

    pairs: pl.DataFrame
    note: str = ""


def weights_act(pairs: pl.DataFrame, way: str, seed: int = 0) -> Weighted:
    """Let weights act by how often a pair is written; one that is not gets weight 0.

    Where all weigh the same, copies and draws would say nothing, and none are made.

    Parameters
    ----------
    pairs
        A pair table; pairs that are not ``kept`` or have no label stay as they are.
    way
        ``column`` (nothing is done), ``duplicate``, ``resample`` or ``drop-below:W``.

    Raises
    ------
    ExportError
        If there is no such way, or W is no weight.
    """
    bar = _bar(way)
    if way == COLUMN:
        return Weighted(pairs)
    counts = pairs["label"].is_not_null()
    if "kept" in pairs.columns:
        counts &= pairs["kept"]
    rows = np.flatnonzero(counts.to_numpy())
    weight = pairs["weight"].cast(pl.Float64).to_numpy()[rows]
    alike = way in (DUPLICATE, RESAMPLE) and len(np.unique(weight)) == 1
    if alike or not weight.any():
        return Weighted(pairs)
    copies = np.ones(len(pairs), dtype=np.int64)
    copies[rows] = _copies(weight, way, bar, stream(seed, Stream.EXPORT))
    if copies.sum() > MOST * len(pairs):
        raise ExportError(
            f"weights={way!r} would write {copies.sum():,} copies of {len(pairs):,} pairs; give "
            f"weights near 1, or take {RESAMPLE}"
        )
    acted = pairs.with_columns(weight=_after(pairs, rows, copies))
    written = np.repeat(np.arange(len(pairs)), np.maximum(copies, 1))
    return Weighted(acted[written], _note(weight, copies[rows], way))


def acting(pairs: pl.DataFrame, target: Target, way: str, seed: int = 0) -> Weighted:
    """Let weights act in a target; see ``weights_act``.

    Raises
    ------
    ExportError
        If the target's weights act already, as it keeps one with every pair.
    """
    if target.zero_weights and way != COLUMN:
        raise ExportError(
            f"{target.name} keeps every pair with its weight; leave weights={way!r} out, or "
            "choose a format for a trainer"
        )
    return weights_act(pairs, way, seed)


def _bar(way: str) -> float:
    name, _, bar = way.partition(":")
    try:
        value = float(bar) if name == BAR else 0.0
    except ValueError:
        value = np.nan
    if (name == BAR and not (0 < value < np.inf)) or (name != BAR and way not in WAYS):
        raise ExportError(f"weights={way!r} is unknown; use {', '.join(WAYS)} (W above 0)")
    return value


def _copies(weight: Floats, way: str, bar: float, rng: np.random.Generator) -> Ints:
    if way == DUPLICATE:
        whole = np.floor(weight)
        more = rng.random(len(weight)) < weight - whole
        return whole.astype(np.int64) + more
    if way == RESAMPLE:
        return rng.multinomial(len(weight), weight / weight.sum()).astype(np.int64)
    return (weight >= bar).astype(np.int64)


def _after(pairs: pl.DataFrame, rows: Ints, copies: Ints) -> pl.Series:
    weight = pairs["weight"].cast(pl.Float64).to_numpy().copy()
    weight[rows] = np.where(copies[rows] > 0, 1.0, 0.0)
    return pl.Series("weight", weight)


def _note(weight: Floats, copies: Ints, way: str) -> str:
    """Say what share the pairs that weigh less than most should have, and have."""
    usual = float(np.median(weight))
    light = weight < usual
    wanted, got = weight[light].sum() / weight.sum(), copies[light].sum() / max(copies.sum(), 1)
    said = f"weights act ({way}): {len(weight):,} pairs became {copies.sum():,}"
    if light.any():
        said += (
            f"; those that weigh less than {usual:g} carry {100 * wanted:.1f} % of the weight and "
            f"are {100 * got:.1f} % of what is written"
        )
    return said
