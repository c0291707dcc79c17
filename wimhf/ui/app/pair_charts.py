"""Charts of the pages that look at pairs one by one, and of what edits would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from wimhf.ui.app.pair_rows import Box
from wimhf.ui.app.run_charts import COLOURS
from wimhf.ui.words.figures import shortened

Row = dict[str, Any]
BRUSH = "box"
NAMES = alt.Axis(labelLimit=330, labelFontSize=12, labelOverlap=False)
LABELLED = {
    "A preferred": COLOURS["rewarded"], "B preferred": COLOURS["punished"],
    "tie": COLOURS["plain"], "no label": COLOURS["unclear"],
}  # fmt: skip
ACTIVE = {
    1: ("A has more of it", COLOURS["rewarded"]), -1: ("B has more of it", COLOURS["punished"]),
    0: ("not active", COLOURS["unclear"]),
}  # fmt: skip


def pair_map(points: pl.DataFrame, box: Box | None, *, by_feature: bool) -> Any:
    """Return pairs on the map, coloured by the label or by which response has more of a feature.

    Parameters
    ----------
    points
        From ``pair_tables.map_rows``.
    box
        The part that is chosen now.
    """
    scale = {name: colour for name, colour in ACTIVE.values()} if by_feature else LABELLED
    data = points
    if by_feature:
        told = [ACTIVE[round(value)][0] for value in points["colour"]]
        data = points.with_columns(pl.Series("colour", told, pl.String))
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    marks = (
        alt.Chart(data)
        .mark_circle(size=26, opacity=0.55)
        .encode(
            x=alt.X("x:Q", title=None, axis=axis),
            y=alt.Y("y:Q", title=None, axis=axis),
            color=alt.Color(
                "colour:N", title=None, legend=alt.Legend(orient="top", labelLimit=200),
                scale=alt.Scale(domain=list(scale), range=list(scale.values())),
            ),
            tooltip=["colour:N"],
        )
        .add_params(alt.selection_interval(name=BRUSH))
    )  # fmt: skip
    if box is None:
        return marks.properties(height=380)
    chosen = alt.Chart(
        pl.DataFrame({"x0": [box[0]], "x1": [box[1]], "y0": [box[2]], "y1": [box[3]]})
    ).mark_rect(fillOpacity=0.08, fill="#5b86c0", stroke="#5b86c0", strokeWidth=1.5)
    frame = chosen.encode(x="x0:Q", x2="x1:Q", y="y0:Q", y2="y1:Q")
    return alt.layer(marks, frame).properties(height=380)


def pair_codes(rows: Sequence[Row]) -> Any:
    """Return a pair's features as bars: towards the response that has more of each."""
    names = {
        "more in the preferred response": COLOURS["rewarded"],
        "more in the other one": COLOURS["punished"], "no winner": COLOURS["unclear"],
    }  # fmt: skip
    told = dict(zip(("preferred", "other", "no winner"), names, strict=True))
    data = pl.DataFrame([
        row | {
            "short": f"{shortened(row['name'], 60)}  [{row['feature']}]",
            "won": told[row["rewarded"]],
        }
        for row in rows
    ])  # fmt: skip
    shown = [name for name in names if name in data["won"]]
    return (
        alt.Chart(data)
        .mark_bar(height={"band": 0.62})
        .encode(
            x=alt.X("towards:Q", title="← response B has more · response A has more →"),
            y=alt.Y("short:N", sort=None, title=None, axis=NAMES),
            color=alt.Color(
                "won:N", title=None, legend=alt.Legend(orient="top", labelLimit=240),
                scale=alt.Scale(domain=shown, range=[names[name] for name in shown]),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="The side with more of it"), alt.Tooltip("side:N"),
                alt.Tooltip("size:Q", format=".2f", title="in units of its RMS"),
            ],
        )
        .properties(height=26 * len(rows) + 130)
    )  # fmt: skip


def tried(rows: Sequence[Row]) -> Any:
    """Return the features of a pair that was typed in (see ``wimhf.trying``) as bars."""
    data = pl.DataFrame([
        {
            "name": f"{shortened(row['description'] or 'not described', 44)}  [{row['feature']}]",
            "full": row["description"] or "", "side": f"response {row['more_side']} has more",
            "strength": row["percentile"] * (1 if row["more_side"] == "A" else -1),
            "why": "; ".join(row["because"]),
        }
        for row in rows
    ])  # fmt: skip
    return (
        alt.Chart(data)
        .mark_bar(height={"band": 0.62})
        .encode(
            x=alt.X(
                "strength:Q", title="← response B has more · response A has more →",
                scale=alt.Scale(domain=[-100, 100]), axis=alt.Axis(format=".0f"),
            ),
            y=alt.Y("name:N", sort=None, title=None, axis=NAMES),
            color=alt.Color(
                "side:N", title=None, legend=None,
                scale=alt.Scale(
                    domain=["response A has more", "response B has more"],
                    range=[COLOURS["plain"], COLOURS["punished"]],
                ),
            ),
            tooltip=["full:N", "side:N", alt.Tooltip("why:N", title="because")],
        )
        .properties(height=26 * len(rows) + 80)
    )  # fmt: skip


def moved(rows: Sequence[Row]) -> Any:
    """Return effects before and after edits, with intervals, two marks per feature.

    Parameters
    ----------
    rows
        name, full, when (``before`` or ``after``), effect, low and high.
    """
    colours = {"before": COLOURS["unclear"], "after": COLOURS["plain"]}
    base = alt.Chart(pl.DataFrame(rows)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=NAMES),
        yOffset=alt.YOffset("when:N", sort=["before", "after"]),
        color=alt.Color(
            "when:N", title=None, sort=["before", "after"], legend=alt.Legend(orient="top"),
            scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        ),
        tooltip=[
            alt.Tooltip("full:N", title="The side with more of it"), "when:N",
            alt.Tooltip("effect:Q", title="points", format="+.1f"),
            alt.Tooltip("low:Q", title="from", format="+.1f"),
            alt.Tooltip("high:Q", title="to", format="+.1f"),
        ],
    )  # fmt: skip
    marks = base.mark_circle(size=70, opacity=1).encode(
        x=alt.X("effect:Q", title="points of win rate, 95% interval")
    )
    lines = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    zero = alt.Chart(pl.DataFrame({"x": [0]})).mark_rule(color="#8b8e95").encode(x="x:Q")
    return alt.layer(zero, lines, marks).properties(height=20 * len(rows) + 80)
