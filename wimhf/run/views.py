"""A run's tables as they are shown: turned, oriented, with what people said of features."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from wimhf.run.audit import Alert, sized
from wimhf.run.feature import Feature
from wimhf.stats import PreferenceSummary, turned


class RunPreference(PreferenceSummary, total=False):
    """What preference.json holds, with the alerts of features that nobody muted."""

    alerts: list[Alert]


def shown_alerts(alerts: Iterable[Alert], features: Iterable[Feature]) -> list[Alert]:
    """Return alerts under the features that are shown, the largest first, without muted ones.

    They say an effect as sentences do: without the winner's curse, where that is known.
    """
    rows = tuple(features)
    known = {one.feature: one for one in rows if one.shrunk is not None}
    heads: dict[int | None, int | None] = {None: None}
    for feature in rows:
        if not feature.muted:
            heads |= dict.fromkeys(feature.whole, feature.feature)
    shown: list[Alert] = []
    for alert in alerts:
        if alert["feature"] not in heads:
            continue
        one: Alert = {**alert, "feature": heads[alert["feature"]]}
        if alert["feature"] in known:
            size, low, high = sized(*known[alert["feature"]].said)
            one = {**one, "effect": size, "low": low, "high": high}
        shown.append(one)
    return sorted(shown, key=lambda alert: -alert.get("effect", 0.0))


def turned_subsets(effects: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Return effects within subsets of features that stand alone, in the poles people chose."""
    alone = features.filter(pl.col("members").list.len() == 0)
    flipped = alone.filter("flipped")["feature"]
    kept = effects.filter(pl.col("feature").is_in(alone["feature"].implode()))
    return turned(kept, pl.col("feature").is_in(flipped.implode()))


def oriented_pairs(pairs: pl.DataFrame, code: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """Return the pairs in which a feature is active, strongest first; see ``Run.pairs``.

    Parameters
    ----------
    code
        pair (row) and value, where it is not 0.
    """
    a_has_more = pl.col("value") > 0

    def by_side(a: str | pl.Expr, b: str | pl.Expr) -> pl.Expr:
        return pl.when(a_has_more).then(a).otherwise(b)

    strongest = code.sort(pl.col("value").abs(), descending=True, maintain_order=True)
    strongest = strongest.head(limit or len(code)).select("pair", "value")
    oriented = strongest.hstack(pairs[strongest["pair"].to_list()]).with_columns(
        by_side("response_a", "response_b").alias("more"),
        by_side("response_b", "response_a").alias("less"),
        by_side(pl.lit("A"), pl.lit("B")).alias("more_side"),
        by_side("label", 1 - pl.col("label")).alias("more_won"),
        pl.col("value").abs().alias("code"),
    )
    first: Sequence[str] = ("pair_id", "prompt", "more", "less", "more_side", "code", "more_won")
    rest = [c for c in pairs.columns if c not in (*first, "response_a", "response_b")]
    return oriented.select(*first, *rest)
