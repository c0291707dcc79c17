"""Planted truth: what was put into a data set, and which features found it."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32
from wimhf.errors import InputError
from wimhf.stats import turned


@dataclass(frozen=True)
class Truth:
    """Planted traits of every source row.

    Attributes
    ----------
    names
        (t,) traits.
    weights
        (t,) mean log odds that a trait adds to its side.
    traits
        (rows, t) trait in the first response minus trait in the second: -1, 0 or 1.
    """

    names: list[str]
    weights: Floats
    traits: Floats


def demo_folder() -> Path:
    """Return where the demo data lie: in the installed package, or in the checkout.

    Raises
    ------
    InputError
        If they lie in neither.
    """
    package = Path(str(files("wimhf")))
    for folder in (package / "demo", package.parent / "data"):
        if (folder / "demo.jsonl.gz").is_file():
            return folder
    raise InputError("the demo data are missing; run `python data/generate.py` in the checkout")


def read_truth(folder: Path) -> Truth:
    """Read truth.json and truth.jsonl.gz of a planted data set.

    Raises
    ------
    InputError
        If one of them is missing or not what the generator writes.
    """
    try:
        card = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        with gzip.open(folder / "truth.jsonl.gz", "rt", encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream]
        names = [trait["name"] for trait in card["traits"]]
        weights = np.array([trait["mean_weight"] for trait in card["traits"]], dtype=np.float64)
        traits = np.array(
            [
                [float(name in row["traits_a"]) - float(name in row["traits_b"]) for name in names]
                for row in rows
            ]
        )
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{folder} holds no planted truth ({error})") from None
    return Truth(names, weights, traits)


def match_features(
    truth: Truth, codes: Floats | Floats32, features: pl.DataFrame, rows: Floats
) -> pl.DataFrame:
    """Match every planted trait with one feature, so that the sum of |correlation| is largest.

    Parameters
    ----------
    codes
        (n, m) signed codes.
    features
        The run's feature table (described poles).
    rows
        (n,) source row of each pair.

    Returns
    -------
    pl.DataFrame
        trait, weight, feature, correlation (uncentred, with the pole turned so that it is
        positive), description, understood, effect and its interval in that pole, q.
    """
    from scipy.optimize import linear_sum_assignment

    traits = truth.traits[rows.astype(int)]
    raw = codes.T @ traits
    size = np.sqrt(np.outer(np.square(codes).sum(axis=0), np.square(traits).sum(axis=0)))
    related = np.divide(raw, size, out=np.zeros_like(raw), where=size > 0)
    matched, trait = linear_sum_assignment(-np.abs(related))
    traits_found = pl.DataFrame(
        {
            "trait": [truth.names[t] for t in trait],
            "weight": [float(truth.weights[t]) for t in trait],
            "feature": matched,
            "related": related[matched, trait],
            "order": trait,
        }
    )
    table = traits_found.join(features, on="feature").sort("order")
    # effects speak of the described pole; turn them to the planted trait's
    table = turned(table, pl.col("related") * pl.col("pole") < 0)
    return table.select(
        "trait", "weight", "feature", pl.col("related").abs().alias("correlation"), "description",
        "understood", "effect", "effect_low", "effect_high", "q",
    )  # fmt: skip
