"""How labels, lengths and sizes of codes are distributed over a run's pairs."""

from __future__ import annotations

import numpy as np
import polars as pl

from wimhf.run.run import Run
from wimhf.stats import binned


def label_counts(run: Run, pairs: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return how many pairs have which label: label, pairs, share; those no pair has left out.

    Where sides were drawn by a hash, A and B mean nothing and are counted together.

    Parameters
    ----------
    pairs
        With a column ``label``; the source's by default.
    """
    label = pl.col("label")
    graded = {
        "A": label.is_between(0.5, 1, closed="none"), "B": label.is_between(0, 0.5, closed="none")
    }  # fmt: skip
    if run.facts("read")["sides_drawn"]:
        kinds = {
            "one preferred": (label == 1) | (label == 0), "tie": label == 0.5,
            "graded": graded["A"] | graded["B"],
        }  # fmt: skip
    else:
        kinds = {
            "A preferred": label == 1, "B preferred": label == 0, "tie": label == 0.5,
            **{f"graded towards {side}": towards for side, towards in graded.items()},
        }  # fmt: skip
    kinds["no label"] = label.is_null()
    table = run.folder.scan_table("pairs.parquet") if pairs is None else pairs.lazy()
    counts = table.select(
        *(kind.fill_null(name == "no label").sum().alias(name) for name, kind in kinds.items())
    )
    return _shared_out(counts.collect().row(0, named=True))


def _shared_out(pairs: dict[str, int]) -> pl.DataFrame:
    total = sum(pairs.values())
    rows = [(name, count, count / total) for name, count in pairs.items() if count]
    return pl.DataFrame(rows, schema=["label", "pairs", "share"], orient="row")


def length_counts(run: Run, bins: int = 24, pairs: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return how long preferred and other responses are, in characters.

    Bins are even in the logarithm; pairs without a decided label are left out.

    Parameters
    ----------
    pairs
        With responses and ``label``; the source's by default.

    Returns
    -------
    DataFrame
        response (preferred, other), low, high, pairs, and share of the responses of that kind;
        empty where no label is decided.
    """
    table = run.folder.scan_table("pairs.parquet") if pairs is None else pairs.lazy()
    lengths = (
        table.filter(pl.col("label").is_not_null() & (pl.col("label") != 0.5))
        .select(
            a=pl.col("response_a").str.len_chars(), b=pl.col("response_b").str.len_chars(),
            first=pl.col("label") > 0.5,
        )
        .collect()
    )  # fmt: skip
    if lengths.is_empty():
        return pl.DataFrame()
    a, b, first = (lengths[name].to_numpy() for name in ("a", "b", "first"))
    longest = max(int(a.max()), int(b.max()), 10)
    edges = np.unique(np.geomspace(1, longest + 1, bins + 1).round().astype(int))
    sides = {"preferred": np.where(first, a, b), "other": np.where(first, b, a)}
    counts = binned({name: np.maximum(side, 1) for name, side in sides.items()}, edges)
    return counts.rename({"group": "response", "count": "pairs"})


def feature_codes(run: Run, number: int) -> pl.DataFrame:
    """Return the pairs in which a feature is active, strongest first, without their texts.

    Returns
    -------
    DataFrame
        ``pair`` (row of the pair table), ``code`` (positive size), ``more_side``, ``more_won``
        (label of the side with more of the described pole), ``component``.
    """
    return oriented_codes(run, run.code(number))


def oriented_codes(run: Run, codes: pl.DataFrame) -> pl.DataFrame:
    """Return what ``feature_codes`` does of codes that need not be the run's own.

    Parameters
    ----------
    codes
        ``pair`` and ``value``, zeros left out.
    """
    pairs = run.folder.scan_table("pairs.parquet").select("label", "component").collect()
    labels = pairs[codes["pair"].to_list()]
    a_has_more = pl.when(pl.col("value") > 0)
    return (
        codes.select("pair", "value")
        .hstack(labels)
        .select(
            "pair",
            pl.col("value").abs().alias("code"),
            a_has_more.then(pl.lit("A")).otherwise(pl.lit("B")).alias("more_side"),
            a_has_more.then("label").otherwise(1 - pl.col("label")).alias("more_won"),
            "component",
        )
        .sort("code", descending=True, maintain_order=True)
    )


def code_counts(codes: pl.DataFrame, bins: int = 30) -> pl.DataFrame:
    """Return how many pairs have which size of code, by what the label says of them.

    Parameters
    ----------
    codes
        From ``feature_codes``.

    Returns
    -------
    DataFrame
        low, high, pairs and label, bins without pairs left out.
    """
    if codes.is_empty():
        return pl.DataFrame()
    size, won = codes["code"].to_numpy(), codes["more_won"].to_numpy()
    groups = {
        "side with more won": size[won > 0.5], "side with more lost": size[won < 0.5],
        "tie or no label": size[~((won > 0.5) | (won < 0.5))],
    }  # fmt: skip
    counts = binned(groups, np.linspace(0, float(size.max()), bins + 1))
    return counts.filter(pl.col("count") > 0).select("low", "high", pairs="count", label="group")
