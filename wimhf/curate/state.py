"""The state of a run that is being curated, read once for every set of edits in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar, cast

import numpy as np
import polars as pl

from wimhf.base import Floats, Ints, Mask, Progress, silent
from wimhf.curate.places import Places
from wimhf.curate.replay import Change, Curated, Replay
from wimhf.curate.rules.facts import Facts
from wimhf.curate.rules.written import rule
from wimhf.data import SourceRows, uncurated
from wimhf.errors import EditError
from wimhf.run import Alert, AuditRow, Edit, Run, alerts_of, audit_rows, effects_by_id
from wimhf.stats import (
    EFFECTS,
    Effects,
    Labels,
    Measured,
    balance,
    effect_sample,
    is_labelled,
    odds_slope,
    state_effects,
    with_q,
)

FOLLOWED = ("rule", "pairs")
Kept = TypeVar("Kept")


class State:
    """What a run's edits come to, and what is needed to say what another would change."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._kept: dict[str, tuple[object, object]] = {}

    def _keep(self, name: str, source: object, make: Callable[[], Kept]) -> Kept:
        """Return what was made of the last source of that name, made anew for another."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != source:
            self._kept[name] = kept = (source, make())
        return cast("Kept", kept[1])

    # -- pairs ---------------------------------------------------------------------------------

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits in force that change pairs."""
        active = self.run.history.active
        return self._keep(
            "edits", self.run.log.version,
            lambda: tuple(edit for edit in active if edit.kind in FOLLOWED),
        )  # fmt: skip

    @property
    def changes(self) -> list[Change]:
        """What they say of pairs."""
        return [Change.of(edit) for edit in self.edits]

    @cached_property
    def places(self) -> Places:
        """Row of every pair id."""
        return Places(self.run.pair_table["pair_id"])

    def rows(self, ids: Sequence[str]) -> list[int]:
        """Return the rows of pairs by their ids.

        Raises
        ------
        EditError
            If there is no such pair, or none was given.
        """
        unknown = [one for one in ids if one not in self.places]
        if unknown or not ids:
            named = ", ".join(unknown[:5]) or "none was given"
            raise EditError(f"there is no such pair in {self.run.path}: {named}; see pair_id")
        return [self.places[one] for one in ids]

    @property
    def _followed(self) -> tuple[int, ...]:
        edits = self.edits
        return self._keep(
            "followed", self.run.log.version,
            lambda: (self.run.log.version[0], *(edit.number for edit in edits)),
        )  # fmt: skip

    @property
    def _replay(self) -> Replay:
        return self._keep(
            "replay", self._followed,
            lambda: Replay(self.run.pair_table, self.places, self.changes),
        )  # fmt: skip

    @property
    def curated(self) -> Curated:
        """The pairs as the edits in force leave them."""
        return self._replay.now

    def after(self, planned: Sequence[Change]) -> Curated:
        """Return the pairs as they would be with more rules."""
        return self._replay.after(planned)

    @cached_property
    def source(self) -> pl.DataFrame:
        """The pairs as the source has them."""
        return uncurated(self.run.pair_table)

    @cached_property
    def source_rows(self) -> SourceRows:
        """Columns of the untouched rows, each read when it is asked for."""
        return SourceRows(self.run.folder.read_table("source.parquet"))

    # -- what rules look at ----------------------------------------------------------------------

    @property
    def facts(self) -> Facts:
        """What conditions look at."""
        return self._keep("facts", self.run.feature_edits, self._read_facts)

    def _read_facts(self) -> Facts:
        run, n = self.run, len(self.run.pair_table)
        suspicion, suspect = np.full(n, np.nan), np.zeros(n, dtype=bool)
        rows = self.suspects["pair"].to_numpy()
        suspicion[rows] = self.suspects["suspicion"].to_numpy()
        suspect[rows] = self.suspects["suspect"].to_numpy()
        return Facts(
            pairs=run.pair_table, read_codes=lambda: run.sparse_codes, features=run.feature_rows,
            poles=run.poles, suspicion=suspicion, suspect=suspect,
            health=run.table("health_pairs.parquet"), places=self.places,
            source=lambda: self.source_rows,
            sides_drawn=bool(run.facts("read")["sides_drawn"]),
        )  # fmt: skip

    @property
    def suspects(self) -> pl.DataFrame:
        """Every judged pair, the most suspicious first."""
        return self.run.table("suspects.parquet")

    @cached_property
    def label_slope(self) -> float:
        """What makes the models' log odds of a label right on average."""
        predicted = self.run.table("predictions.parquet")
        label = self.run.pair_table["label"].cast(pl.Float64).gather(predicted["pair"])
        known = label.is_not_null() & (label != 0.5)
        odds = predicted["dense"].filter(known).to_numpy()
        return odds_slope(odds, label.filter(known).to_numpy())

    def reached(self, planned: Sequence[Change] = ()) -> Mask:
        """Return (n,) True where edits changed a pair, or might have, had its label been another.

        Pairs that people edited one by one count as reached, and no others with them.
        """
        facts = self.facts
        chosen = np.zeros(len(facts.pairs), dtype=bool)
        for change in [*self.changes, *planned]:
            chosen[[self.places[p] for p in change.pair_ids if p in self.places]] = True
            if not change.single:
                try:
                    chosen |= rule(change.rule).when.reach(facts)
                except EditError:  # its feature was muted since, or its column is gone
                    chosen[:] = True
        return chosen

    @cached_property
    def folds(self) -> Ints:
        """(n,) the fold whose models never saw the pair; -1 where none was made of it."""
        predicted = self.run.table("predictions.parquet")
        folds = np.full(len(self.run.pair_table), -1)
        folds[predicted["pair"].to_numpy()] = predicted["fold"].to_numpy()
        return folds

    @cached_property
    def controls(self) -> dict[str, Floats]:
        """Per control its column (n,)."""
        controls = self.run.covariates().controls
        return dict(zip(controls.names, controls.columns.T, strict=True))

    @property
    def descriptions(self) -> dict[int | None, str | None]:
        """Per feature its description, those merged into others and muted ones included."""

        def read() -> dict[int | None, str | None]:
            tables = (self.run.features_as_found, self.run.features)
            rows = [table.select("feature", "description").iter_rows() for table in tables]
            return {number: name for one in rows for number, name in one}

        return self._keep("descriptions", self.run.feature_edits, read)

    # -- what the labels reward ------------------------------------------------------------------

    @property
    def columns(self) -> tuple[list[int], Measured]:
        """The numbers of the features shown, and the pairs with one column for each."""
        return self._keep("columns", self.run.feature_edits, self._read_columns)

    def _read_columns(self) -> tuple[list[int], Measured]:
        shown = [feature for feature in self.run.feature_rows if not feature.muted]
        codes, poles = self.run.sparse_codes, self.run.poles
        columns = codes.shown(poles, [feature.whole for feature in shown])
        return [feature.feature for feature in shown], self.run.covariates(columns)

    @cached_property
    def sample(self) -> Ints:
        """The pairs (rows) from which effects are estimated, as those of the analysis were."""
        pairs, seed = self.run.pair_table, self.run.config.seed
        return effect_sample(pairs["component"].to_numpy(), is_labelled(pairs), seed)

    def effects(self, progress: Progress = silent) -> Effects:
        """Return what the labels reward as they stand now."""
        return self._keep(
            "effects", (self._followed, self.run.feature_edits), lambda: self._measure(progress)
        )

    def _measure(self, progress: Progress) -> Effects:
        numbers, measured = self.columns
        labels = Labels.of(self.curated.pairs)
        if self.edits:
            return state_effects(measured, numbers, labels, self.sample, progress)
        # nothing has changed a label since the analysis
        features = self.run.features.filter(pl.col("feature").is_in(numbers))
        table = with_q(features.select("feature", *EFFECTS))
        length = self.run.preference.get("length", {})
        return Effects(table, length, balance(measured, labels))

    def alerts(self, effects: Effects) -> list[Alert]:
        """Return the alerts that effects give."""
        return alerts_of(self.audit(effects))

    def audit(self, effects: Effects) -> list[AuditRow]:
        """Return what effects say of every concern."""
        features = self.run.features.filter(~pl.col("muted")).drop(*EFFECTS, "q")
        table = features.join(effects.features, on="feature", maintain_order="left")
        found = effects_by_id(table.to_dicts())
        labelled = effects.balance["labelled"]
        return audit_rows(self.run.concepts.counted, found, effects.length, labelled)

    def support(self, labels: Floats) -> Floats:
        """Return the chance (n,) that a label is right, by models that never saw it, or NaN."""
        predicted = self.run.table("predictions.parquet")
        chance = np.full(len(labels), np.nan)
        a_wins = 1 / (1 + np.exp(-predicted["dense"].to_numpy()))
        chance[predicted["pair"].to_numpy()] = a_wins
        right: Floats = labels * chance + (1 - labels) * (1 - chance)
        return right
