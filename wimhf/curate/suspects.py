"""Suspects: who is left to decide about, what was decided, and what argues against a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from wimhf.curate.rules.facts import Facts
from wimhf.curate.state import State
from wimhf.curate.steps import Steps
from wimhf.errors import EditError
from wimhf.run import Edit, Run
from wimhf.stats import reasons

REASON_COLUMNS: dict[str, pl.DataType] = {
    "feature": pl.Int64(), "control": pl.String(), "against": pl.Float64(),
    "description": pl.String(),
}  # fmt: skip


def decisions_of(edits: Iterable[Edit]) -> dict[str, str]:
    """Return per pair id what was decided about it, the last word counting."""
    decided: dict[str, str] = {}
    for edit in edits:
        if edit.kind in ("pairs", "decision") and edit.data.get("decision"):
            decided |= dict.fromkeys(edit.data["pair_ids"], edit.data["decision"])
    return decided


def suspects_with(judged: pl.DataFrame, decisions: Mapping[str, str]) -> pl.DataFrame:
    """Return the suspects among the judged pairs: pair_id, suspicion, rank, decision."""
    table = judged.filter("suspect").drop("pair", "suspect")
    told = [decisions.get(pair_id) for pair_id in table["pair_id"].to_list()]
    return table.with_columns(pl.Series("decision", told, dtype=pl.String))


def pair_reasons(state: State, row: int) -> pl.DataFrame:
    """Return which features argue against a pair's label (REASON_COLUMNS).

    ``against`` is in log odds, the strongest first; the sum is what features and controls
    together say against the label. Empty where the pair is a tie or unlabelled.
    """
    run = state.run
    predicted = run.read_table("predictions.parquet").filter(pl.col("pair") == row)
    label = run.pair_table["label"][row]
    if predicted.is_empty() or label is None or label == 0.5:
        return pl.DataFrame(schema=REASON_COLUMNS)
    measured = state.measured
    controls = dict(zip(measured.controls.names, measured.controls.columns[row], strict=True))
    weights = run.read_table("prediction_weights.parquet")
    found = reasons(label, int(predicted["fold"][0]), measured.codes[row], controls, weights)
    names = dict(run.features_as_found.select("feature", "description").iter_rows())
    names |= dict(run.features.select("feature", "description").iter_rows())
    rows = [one | {"description": names.get(one["feature"])} for one in found]
    return pl.DataFrame(rows, schema=REASON_COLUMNS)


class Deciding(Steps):
    """What can be asked and decided about the pairs of a run."""

    def __init__(self, run: Run, who: str | None = None) -> None:
        super().__init__(run, who)
        self.state = State(run)

    @property
    def facts(self) -> Facts:
        """What the conditions of rules look at."""
        return self.state.facts

    def rows(self, ids: list[str]) -> list[int]:
        """Return the rows of pairs by their ids.

        Raises
        ------
        EditError
            If there is no such pair, or none was given.
        """
        places = self.facts.places
        unknown = [one for one in ids if one not in places]
        if unknown or not ids:
            told = ", ".join(unknown[:5]) or "none was given"
            raise EditError(f"there is no such pair in {self.run.path}: {told}; see pair_id")
        return [places[one] for one in ids]

    def suspects(self, *, decided: bool = False) -> pl.DataFrame:
        """Return the suspects, the most suspicious first: pair_id, suspicion, rank, decision.

        Parameters
        ----------
        decided
            Also those about which somebody has decided.
        """
        table = suspects_with(self.state.suspects, self.decisions)
        return table if decided else table.filter(pl.col("decision").is_null())

    @property
    def decisions(self) -> dict[str, str]:
        """Per pair id what was decided about it, where anything was."""
        return decisions_of(self.run.history.active)

    def dismiss(self, pair_ids: str | Iterable[str], why: str = "") -> Edit:
        """Decide that suspects are right as they are; they are not shown again."""
        ids = [pair_ids] if isinstance(pair_ids, str) else list(pair_ids)
        self.rows(ids)
        data = {"pair_ids": ids, "decision": "dismissed"}
        return self.run.edits.append("decision", data, who=self.who, why=why)

    def reasons(self, pair_id: str) -> pl.DataFrame:
        """Return which features argue against a pair's label, and by how much (log odds)."""
        (row,) = self.rows([pair_id])
        return pair_reasons(self.state, row)
