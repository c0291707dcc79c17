"""Differences of a run's pairs, from its saved vectors."""

from __future__ import annotations

import numpy as np

from wimhf.base import Floats32, Ints
from wimhf.learn import Dictionary, Differences, difference, pair_differences
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


def dictionary_of(run: Run) -> Dictionary:
    """Return what a run learned, of whatever kind.

    Raises
    ------
    RunError
        If its files are damaged, or of a kind that this version does not know.
    """
    from wimhf.learn import load_kind  # torch comes with it

    kind = run.folder.read_json("dictionary.json")["kind"]
    return load_kind(kind, run.folder.read_tensors("dictionary.safetensors"))


def differences(run: Run) -> Floats32:
    """Return every pair's difference (n, d)."""
    return difference_of(run).values


def differences_of_rows(run: Run, pairs: Ints) -> Floats32:
    """Return some pairs' differences (k, d), once the dictionary is there; the rest is not read."""
    rows = run.table("pair_texts.parquet")
    values = pair_differences(
        run.folder.read_array("embeddings.npy"),
        rows["text_a"].to_numpy()[pairs],
        rows["text_b"].to_numpy()[pairs],
    )
    values /= np.float32(run.folder.read_json("dictionary.json")["scale"])
    return values
