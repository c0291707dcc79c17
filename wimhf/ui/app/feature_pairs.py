"""The pairs that a feature tells apart: without their texts, but for the few that are shown."""

from __future__ import annotations

import numpy as np
import polars as pl

from wimhf.run import Run
from wimhf.ui.app.run_rows import Row, scan

WAYS = {
    "Strongest": "where the feature tells the responses apart most, from different prompts first",
    "Random": "drawn at random among all in which it is active",
    "Counter-examples": "where the label goes against the effect, strongest first",
    "Weakest": "where it is only just active: near zero, the direction should be hard to see",
}


def feature_codes(run: Run, row: Row) -> pl.DataFrame:
    """Return the pairs in which a feature is active, strongest first, without their texts.

    Parameters
    ----------
    row
        The feature's row.

    Returns
    -------
    DataFrame
        ``pair`` (row of the pair table), ``code`` (positive size), ``more_side``, ``more_won``
        (label of the side with more of the described pole), ``component``.
    """
    codes = run.code(row["feature"])
    pairs = scan(run, "pairs.parquet").select("label", "component").collect()
    labels = pairs[codes["pair"].to_list()]
    a_has_more = pl.col("value") > 0
    return (
        codes.select("pair", "value")
        .hstack(labels)
        .select(
            "pair",
            pl.col("value").abs().alias("code"),
            pl.when(a_has_more).then(pl.lit("A")).otherwise(pl.lit("B")).alias("more_side"),
            pl.when(a_has_more)
            .then("label").otherwise(1 - pl.col("label")).alias("more_won"),
            "component",
        )
        .sort("code", descending=True, maintain_order=True)
    )  # fmt: skip


def chosen_pairs(codes: pl.DataFrame, way: str, effect: float | None, seed: int) -> pl.DataFrame:
    """Return a feature's pairs in the order in which one of ``WAYS`` shows them.

    Parameters
    ----------
    codes
        From ``feature_codes``.
    effect
        In points; counter-examples are those whose label goes the other way.
    """
    if way == "Strongest":
        return pl.concat([
            codes.filter(pl.col("component").is_first_distinct()),
            codes.filter(~pl.col("component").is_first_distinct()),
        ])  # fmt: skip
    if way == "Random":
        return codes.sample(fraction=1.0, shuffle=True, seed=seed)
    if way == "Counter-examples":
        if not effect:
            return codes.clear()
        lost = pl.col("more_won") < 0.5 if effect > 0 else pl.col("more_won") > 0.5
        return codes.filter(lost)
    return codes.sort("code", maintain_order=True)


def with_texts(run: Run, chosen: pl.DataFrame) -> list[Row]:
    """Return pairs with their texts, oriented so that ``more`` has more of the feature."""
    rows = []
    for one in chosen.iter_rows(named=True):
        pair = scan(run, "pairs.parquet").slice(one["pair"], 1).collect().row(0, named=True)
        more, less = pair["response_a"], pair["response_b"]
        if one["more_side"] == "B":
            more, less = less, more
        rows.append({**pair, **one, "more": more, "less": less})
    return rows


def code_rows(codes: pl.DataFrame, bins: int = 30) -> list[Row]:
    """Return how many pairs have which size of code, by what the label says, for a chart."""
    if codes.is_empty():
        return []
    size = codes["code"].to_numpy()
    won = codes["more_won"].to_numpy()
    edges = np.linspace(0, float(size.max()), bins + 1)
    groups = {
        "side with more won": won > 0.5, "side with more lost": won < 0.5,
        "tie or no label": ~((won > 0.5) | (won < 0.5)),
    }  # fmt: skip
    return [
        {"low": float(low), "high": float(high), "pairs": int(count), "label": name}
        for name, mask in groups.items()
        for low, high, count in zip(
            edges[:-1], edges[1:], np.histogram(size[mask], edges)[0], strict=True
        )
        if count
    ]
