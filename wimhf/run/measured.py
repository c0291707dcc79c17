"""What is known of every pair of a run before its labels are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wimhf.base import Floats, Floats32, PreferenceConfig
from wimhf.data import control_columns, length_difference, odd_column
from wimhf.run.vectors import differences
from wimhf.stats import Controls, Measured, Subsets

if TYPE_CHECKING:
    from wimhf.run.run import Run

CONTROLS = "controls.parquet"
LENGTH = "length difference"


def measured_pairs(run: Run, config: PreferenceConfig) -> Measured:
    """Return codes, differences, length, controls and the like of every pair, counted anew."""
    pairs, rows = run.pair_table, run.folder.read_table("source.parquet")
    controls = control_columns(pairs, rows, config.controls)
    if "length" in controls.names:
        length = controls.columns[:, controls.names.index("length")]
    else:
        length = length_difference(pairs["response_a"].to_list(), pairs["response_b"].to_list())
    return Measured(
        codes=run.codes(),
        differences=differences(run),
        length=length,
        controls=controls,
        scores=_scores(run, config, rows),
        component=pairs["component"].to_numpy(),
        listed_first=listed_first(run),
        subsets=saved_subsets(run),
    )


def _scores(run: Run, config: PreferenceConfig, rows: pl.DataFrame) -> dict[str, Floats]:
    """Return the scores that others gave: a column of the source, a reward model."""
    scores: dict[str, Floats] = {}
    if config.score_column:
        scores["score"] = odd_column(run.pair_table, rows, config.score_column)[0]
    if run.facts("score")["model"] is not None:
        table = run.folder.read_table("rewards.parquet")
        lead = table["score_a"].cast(pl.Float64) - table["score_b"].cast(pl.Float64)
        scores["reward model"] = lead.to_numpy()
    return scores


def saved_controls(run: Run, measured: Measured) -> str:
    """Save length and controls, which take a while to count anew; return the file's name."""
    columns = {LENGTH: measured.length}
    columns |= dict(zip(measured.controls.names, measured.controls.columns.T, strict=True))
    return run.folder.write_table(CONTROLS, pl.DataFrame(columns))


def covariates(run: Run, codes: Floats | Floats32 | None = None) -> Measured:
    """Return length, controls and the like of every pair, as the preference stage saved them.

    Parameters
    ----------
    codes
        (n, m) columns whose effects are to be measured; none by default.
    """
    table = run.table(CONTROLS)
    names = [name for name in table.columns if name != LENGTH]
    columns = table.select(names).to_numpy() if names else np.empty((len(table), 0))
    pairs = run.pair_table
    nothing = np.empty((len(pairs), 0), np.float32)
    return Measured(
        codes=nothing if codes is None else codes.astype(np.float32),
        differences=nothing,
        length=table[LENGTH].to_numpy(),
        controls=Controls(names, columns.astype(np.float64)),
        scores={},
        component=pairs["component"].to_numpy(),
        listed_first=listed_first(run),
    )


def listed_first(run: Run) -> NDArray[np.int8] | None:
    """Return (n,) 1 where A is the source's first response, -1 where B is, 0 where order is drawn.

    None where it is drawn for every pair.
    """
    pairs, facts = run.pair_table, run.facts("read")
    first = np.where(pairs["swapped"].to_numpy(), -1, 1).astype(np.int8)
    drawn = facts.get("drawn_parts") or []
    if "source" in pairs.columns and drawn:
        first[pairs["source"].is_in(drawn).to_numpy()] = 0
    elif facts["sides_drawn"]:
        return None
    return first if first.any() else None


def saved_subsets(run: Run) -> Subsets:
    """Return the subsets that the stage saved."""
    member = run.folder.read_table("subsets.parquet")["subset"].to_numpy()
    return Subsets(member=member, **run.folder.read_json("subsets.json"))
