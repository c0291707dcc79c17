"""Suspects: who is left to decide about, what was decided, and what argues against a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from wimhf.curate.state import State
from wimhf.run import Edit
from wimhf.stats import reasons

TINY = 1e-9
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


def suspects_with(
    judged: pl.DataFrame, decisions: Mapping[str, str], slope: float = 1.0
) -> pl.DataFrame:
    """Return the suspects among the judged pairs: pair_id, suspicion, rank, chance, decision.

    Parameters
    ----------
    slope
        From ``stats.odds_slope``: what makes log odds right on average. ``chance`` is how often
        labels of pairs that models doubt as much are the other one, 0 to 1.
    """
    table = judged.filter("suspect").drop("pair", "suspect")
    decided = [decisions.get(pair_id) for pair_id in table["pair_id"].to_list()]
    doubt = table["suspicion"].clip(TINY, 1 - TINY).to_numpy()
    chance = 1 / (1 + (1 / doubt - 1) ** slope)
    return table.with_columns(
        pl.Series("chance", chance, dtype=pl.Float64),
        pl.Series("decision", decided, dtype=pl.String),
    )


def suspect_finding(state: State, row: int, against: pl.DataFrame) -> str:
    """Say what speaks most against a pair's label as a finding; empty where nothing does.

    Parameters
    ----------
    against
        From ``pair_reasons``.
    """
    label = state.run.pair_table["label"][row]
    for one in against.iter_rows(named=True):
        if one["against"] <= 0:
            break
        words, more = _spoken(state, row, one)
        if words and more:
            preferred_has_more = (more > 0) == (label > 0.5)
            do = "penalise" if preferred_has_more else "prefer"
            here = "it was preferred" if preferred_has_more else "the other one was preferred"
            return f"Other labels {do} the response that {words}; here {here}."
    return ""


def _spoken(state: State, row: int, one: Mapping[str, Any]) -> tuple[str, float]:
    """Return what a reason is about, and how much more of it response A has."""
    if one["feature"] is not None and one["description"]:
        known = {number: feature for feature in state.facts.features for number in feature.whole}
        feature = known.get(one["feature"])
        if feature is not None and feature.understood and not feature.muted:
            return str(feature.description), float(state.facts.code(feature.feature)[row])
    if one["control"] == "length" and "length" in state.controls:
        return "is longer", float(state.controls["length"][row])
    return "", 0.0


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
