"""Measuring the merged features of a run once: when they are merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import polars as pl

from wimhf.errors import RunError
from wimhf.run.codes import Codes
from wimhf.run.folder import RunFolder
from wimhf.run.merged import Known, measured_merges, with_merges
from wimhf.stats import Measured

MERGED = "merged.json"


@dataclass(frozen=True)
class Merges:
    """The merges in force.

    Attributes
    ----------
    folder
        Where their effects are kept.
    source
        What the effects belong to: features as measured, and their dictionary.
    groups
        Per head the features it counts, its own first.
    poles
        The described pole of every feature.
    pairs, codes, covariates
        Give the pair table with the source's labels, the codes, and length, controls and
        components of every pair.
    """

    folder: RunFolder
    source: str
    groups: Mapping[int, Sequence[int]]
    poles: Mapping[int, int]
    pairs: Callable[[], pl.DataFrame]
    codes: Callable[[], Codes]
    covariates: Callable[[], Measured]

    def applied(self, features: pl.DataFrame) -> pl.DataFrame:
        """Return a feature table with their effects, measured anew where they are not kept."""
        if not self.groups:
            return features
        return with_merges(features, self.poles, self._kept(), self._measured)

    def keep(self) -> None:
        """Measure them and keep that in the run's folder, so that reading is quick."""
        if self.groups:
            kept = self._kept() | self._measured()
            with suppress(RunError):  # where it cannot be kept it is measured again
                self.folder.write_json(MERGED, {"of": self.source, "merges": kept})

    def _measured(self) -> Known:
        covariates = self.covariates()
        return measured_merges(self.groups, self.codes(), self.poles, self.pairs(), covariates)

    def _kept(self) -> Known:
        with suppress(RunError, ValueError, KeyError, TypeError):  # none kept: they are measured
            saved = self.folder.read_json(MERGED)
            if saved["of"] == self.source and isinstance(saved["merges"], dict):
                return cast("Known", saved["merges"])
        return {}
