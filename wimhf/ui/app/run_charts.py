"""Charts of a run: effects, models, labels, lengths, sizes of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import altair as alt
import polars as pl

from wimhf.ui.app.chart_parts import (
    BAR,
    COLOURS,
    MORE_OF_IT,
    WINNING,
    Chart,
    across,
    coloured,
    legend,
    points_tips,
    sized,
    upright,
)
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import chart_name, shortened
from wimhf.ui.words.label_models import ModelRow

PICKED = "picked"
"""Name of the selection of charts whose marks open a feature."""
KINDS = {kind: COLOURS[kind] for kind in ("rewarded", "penalised", "unclear")}
INTERVAL = {"title": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}


def effects(features: Sequence[ShownFeature]) -> Chart:
    """Return effects with intervals, one line per feature, in the order given.

    A click anywhere on a line selects its feature (see ``picked``).
    """
    data = pl.DataFrame({
        "feature": [f.feature for f in features],
        "name": [chart_name(f.title, f.feature, 46) for f in features],
        "effect": [f.effect for f in features],
        "low": [f.effect_low for f in features],
        "high": [f.effect_high for f in features],
        "kind": [f.looks for f in features],
        "full": [f.label for f in features],
    })  # fmt: skip
    axis = alt.Axis(labelLimit=360, labelPadding=8, labelFontSize=12)
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=axis),
        tooltip=[alt.Tooltip("full:N", title=MORE_OF_IT), *points_tips()],
    )
    kinds = alt.Scale(domain=list(KINDS), range=list(KINDS.values()))
    colour = alt.Color("kind:N", scale=kinds, legend=None)
    pick = alt.selection_point(name=PICKED, fields=["feature"], on="click", clear=False)
    bars = base.mark_bar(height=BAR, opacity=0.5, cursor="pointer").encode(
        x=across("effect", data), color=colour
    )
    lines = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    whole = (
        base.mark_bar(height={"band": 1}, opacity=0.001, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(pick)
    )
    return sized(alt.layer(upright(0), bars, lines, whole), 24 * len(features) + 60)


def picked(event: object) -> int | None:
    """Return the feature that was clicked in a chart, from what ``st.altair_chart`` returned."""
    selection = cast("Mapping[str, Any]", event or {}).get("selection", {})
    points = selection.get(PICKED) or []
    return int(points[0]["feature"]) if points and "feature" in points[0] else None


def models(rows: Sequence[ModelRow]) -> Chart:
    """Return the AUCs of models with intervals, one line each."""
    data = pl.DataFrame([(r.title, r.value, r.low, r.high) for r in rows], INTERVAL, orient="row")
    return _intervals(data, "AUC on pairs not seen, 95% interval", 0.5, 0.02)


def subsets(effects: pl.DataFrame) -> Chart:
    """Return a feature's effects within subsets, from ``run_rows.subset_effects``."""
    data = effects.select(
        title=pl.Series([shortened(name, 40) for name in effects["subset"]], dtype=pl.String),
        value="effect", low="effect_low", high="effect_high",
    )  # fmt: skip
    return _intervals(data, WINNING, 0.0, 1.0)


def _intervals(data: pl.DataFrame, title: str, origin: float, finest: float) -> Chart:
    """Return values with intervals, one line each: ``title``, ``value``, ``low``, ``high``."""
    base = alt.Chart(data).encode(
        y=alt.Y("title:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, labelFontSize=12)),
        tooltip=[alt.Tooltip("title:N", title=" ")]
        + [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high")],
    )
    points = base.mark_circle(size=90, color=COLOURS["plain"], opacity=1).encode(
        x=across("value", data, title, origin, finest)
    )
    lines = base.mark_rule(strokeWidth=2, color=COLOURS["plain"]).encode(x="low:Q", x2="high:Q")
    return sized(alt.layer(upright(origin), lines, points), 34 * len(data) + 60)


def labels(counts: pl.DataFrame) -> Chart:
    """Return how many pairs have which label."""
    bars = alt.Chart(counts).mark_bar(color=COLOURS["plain"], height=BAR)
    drawn = bars.encode(
        x=alt.X("pairs:Q", title="pairs"),
        y=alt.Y("label:N", sort=None, title=None),
        tooltip=["label:N", "pairs:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    return sized(drawn, 40 * len(counts) + 60)


def lengths(counts: pl.DataFrame) -> Chart:
    """Return how long preferred and other responses are."""
    sides = {"preferred": COLOURS["rewarded"], "other": COLOURS["unclear"]}
    lines = alt.Chart(counts).mark_line(interpolate="monotone", strokeWidth=2)
    drawn = lines.encode(
        x=alt.X("high:Q", title="characters of a response", scale=alt.Scale(type="log")),
        y=alt.Y("share:Q", title="share of responses", axis=alt.Axis(format="%")),
        color=coloured("response:N", sides, alt.Legend(orient="top")),
        tooltip=["response:N", "low:Q", "high:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    return sized(drawn, 300)


def codes(counts: pl.DataFrame) -> Chart:
    """Return how many pairs have which size of a feature, by what the label says."""
    kinds = ("side with more won", "side with more lost", "tie or no label")
    colours = dict(zip(kinds, KINDS.values(), strict=True))
    size = alt.Axis(format="~g", labelOverlap=True, tickCount=6)
    bars = alt.Chart(counts).mark_bar()
    drawn = bars.encode(
        x=alt.X("low:Q", bin="binned", title="size of the feature", axis=size),
        x2="high:Q",
        y=alt.Y("pairs:Q", title="pairs", stack=True),
        color=coloured("label:N", colours, legend(200)),
        tooltip=["label:N", "pairs:Q"],
    )
    return sized(drawn, 300)
