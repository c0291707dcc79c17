"""What charts share: colours that read on light and on dark ground, axes, legends, lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import altair as alt
import polars as pl

from wimhf.ui.words.scale import round_scale

Chart = alt.Chart | alt.LayerChart | alt.FacetChart
COLOURS = {"rewarded": "#16907c", "penalised": "#d0602f", "unclear": "#8b8e95", "plain": "#5b86c0"}
BAR = {"band": 0.62}
WINNING = "points of win rate, 95% interval"
MORE_OF_IT = "The side with more of it"


def names(field: str = "name:N", limit: int = 330) -> alt.Y:
    """Return an upright axis with one name per line, in the order of the data."""
    axis = alt.Axis(labelLimit=limit, labelFontSize=12, labelOverlap=False)
    return alt.Y(field, sort=None, title=None, axis=axis)


def across(
    field: str, data: pl.DataFrame, title: str = WINNING, origin: float = 0.0, finest: float = 1.0
) -> alt.X:
    """Return a level axis that holds a column with its interval, with a tick at the origin.

    Parameters
    ----------
    field
        The column; ``low`` and ``high`` hold its interval.
    """
    ends = pl.concat([data[name].cast(pl.Float64) for name in (field, "low", "high")])
    found = round_scale(ends.drop_nulls(), origin, finest)
    return alt.X(
        f"{field}:Q", title=title, axis=alt.Axis(values=list(found.ticks)),
        scale=alt.Scale(domain=[found.low, found.high], nice=False),
    )  # fmt: skip


def signed(written: str) -> str:
    """Return how an axis writes its numbers: with their sign, and none of nothing."""
    return f"datum.value == 0 ? '0' : format(datum.value, '{written}')"


def coloured(field: str, colours: Mapping[str, str], legend: alt.Legend | None) -> alt.Color:
    """Return a colour for each kind of mark."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(field, title=None, legend=legend, scale=scale)


def legend(limit: int) -> alt.Legend:
    """Return a legend above the chart, with labels of so many pixels at most."""
    return alt.Legend(orient="top", labelLimit=limit)


def upright(x: float) -> alt.Chart:
    """Return an upright line that marks where nothing is gained or lost."""
    line = alt.Chart(pl.DataFrame({"x": [x]})).mark_rule(color=COLOURS["unclear"])
    drawn: alt.Chart = line.encode(x="x:Q")
    return drawn


def sized(chart: Chart, height: int) -> Chart:
    """Return a chart of so many pixels' height."""
    drawn: Chart = chart.properties(height=height)
    return drawn


def points_tips() -> Iterable[alt.Tooltip]:
    """Return what is said of an effect under the pointer."""
    titles = {"effect:Q": "points", "low:Q": "from", "high:Q": "to"}
    return [alt.Tooltip(field, title=title, format="+.1f") for field, title in titles.items()]
