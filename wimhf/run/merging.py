"""Measuring merged features of a run, once: when they are merged."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

import polars as pl

from wimhf.errors import RunError
from wimhf.run.measured import covariates
from wimhf.run.merged import Known, measured_merges, with_merges
from wimhf.run.overrides import merges

if TYPE_CHECKING:
    from wimhf.run.run import Run

MERGED = "merged.json"


def with_kept_merges(run: Run, features: pl.DataFrame) -> pl.DataFrame:
    """Return a feature table with the effects of its merges, measured anew where not kept."""
    return with_merges(features, run.poles, _kept(run), lambda: _measure(run))


def keep_merges(run: Run) -> None:
    """Measure the merges in force and keep them in the run's folder, so that reading is quick."""
    if merges(run.overrides):
        kept = _kept(run) | _measure(run)
        with suppress(RunError):  # where it cannot be kept it is measured again
            run.folder.write_json(MERGED, {"of": _source(run), "merges": kept})


def _measure(run: Run) -> Known:
    groups = {head: [head, *members] for head, members in merges(run.overrides).items()}
    pairs = run.pair_table
    return measured_merges(groups, run.sparse_codes, run.poles, pairs, covariates(run))


def _kept(run: Run) -> Known:
    with suppress(RunError, ValueError, KeyError, TypeError):  # none kept: they are measured
        saved = run.folder.read_json(MERGED)
        if saved["of"] == _source(run):
            return cast("Known", saved["merges"])
    return {}


def _source(run: Run) -> str:
    """Return what the effects of merges belong to: features as measured, and their dictionary."""
    return run.manifest.sha256("preference", "features.parquet") + run.dictionary
