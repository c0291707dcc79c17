"""The pairs that a feature tells apart: without their texts, but for the few that are shown."""

from __future__ import annotations

import polars as pl

from wimhf.run import Run
from wimhf.ui.app.safe_html import PairTexts

WAYS = {
    "Strongest": "where the feature tells the responses apart most, from different prompts first",
    "Random": "drawn at random among all in which it is active",
    "Counter-examples": "where the label goes against the effect, strongest first",
    "Weakest": "where it is only just active: near zero, the direction should be hard to see",
}


class FeaturePair(PairTexts):
    """A pair whose ``more`` has more of a feature; ``code`` says how much, in its own units."""

    pair_id: str
    source_row: int
    code: float


def chosen_pairs(codes: pl.DataFrame, way: str, effect: float | None, seed: int) -> pl.DataFrame:
    """Return a feature's pairs in the order in which one of ``WAYS`` shows them.

    Parameters
    ----------
    codes
        From ``run.feature_codes``.
    effect
        In points; counter-examples are those whose label goes the other way.
    """
    if way == "Strongest":
        first = pl.col("component").is_first_distinct()
        return pl.concat([codes.filter(first), codes.filter(~first)])
    if way == "Random":
        return codes.sample(fraction=1.0, shuffle=True, seed=seed)
    if way == "Counter-examples":
        if not effect:
            return codes.clear()
        return codes.filter(pl.col("more_won") < 0.5 if effect > 0 else pl.col("more_won") > 0.5)
    return codes.sort("code", maintain_order=True)


def with_texts(run: Run, chosen: pl.DataFrame) -> list[FeaturePair]:
    """Return pairs with their texts, oriented so that ``more`` has more of the feature."""
    pairs = run.folder.scan_table("pairs.parquet")
    shown = []
    for code in chosen.iter_rows(named=True):
        pair = pairs.slice(code["pair"], 1).collect().row(0, named=True)
        a, b = pair["response_a"], pair["response_b"]
        more, less = (b, a) if code["more_side"] == "B" else (a, b)
        shown.append(FeaturePair(
            pair_id=pair["pair_id"], source_row=pair["source_row"], code=code["code"],
            prompt=pair["prompt"], turns=pair.get("turns"), more=more, less=less,
            more_won=code["more_won"],
        ))  # fmt: skip
    return shown
