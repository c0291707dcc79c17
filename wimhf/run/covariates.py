"""Length, controls and the like of every pair, as the preference stage saved them."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats, Floats32
from wimhf.run.facts import ReadFacts
from wimhf.stats import Controls, Measured

CONTROLS = "controls.parquet"
LENGTH = "length difference"


def control_table(measured: Measured) -> pl.DataFrame:
    """Return length and controls as they are saved: they take a while to count anew."""
    columns = {LENGTH: measured.length}
    columns |= dict(zip(measured.controls.names, measured.controls.columns.T, strict=True))
    return pl.DataFrame(columns)


def covariates(
    saved: pl.DataFrame, pairs: pl.DataFrame, read: ReadFacts, codes: Floats | Floats32 | None
) -> Measured:
    """Return what is known of every pair but how its responses differ.

    Parameters
    ----------
    saved
        ``control_table``.
    read
        How the source was read.
    codes
        (n, m) columns whose effects are to be measured; None for none.
    """
    names = [name for name in saved.columns if name != LENGTH]
    columns = saved.select(names).to_numpy() if names else np.empty((len(saved), 0))
    nothing = np.empty((len(pairs), 0), np.float32)
    return Measured(
        codes=nothing if codes is None else np.asarray(codes, dtype=np.float32),
        differences=nothing,
        length=saved[LENGTH].to_numpy(),
        controls=Controls(names, columns.astype(np.float64)),
        scores={},
        component=pairs["component"].to_numpy(),
        listed_first=listed_first(pairs, read),
    )


def listed_first(pairs: pl.DataFrame, read: ReadFacts) -> NDArray[np.int8] | None:
    """Return (n,) 1 where A is the source's first response, -1 where B is, 0 where order is drawn.

    None where it is drawn for every pair.
    """
    first = np.where(pairs["swapped"].to_numpy(), -1, 1).astype(np.int8)
    drawn = read.get("drawn_parts") or []
    if "source" in pairs.columns and drawn:
        first[pairs["source"].is_in(drawn).to_numpy()] = 0
    elif read["sides_drawn"]:
        return None
    return first if first.any() else None
