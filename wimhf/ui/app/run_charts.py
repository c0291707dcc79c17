"""Charts of the pages, in colours that read on light and on dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from wimhf.ui.words.figures import shortened

Row = dict[str, Any]
COLOURS = {"rewarded": "#16907c", "punished": "#d0602f", "unclear": "#8b8e95", "plain": "#5b86c0"}
PICKED = "picked"
"""Name of the selection of charts whose marks open a feature."""


def effects(rows: Sequence[Row]) -> Any:
    """Return effects with intervals, one line per feature, in the order given.

    A click anywhere on a line selects its feature (see ``picked``).
    """
    data = pl.DataFrame(
        {
            "feature": [row["feature"] for row in rows],
            "name": [f"{shortened(row['label'], 46)}  [{row['feature']}]" for row in rows],
            "effect": [row["effect"] for row in rows],
            "low": [row["effect_low"] for row in rows],
            "high": [row["effect_high"] for row in rows],
            "kind": [row["kind"] for row in rows],
            "full": [row["label"] for row in rows],
        }
    )
    base = alt.Chart(data).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelLimit=360, labelPadding=8, labelFontSize=12),
        ),
        tooltip=[
            alt.Tooltip("full:N", title="The side with more of it"),
            alt.Tooltip("effect:Q", title="points", format="+.1f"),
            alt.Tooltip("low:Q", title="from", format="+.1f"),
            alt.Tooltip("high:Q", title="to", format="+.1f"),
        ],
    )
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(COLOURS)[:3], range=list(COLOURS.values())[:3]),
        legend=None,
    )
    pick = alt.selection_point(name=PICKED, fields=["feature"], on="click", clear=False)
    bars = base.mark_bar(height={"band": 0.62}, opacity=0.5, cursor="pointer").encode(
        x=alt.X("effect:Q", title="points of win rate, 95% interval"), color=colour
    )
    lines = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q", color=colour)
    whole = (
        base.mark_bar(height={"band": 1}, opacity=0.001, cursor="pointer")
        .encode(x=alt.value(0), x2=alt.value("width"))
        .add_params(pick)
    )
    zero = alt.Chart(pl.DataFrame({"x": [0]})).mark_rule(color="#8b8e95").encode(x="x:Q")
    return alt.layer(zero, bars, lines, whole).properties(height=24 * len(rows) + 60)


def picked(event: Any) -> int | None:
    """Return the feature that was clicked in a chart, from what ``st.altair_chart`` returned."""
    points = (event or {}).get("selection", {}).get(PICKED) or []
    return int(points[0]["feature"]) if points and "feature" in points[0] else None


def intervals(rows: Sequence[Row], title: str, origin: float) -> Any:
    """Return values with intervals, one line each: ``title``, ``value``, ``low``, ``high``."""
    data = pl.DataFrame([{k: row[k] for k in ("title", "value", "low", "high")} for row in rows])
    base = alt.Chart(data).encode(
        y=alt.Y("title:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, labelFontSize=12)),
        tooltip=[alt.Tooltip("title:N", title=" ")]
        + [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high")],
    )
    points = base.mark_circle(size=90, color=COLOURS["plain"], opacity=1).encode(
        x=alt.X("value:Q", title=title, scale=alt.Scale(zero=False))
    )
    lines = base.mark_rule(strokeWidth=2, color=COLOURS["plain"]).encode(x="low:Q", x2="high:Q")
    line = alt.Chart(pl.DataFrame({"x": [origin]})).mark_rule(color="#8b8e95").encode(x="x:Q")
    return alt.layer(line, lines, points).properties(height=34 * len(rows) + 60)


def labels(rows: Sequence[Row]) -> Any:
    """Return how many pairs have which label."""
    return (
        alt.Chart(pl.DataFrame(rows))
        .mark_bar(color=COLOURS["plain"], height={"band": 0.62})
        .encode(
            x=alt.X("pairs:Q", title="pairs"),
            y=alt.Y("label:N", sort=None, title=None),
            tooltip=["label:N", "pairs:Q", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(height=40 * len(rows) + 60)
    )


def lengths(rows: Sequence[Row]) -> Any:
    """Return how long preferred and other responses are."""
    return (
        alt.Chart(pl.DataFrame(rows))
        .mark_line(interpolate="monotone", strokeWidth=2)
        .encode(
            x=alt.X("high:Q", title="characters of a response", scale=alt.Scale(type="log")),
            y=alt.Y("share:Q", title="share of responses", axis=alt.Axis(format="%")),
            color=alt.Color(
                "response:N", title=None,
                scale=alt.Scale(
                    domain=["preferred", "other"],
                    range=[COLOURS["rewarded"], COLOURS["unclear"]],
                ),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["response:N", "low:Q", "high:Q", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(height=300)
    )  # fmt: skip


def codes(rows: Sequence[Row]) -> Any:
    """Return how many pairs have which size of code, by what the label says."""
    names = ["side with more won", "side with more lost", "tie or no label"]
    return (
        alt.Chart(pl.DataFrame(rows))
        .mark_bar()
        .encode(
            x=alt.X(
                "low:Q", bin="binned", title="size of the code",
                axis=alt.Axis(format=".2f", labelOverlap=True),
            ),
            x2="high:Q",
            y=alt.Y("pairs:Q", title="pairs", stack=True),
            color=alt.Color(
                "label:N", title=None, legend=alt.Legend(orient="top", labelLimit=200),
                scale=alt.Scale(domain=names, range=list(COLOURS.values())[:3]),
            ),
            tooltip=["label:N", "pairs:Q"],
        )
        .properties(height=300)
    )  # fmt: skip


def subsets(rows: Sequence[Row]) -> Any:
    """Return a feature's effects within subsets; rows without an effect are left out."""
    known = [
        {
            "title": shortened(row["subset"], 40), "value": row["effect"],
            "low": row["effect_low"], "high": row["effect_high"],
        }
        for row in rows
        if row["effect"] is not None
    ]  # fmt: skip
    return intervals(known, "points of win rate, 95% interval", 0.0) if known else None
