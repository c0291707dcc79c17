"""Laws of a run with more labelled pairs than are measured: all of them are judged."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from wimhf.curate import open_curation
from wimhf.curate.suspects import pair_reasons
from wimhf.run import Run
from wimhf.stats import sampling
from wimhf.ui.report import render_report

Analyze = Callable[..., Run]


def test_all_pairs_are_predicted_and_curated_where_a_sample_is_measured(
    analyze_toy: Analyze, toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLE_PAIRS", 200)
    monkeypatch.setattr("wimhf.stats.preference.MODEL_PAIRS", 120)
    run = analyze_toy(toy_file)
    sample = run.preference["sample"]
    labelled = run.preference["n_labelled"]
    assert 200 <= sample["effects"] < labelled
    assert 120 <= sample["models"] < sample["effects"]
    predicted = run.table("predictions.parquet")
    assert predicted["pair"].to_list() == list(range(labelled))
    assert predicted["dense"].is_finite().all()
    said = f"{sample['effects']} of {labelled} labelled pairs"
    assert said in render_report(run).replace(",", "")
    state = open_curation(run, "ann").state
    assert len(state.sample) == sample["effects"]
    label = run.pair_table["label"].to_numpy()
    decided = np.flatnonzero(label != 0.5)
    outside = int(np.setdiff1d(decided, state.sample)[0])
    assert len(state.suspects) == len(decided)
    assert state.folds[outside] >= 0
    told = pair_reasons(state, outside)
    odds = predicted.filter(pl.col("pair") == outside)["features"].item()
    against = -odds if label[outside] > 0.5 else odds
    assert told["against"].sum() == pytest.approx(against, abs=1e-4)
