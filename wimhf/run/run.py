"""A run: one analysis on disk, and what is read of it again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, overload

import numpy as np
import polars as pl
from scipy import sparse

from wimhf.base import Config, Floats, Floats32
from wimhf.concepts import Concept
from wimhf.errors import RunError
from wimhf.run import facts as recorded
from wimhf.run.audit import Alert, AuditRow
from wimhf.run.checks import ConceptChecked, checked_concepts
from wimhf.run.codes import Codes
from wimhf.run.concepts import CONCEPTS, COUNTED, RunConcepts, read_concepts, with_concepts
from wimhf.run.covariates import CONTROLS, covariates
from wimhf.run.feature import Feature, features_of
from wimhf.run.folder import RunFolder
from wimhf.run.history import History, replayed
from wimhf.run.log import EditLog
from wimhf.run.manifest import Manifest, ManifestData, RunLock
from wimhf.run.merging import Merges
from wimhf.run.overrides import Override, merges, overridden, overrides_of, poles_of
from wimhf.run.own_concepts import Learned, bank_of, read_learned
from wimhf.run.views import RunPreference, oriented_pairs, shown_alerts, turned_subsets
from wimhf.stats import Measured

Known = TypeVar("Known")
FINDINGS = "findings.json"


class Run:
    """One analysis on disk.

    Open one with ``wimhf.open_run(folder)`` or make one with ``wimhf.analyze(source)``.

    Attributes
    ----------
    folder, manifest, log
        Its files, what is done, and what people changed.
    lock
        Who writes it.
    """

    def __init__(self, path: Path, data: ManifestData) -> None:
        self.path = path
        self.folder = RunFolder(path)
        self.manifest = Manifest(self.folder, data)
        self.log = EditLog(path)
        self.lock = RunLock(path)
        self._saved: dict[str, object] = {}  # by file
        self._derived: dict[
            str, tuple[object, object]
        ] = {}  # by name, with what it was derived from

    def __repr__(self) -> str:
        done = [name for name in self.manifest.stages if self.manifest.done(name)]
        return f"Run({str(self.path)!r}, done={done})"

    @property
    def config(self) -> Config:
        """The settings the run was made with."""
        return self.manifest.config

    @overload
    def facts(self, stage: Literal["read"]) -> recorded.ReadFacts: ...
    @overload
    def facts(self, stage: Literal["embed"]) -> recorded.EmbedFacts: ...
    @overload
    def facts(self, stage: Literal["dictionary"]) -> recorded.DictionaryFacts: ...
    @overload
    def facts(self, stage: Literal["name"]) -> recorded.NameFacts: ...
    @overload
    def facts(self, stage: Literal["score", "llm", "judge"]) -> recorded.ModelFacts: ...
    @overload
    def facts(self, stage: Literal["suspects"]) -> recorded.SuspectFacts: ...
    def facts(self, stage: str) -> Any:
        """Return what a stage recorded about itself; empty where it has not run."""
        return self.manifest.facts(stage)

    def finish(
        self,
        stage: str,
        input_hash: str,
        outputs: list[str],
        facts: Mapping[str, object],
        cost: Mapping[str, float],
    ) -> None:
        """Record that a stage is done, and forget what was read of its files."""
        self.manifest.finish(stage, input_hash, outputs, facts, cost)
        self._saved.clear()
        self._derived.clear()
        self.__dict__.pop("pair_table", None)

    # -- files, each read once -----------------------------------------------------------------

    @cached_property
    def pair_table(self) -> pl.DataFrame:
        """The accepted pairs, with each pair's component and split."""
        return self.folder.read_table("pairs.parquet")

    @property
    def rejects(self) -> pl.DataFrame:
        """Every row left out: source_row, reason, detail."""
        return self.folder.read_table("rejects.parquet")

    def table(self, name: str) -> pl.DataFrame:
        """Return a table that a stage saved; it is read once."""
        return self._once(name, lambda: self.folder.read_table(name))

    @property
    def concepts(self) -> RunConcepts:
        """The concepts that were counted; none in a run of before there were any."""
        if not self.manifest.done("concepts"):
            return RunConcepts()
        return self._once(CONCEPTS, lambda: read_concepts(self.folder))

    @property
    def bank(self) -> tuple[Concept, ...]:
        """The written concepts: the packaged ones, the settings' and those added to the run."""
        return bank_of(self)

    @property
    def learned_concepts(self) -> list[Learned]:
        """The concepts that were learned from marks and added to the run."""
        return read_learned(self)

    @property
    def concept_numbers(self) -> dict[str, int]:
        """The numbers of the concepts that are features, by their ids."""
        first = self.n_discovered if self.concepts.features else 0
        return {one.concept.id: first + at for at, one in enumerate(self.concepts.features)}

    @property
    def n_discovered(self) -> int:
        """How many features the dictionary has; concepts are numbered from there."""
        return self.facts("dictionary")["shape"][1]

    @property
    def sparse_codes(self) -> Codes:
        """The signed codes of all features (poles not applied), concepts behind discovered ones."""

        def read() -> Codes:
            n, m = self.facts("dictionary")["shape"]
            table = self.folder.read_table("codes.parquet")
            concepts = len(self.concepts.features)
            if concepts:
                table = with_concepts(table, self.folder.read_table(COUNTED), m, concepts)
            return Codes(table, (n, m + concepts))

        return self._once("codes.parquet", read)

    def codes(self) -> Floats32:
        """Return the signed codes (n, m) of all features as one array (poles not applied)."""
        return self.sparse_codes.dense()

    def concept_columns(self) -> tuple[tuple[Concept, ...], sparse.csc_array]:
        """Return the concepts that tell enough pairs apart, and (n, c) their odd values, unscaled.

        Those that are held as controls are among them.
        """
        table = self.folder.read_table(COUNTED)
        return self.concepts.columns(table, len(self.pair_table))

    def discovered_codes(self) -> Floats32:
        """Return the signed codes (n, m) as the dictionary gives them."""
        return Codes(
            self.folder.read_table("codes.parquet"), self.facts("dictionary")["shape"]
        ).dense()

    def _once(self, name: str, read: Callable[[], Known]) -> Known:
        if name not in self._saved:
            self._saved[name] = read()
        return cast("Known", self._saved[name])

    def _derive(self, name: str, source: object, make: Callable[[], Known]) -> Known:
        """Return what is derived from a state of the log, computed once for that state."""
        kept = self._derived.get(name)
        if kept is None or kept[0] != source:
            self._derived[name] = kept = (source, make())
        return cast("Known", kept[1])

    # -- the log -------------------------------------------------------------------------------

    @property
    def history(self) -> History:
        """What the edit log amounts to now."""
        return self._derive("history", self.log.version, lambda: replayed(self.log.edits()))

    @property
    def edited(self) -> tuple[int, ...]:
        """The numbers of the edits in force: what an edited state is known by."""
        return tuple(edit.number for edit in self.history.active)

    @property
    def overrides(self) -> Mapping[int, Override]:
        """What people say of features, by number."""

        def read() -> Mapping[int, Override]:
            return overrides_of(self.history.active, self.dictionary, self.concept_numbers)

        return self._derive("overrides", self.log.version, read)

    @property
    def feature_edits(self) -> tuple[int, ...]:
        """What the edits in force that speak of features are known by: which log, which numbers."""

        def numbers() -> tuple[int, ...]:
            own = (edit.number for edit in self.history.active if edit.kind == "feature")
            return (self.log.version[0], *own)

        return self._derive("feature edits", self.log.version, numbers)

    @property
    def dictionary(self) -> str:
        """The hash of the dictionary: what numbers of features belong to."""
        return self.manifest.sha256("dictionary", "dictionary.safetensors")[:16]

    # -- features ------------------------------------------------------------------------------

    @property
    def features_as_found(self) -> pl.DataFrame:
        """One row per feature as the analysis left it, whatever people said of it since."""
        self._require("preference")
        return self.table("features.parquet")

    @property
    def features(self) -> pl.DataFrame:
        """One row per feature: description, fidelity, prevalence, effect, intervals.

        Signs are in the described pole: a positive effect rewards what the description says.
        Names, mutes, merges and the like are people's, where they have edited the run.
        """
        self._require("preference")
        return self._derive("features", self.feature_edits, self._overridden)

    def _overridden(self) -> pl.DataFrame:
        return self.merges.applied(overridden(self.features_as_found, self.overrides))

    @property
    def merges(self) -> Merges:
        """The merges in force, with what measures them."""
        source = self.manifest.sha256("preference", "features.parquet") + self.dictionary
        groups = {head: [head, *members] for head, members in merges(self.overrides).items()}
        return Merges(
            self.folder, source, groups, self.poles, self.pair_table,
            lambda: self.sparse_codes, self.covariates,
        )  # fmt: skip

    def covariates(self, codes: Floats | Floats32 | None = None) -> Measured:
        """Return length, controls and the like of every pair.

        Parameters
        ----------
        codes
            (n, m) columns whose effects are to be measured; none by default.
        """
        return covariates(self.table(CONTROLS), self.pair_table, self.facts("read"), codes)

    @property
    def feature_rows(self) -> tuple[Feature, ...]:
        """The rows of ``features``."""
        return self._derive("rows", self.feature_edits, lambda: features_of(self.features))

    def feature(self, number: int | str) -> Feature:
        """Return a feature by its number or id; one merged into another is not among them.

        Raises
        ------
        RunError
            If there is none.
        """
        for feature in self.feature_rows:
            if number in (feature.feature, feature.id):
                return feature
        raise RunError(f"feature {number!r} is not among the run's {len(self.features)}")

    @property
    def poles(self) -> dict[int, int]:
        """The pole in which every feature counts, merged ones included."""
        return self._derive(
            "poles", self.feature_edits, lambda: poles_of(self.features_as_found, self.overrides)
        )

    @property
    def subset_effects(self) -> pl.DataFrame:
        """Effects within subsets, with all signs in the described pole."""
        return turned_subsets(self.table("subset_effects.parquet"), self.features)

    @property
    def preference(self) -> RunPreference:
        """AUCs and baselines with intervals, counts of labels, controls, alerts."""
        self._require("preference")
        summary: RunPreference = self._once(
            "preference.json", lambda: self.folder.read_json("preference.json")
        )
        alerts: list[Alert] = shown_alerts(summary.get("alerts", []), self.feature_rows)
        return summary | {"alerts": alerts}

    @property
    def audit(self) -> list[AuditRow]:
        """What the labels do with every concern, as the analysis found it.

        Raises
        ------
        RunError
            If the run was made before there was an audit.
        """
        if not self.concepts.counted:
            raise RunError(
                f"{self.path} was made before concepts were counted; run the same `wimhf analyze` "
                "again"
            )
        self._require("preference")
        rows: list[AuditRow] = self._once(FINDINGS, lambda: self.folder.read_json(FINDINGS))[
            "audit"
        ]
        return rows

    @property
    def checks(self) -> dict[str, ConceptChecked]:
        """How right the concepts are that somebody checked, by their ids: see ``curate.checks``."""
        return checked_concepts(self)

    def _require(self, stage: str) -> None:
        if not self.manifest.done(stage):
            raise RunError(
                f"{self.path}: the analysis has not come that far (stage {stage} is not done); "
                "run the same `wimhf analyze` again to finish it"
            )

    # -- pairs ---------------------------------------------------------------------------------

    def pairs(self, feature: int | str | None = None, limit: int | None = None) -> pl.DataFrame:
        """Return pairs, or those in which a feature is active, strongest first.

        Parameters
        ----------
        feature
            A feature's number or id. The result then has ``more`` and ``less`` (the responses with
            more and less of the described pole), ``more_side``, ``code`` (positive size) and
            ``more_won`` (the label of the side with more: 1 won, 0 lost, .5 tie).
        limit
            At most this many rows.
        """
        if feature is None:
            return self.pair_table.head(limit) if limit is not None else self.pair_table
        return oriented_pairs(self.pair_table, self.code(feature), limit)

    def code(self, feature: int | str) -> pl.DataFrame:
        """Return a feature's code as pair (row) and value, in its described pole.

        Of a feature that others are merged into it is that of all together; zeros are left out.
        """
        code = self.sparse_codes.together(self.poles, self.feature(feature).whole)
        active = np.flatnonzero(code)
        return pl.DataFrame({"pair": active, "value": code[active]})
