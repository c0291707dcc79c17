"""Suspects: who is left to decide about, what was decided, and what argues against a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from wimhf.curate.state import State
from wimhf.run import Edit
from wimhf.stats import reasons

REASON_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "control": pl.String(), "against": pl.Float64(),
    "description": pl.String(),
}  # fmt: skip


def decisions_of(edits: Iterable[Edit]) -> dict[str, str]:
    """Return per pair id what was decided about it, the last word counting."""
    decided: dict[str, str] = {}
    for edit in edits:
        if edit.kind in ("pairs", "decision") and edit.decision:
            decided |= dict.fromkeys(edit.pair_ids, edit.decision)
    return decided


def suspects_with(judged: pl.DataFrame, decisions: Mapping[str, str]) -> pl.DataFrame:
    """Return the suspects among the judged pairs: pair_id, suspicion, rank, decision."""
    table = judged.filter("suspect").drop("pair", "suspect")
    decided = [decisions.get(pair_id) for pair_id in table["pair_id"].to_list()]
    return table.with_columns(pl.Series("decision", decided, dtype=pl.String))


def pair_reasons(state: State, row: int) -> pl.DataFrame:
    """Return which features argue against a pair's label (REASON_COLUMNS).

    ``against`` is in log odds, the strongest first; the sum is what features and controls
    together say against the label. Empty where the pair is a tie or unlabelled.
    """
    run = state.run
    fold = int(state.folds[row])
    label = run.pair_table["label"][row]
    if fold < 0 or label is None or label == 0.5:
        return pl.DataFrame(schema=REASON_COLUMNS)
    controls = {name: float(column[row]) for name, column in state.controls.items()}
    weights = run.table("prediction_weights.parquet")
    found = reasons(label, fold, run.sparse_codes.active(row), controls, weights)
    names = state.descriptions
    rows = [(one.feature, one.control, one.against, names.get(one.feature)) for one in found]
    return pl.DataFrame(rows, schema=REASON_COLUMNS, orient="row")
