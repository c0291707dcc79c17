"""Charts of a comparison: effects of camps side by side, and what a mixture makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import altair as alt
import polars as pl

from wimhf.compare import Comparison, Mixture
from wimhf.ui.app.chart_parts import (
    COLOURS,
    MORE_OF_IT,
    Chart,
    across,
    coloured,
    points_tips,
    sized,
    upright,
)
from wimhf.ui.app.run_charts import PICKED
from wimhf.ui.words.comparison import ComparedRow
from wimhf.ui.words.figures import shortened
from wimhf.ui.words.shift import VERDICTS, Mark

PALETTE = (
    "#5b86c0", "#c9822b", "#16907c", "#a0609f", "#8b8e95", "#d0602f", "#4c9fb5", "#7d8f3b",
    "#b0576f", "#6d6fb8", "#97754f", "#3f7f5f",
)  # fmt: skip
MIXED = "mixed"
DRAWN = {
    "feature": pl.Int64, "name": pl.String, "full": pl.String, "camp": pl.String,
    "effect": pl.Float64, "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip
LINE = 15
"""Pixels that a camp's line takes."""


def camp_colours(comparison: Comparison, mixture: Mixture | None) -> dict[str, str]:
    """Return the colour of every camp, and of their mixture where there is one."""
    names = [camp.name for camp in comparison.camps]
    colours = dict(zip(names, cycle(PALETTE), strict=False))
    return colours | {MIXED: "#d7b13c"} if mixture else colours


def camps_chart(
    comparison: Comparison, rows: Sequence[ComparedRow], mixture: Mixture | None
) -> Chart:
    """Return the effects of every camp with intervals, a band per column; a click picks one."""
    data = _drawn(comparison, rows, mixture)
    colours = camp_colours(comparison, mixture)
    names = list(colours)
    axis = alt.Axis(labelLimit=300, labelFontSize=12, labelPadding=8)
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=axis),
        yOffset=alt.YOffset("camp:N", sort=names),
        tooltip=[alt.Tooltip("full:N", title=MORE_OF_IT), alt.Tooltip("camp:N"), *points_tips()],
    )
    colour = coloured("camp:N", colours, None)
    pick = alt.selection_point(name=PICKED, fields=["feature"], on="click", clear=False)
    lines = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    points = base.mark_circle(size=70, opacity=1, cursor="pointer").encode(
        x=across("effect", data), color=colour
    )
    whole = (
        base.mark_bar(height={"band": 1}, opacity=0.001, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(pick)
    )
    height = (LINE * len(names) + 12) * len(rows) + 60
    return sized(alt.layer(upright(0), lines, points, whole), height)


def shift_chart(marks: Sequence[Mark]) -> Chart:
    """Return observed shifts with intervals against predicted ones, a mark per concept."""
    shown = ("title", "predicted", "observed", "low", "high", "looks")
    data = pl.DataFrame([{name: mark[name] for name in shown} for mark in marks])
    colours = {kind: COLOURS[kind] for kind in VERDICTS}
    base = alt.Chart(data).encode(
        x=alt.X("predicted:Q", title="predicted: effect times prevalence, points"),
        color=coloured("looks:N", colours, None),
        tooltip=[
            alt.Tooltip("title:N", title="More of it"),
            *(alt.Tooltip(f"{name}:Q", format="+.1f") for name in shown[1:5]),
        ],
    )
    lines = base.mark_rule(opacity=0.35).encode(y="low:Q", y2="high:Q")
    dots = base.mark_circle(size=80, opacity=1).encode(
        y=alt.Y("observed:Q", title="observed: points of pairs, 95% interval")
    )
    across = alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(color=COLOURS["unclear"])
    return sized(alt.layer(upright(0), across.encode(y="y:Q"), lines, dots), 420)


def _drawn(
    comparison: Comparison, rows: Sequence[ComparedRow], mixture: Mixture | None
) -> pl.DataFrame:
    mixed = {row["feature"]: row for row in mixture.effects.to_dicts()} if mixture else {}
    drawn = []
    for row in rows:
        cells = [*row.cells, *([mixed[row.number]] if row.number in mixed else [])]
        names = [*(camp.name for camp in comparison.camps), MIXED]
        for name, cell in zip(names, cells, strict=False):
            if cell["effect"] is not None:
                drawn.append({
                    "feature": row.number, "name": shortened(row.title, 40), "full": row.title,
                    "camp": name, "effect": cell["effect"], "low": cell["effect_low"],
                    "high": cell["effect_high"],
                })  # fmt: skip
    return pl.DataFrame(drawn, DRAWN)
