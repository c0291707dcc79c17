"""The state of a run that is being curated, read once for every set of edits in force."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import polars as pl

from wimhf.base import Floats, Mask, Progress, silent
from wimhf.curate.replay import Replayed, replay
from wimhf.curate.rules.facts import Facts
from wimhf.curate.rules.written import rule
from wimhf.data import uncurated
from wimhf.errors import EditError
from wimhf.run import Edit, Run, curated_measured, run_alerts
from wimhf.stats import (
    EFFECTS,
    Effects,
    Labels,
    Measured,
    balance,
    q_values,
    state_effects,
    with_columns_of,
)

FOLLOWED = ("rule", "pairs")


class State:
    """What a run's edits come to, and what is needed to say what another would change."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._replayed: dict[tuple[int, ...], Replayed] = {}
        self._effects: dict[tuple[int, ...], Effects] = {}
        self._facts: tuple[tuple[int, ...], Facts] | None = None

    @property
    def changes(self) -> tuple[Edit, ...]:
        """The edits in force that change pairs."""
        return tuple(edit for edit in self.run.history.active if edit.kind in FOLLOWED)

    @property
    def replayed(self) -> Replayed:
        """The curated pairs."""
        changes = self.changes
        known = tuple(edit.number for edit in changes)
        if known not in self._replayed:
            self._replayed = {known: replay(self.run.pair_table, changes)}
        return self._replayed[known]

    def replay_nothing(self) -> pl.DataFrame:
        """Return the pairs as the source has them."""
        return uncurated(self.run.pair_table)

    def after(self, more: Iterable[Edit]) -> Replayed:
        """Return the curated pairs as they would be with more edits."""
        return replay(self.run.pair_table, [*self.changes, *more])

    @property
    def facts(self) -> Facts:
        """What conditions look at."""
        owned = tuple(e.number for e in self.run.history.active if e.kind == "feature")
        if self._facts is None or self._facts[0] != owned:
            self._facts = (owned, self._read_facts())
        return self._facts[1]

    def _read_facts(self) -> Facts:
        run, n = self.run, len(self.run.pair_table)
        features = run.features
        judged = self.suspects
        suspicion, suspect = np.full(n, np.nan), np.zeros(n, dtype=bool)
        suspicion[judged["pair"].to_numpy()] = judged["suspicion"].to_numpy()
        suspect[judged["pair"].to_numpy()] = judged["suspect"].to_numpy()
        return Facts(
            pairs=run.pair_table, codes=self.measured.codes, features=features, poles=run.poles,
            suspicion=suspicion, suspect=suspect, health=run.read_table("health_pairs.parquet"),
            source_rows=lambda: run.read_table("source.parquet"),
            sides_drawn=bool(run.facts("read")["sides_drawn"]),
        )  # fmt: skip

    @cached_property
    def suspects(self) -> pl.DataFrame:
        """Every judged pair, the most suspicious first."""
        return self.run.read_table("suspects.parquet")

    @cached_property
    def measured(self) -> Measured:
        """Codes, length, controls and components of every pair."""
        return curated_measured(self.run)

    @property
    def columns(self) -> tuple[list[int], Measured]:
        """The numbers of the features shown, and the pairs with one column for each."""
        facts = self.facts
        shown = facts.features.filter(~pl.col("muted"))["feature"].to_list()
        codes = [facts.code(number) for number in shown]
        stacked = np.column_stack(codes) if codes else np.empty((len(facts.pairs), 0))
        return shown, with_columns_of(self.measured, stacked)

    def reached(self, more: Iterable[Edit] = ()) -> Mask:
        """Return (n,) True where edits changed a pair, or might have, had its label been another.

        Pairs that people edited one by one count as reached, and no others with them.
        """
        facts = self.facts
        chosen = np.zeros(len(facts.pairs), dtype=bool)
        for edit in [*self.changes, *more]:
            rows = [facts.places[p] for p in edit.data["pair_ids"] if p in facts.places]
            chosen[rows] = True
            if edit.kind == "rule":
                try:
                    chosen |= rule(edit.data["rule"]).when.reach(facts)
                except EditError:  # its feature was muted since, or its column is gone
                    chosen[:] = True
        return chosen

    def effects(self, progress: Progress = silent) -> Effects:
        """Return what the labels reward as they stand now."""
        history = self.run.history
        known = tuple(e.number for e in history.active if e.kind in (*FOLLOWED, "feature"))
        if known not in self._effects:
            numbers, measured = self.columns
            labels = Labels.of(self.replayed.pairs)
            if self.changes:
                found = state_effects(measured, numbers, labels, progress)
            else:
                found = self._as_analysed(numbers, measured, labels)
            self._effects = {known: found}
        return self._effects[known]

    def _as_analysed(self, numbers: list[int], measured: Measured, labels: Labels) -> Effects:
        """Take what the analysis measured, where no edit has changed a label since."""
        features = self.run.features.filter(pl.col("feature").is_in(numbers))
        table = features.select("feature", *EFFECTS)
        p = table["p"].cast(pl.Float64).fill_null(np.nan).to_numpy()  # of those that are not muted
        table = table.with_columns(pl.Series("q", q_values(p), nan_to_null=True))
        length = self.run.preference.get("length", {})
        return Effects(table, length, balance(measured, labels))

    def alerts(self, effects: Effects) -> list[dict[str, object]]:
        """Return the alerts that effects give."""
        features = self.run.features.filter(~pl.col("muted")).drop(*EFFECTS, "q")
        table = features.join(effects.features, on="feature", maintain_order="left")
        return run_alerts(self.run, table, effects.length)


def support(state: State, labels: Floats) -> Floats:
    """Return the chance (n,) that a label is right, by models that never saw it; NaN unknown."""
    predicted = state.run.read_table("predictions.parquet")
    chance = np.full(len(labels), np.nan)
    a_wins = 1 / (1 + np.exp(-predicted["dense"].to_numpy()))
    chance[predicted["pair"].to_numpy()] = a_wins
    right: Floats = labels * chance + (1 - labels) * (1 - chance)
    return right
