"""A run: one analysis on disk, and what is read of it again and again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32
from wimhf.concepts import Concept
from wimhf.errors import RunError
from wimhf.run.audit import Alert, AuditRow
from wimhf.run.checks import ConceptChecked, checked_concepts
from wimhf.run.covariates import CONTROLS, covariates
from wimhf.run.feature import Feature, features_of
from wimhf.run.history import History, replayed
from wimhf.run.merging import Merges
from wimhf.run.overrides import Override, merges, overridden, overrides_of, poles_of
from wimhf.run.own_concepts import Learned, bank_of, read_learned
from wimhf.run.saved import SavedRun
from wimhf.run.views import RunPreference, oriented_pairs, shown_alerts, turned_subsets
from wimhf.stats import Measured

FINDINGS = "findings.json"


class Run(SavedRun):
    """One analysis on disk, as people have edited it.

    Open one with ``wimhf.open_run(folder)`` or make one with ``wimhf.analyze(source)``.
    """

    @property
    def bank(self) -> tuple[Concept, ...]:
        """The written concepts: the packaged ones, the settings' and those added to the run."""
        return bank_of(self)

    @property
    def learned_concepts(self) -> list[Learned]:
        """The concepts that were learned from marks and added to the run."""
        return read_learned(self)

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
            self.folder, source, groups, self.poles, lambda: self.pair_table,
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
        return self._derive(
            "rows", self.feature_edits,
            lambda: features_of(self.features, equal_length=self.equal_length),
        )  # fmt: skip

    @property
    def equal_length(self) -> bool:
        """Whether effects are measured with length controlled for."""
        self._require("preference")
        return "length" in (self.folder.read_json("preference.json").get("controls") or [])

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
        whole = self.feature(feature).whole
        if len(whole) == 1:
            return self.code_of(whole[0]).with_columns(pl.col("value") * self.poles[whole[0]])
        code = self.sparse_codes.together(self.poles, whole)
        active = np.flatnonzero(code)
        return pl.DataFrame({"pair": active, "value": code[active]})
