"""Differences of a run's pairs, from its saved vectors."""

from __future__ import annotations

from wimhf.base import Floats32
from wimhf.learn import Differences, difference
from wimhf.run.run import Run


def difference_of(run: Run) -> Differences:
    """Return every pair's difference (n, d) from what the embed stage saved."""
    rows = run.folder.read_table("pair_texts.parquet")
    fit = (run.pair_table["split"] == "fit").to_numpy()
    return difference(
        run.folder.read_array("embeddings.npy"),
        rows["text_a"].to_numpy(),
        rows["text_b"].to_numpy(),
        fit,
    )


def differences(run: Run) -> Floats32:
    """Return every pair's difference (n, d)."""
    return difference_of(run).values
