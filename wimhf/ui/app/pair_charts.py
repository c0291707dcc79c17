"""Charts of the pages that look at pairs one by one, and of what edits would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

import altair as alt
import polars as pl

from wimhf.base import Floats
from wimhf.run import Region
from wimhf.ui.app.chart_parts import (
    BAR,
    COLOURS,
    MORE_OF_IT,
    Chart,
    across,
    coloured,
    legend,
    names,
    points_tips,
    sized,
    upright,
)
from wimhf.ui.app.pair_rows import Box
from wimhf.ui.words.features import ShownFeature
from wimhf.ui.words.figures import chart_name, shortened
from wimhf.ui.words.labels import label_kind

BRUSH = "box"
LABELLED = {
    "A preferred": COLOURS["rewarded"], "B preferred": COLOURS["penalised"],
    "tie": COLOURS["plain"], "no label": COLOURS["unclear"],
}  # fmt: skip
ACTIVE = {
    "A has more of it": COLOURS["rewarded"], "B has more of it": COLOURS["penalised"],
    "not active": COLOURS["unclear"],
}  # fmt: skip
DRAWN = {
    "one preferred": COLOURS["rewarded"], "tie": COLOURS["plain"], "no label": COLOURS["unclear"],
}  # fmt: skip
"""What labels say where sides were drawn by a hash, so that A and B mean nothing."""
OUTCOMES = {
    "preferred": ("more in the preferred response", COLOURS["rewarded"]),
    "other": ("more in the other one", COLOURS["penalised"]),
    "no winner": ("no winner", COLOURS["unclear"]),
}
TOWARDS = "← response B has more · response A has more →"


class CodeBar(TypedDict):
    """A feature of a pair: how much, in units of its RMS, and towards which response."""

    feature: int
    name: str
    size: float
    towards: float
    side: str
    rewarded: str


class EffectMark(TypedDict):
    """An effect before or after edits, in points."""

    name: str
    full: str
    when: str
    effect: float
    low: float
    high: float


def side_words(code: float) -> str:
    """Say which response has more of a feature."""
    more, less, none = ACTIVE
    return more if code > 0 else less if code < 0 else none


def map_words(labels: Iterable[float | None], codes: Floats | None, *, drawn: bool) -> list[str]:
    """Return in words what each pair is coloured by: its label, or who has more of a feature.

    Parameters
    ----------
    codes
        (n,) of the feature; None where the label is shown.
    drawn
        Whether sides were drawn by a hash: then nothing is said of A and B.
    """
    if codes is None:
        kinds = [label_kind(label) for label in labels]
        return [kind if kind in DRAWN or not drawn else next(iter(DRAWN)) for kind in kinds]
    if not drawn:
        return [side_words(code) for code in codes]
    none = side_words(0.0)
    return [
        OUTCOMES[_outcome(code, label)][0] if code else none
        for code, label in zip(codes, labels, strict=True)
    ]


def _map_colours(*, by_feature: bool, drawn: bool) -> Mapping[str, str]:
    if not drawn:
        return ACTIVE if by_feature else LABELLED
    if not by_feature:
        return DRAWN
    return dict(OUTCOMES.values()) | {side_words(0.0): "#c9cbd0"}


def pair_map(
    points: pl.DataFrame,
    box: Box | None,
    regions: Sequence[Region] = (),
    *,
    by_feature: bool,
    drawn: bool = False,
) -> Chart:
    """Return pairs on the map, coloured by what ``map_words`` says.

    Parameters
    ----------
    points
        From ``pair_rows.map_rows``.
    box
        The part that is chosen now.
    regions
        Parts of the map and what they have in common.
    drawn
        As for ``map_words``.
    """
    colours = _map_colours(by_feature=by_feature, drawn=drawn)
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    marks = (
        alt.Chart(points)
        .mark_circle(size=26, opacity=0.55)
        .encode(
            x=alt.X("x:Q", title=None, axis=axis),
            y=alt.Y("y:Q", title=None, axis=axis),
            color=coloured("colour:N", colours, legend(240)),
            tooltip=["colour:N"],
        )
        .add_params(alt.selection_interval(name=BRUSH))
    )
    layers = [marks, *_region_names(regions, drawn=drawn)]
    if box is None:
        return sized(alt.layer(*layers), 380)
    chosen = alt.Chart(
        pl.DataFrame({"x0": [box[0]], "x1": [box[1]], "y0": [box[2]], "y1": [box[3]]})
    ).mark_rect(fillOpacity=0.08, fill="#5b86c0", stroke="#5b86c0", strokeWidth=1.5)
    frame = chosen.encode(x="x0:Q", x2="x1:Q", y="y0:Q", y2="y1:Q")
    return sized(alt.layer(*layers, frame), 380)


def _region_names(regions: Sequence[Region], *, drawn: bool) -> list[alt.Chart]:
    """Return the words of regions, written where these lie, on a ground that lets them be read."""
    if not regions:
        return []
    data = pl.DataFrame([
        {
            "x": one.x, "y": one.y, "pairs": one.pairs,
            "words": "\n".join(shortened(said, 36) for said in region_lines(one, drawn=drawn)),
            "full": "; ".join(region_lines(one, drawn=drawn)),
        }
        for one in regions
    ])  # fmt: skip
    words = alt.Chart(data).encode(
        x="x:Q", y="y:Q", text="words:N",
        tooltip=[alt.Tooltip("full:N", title="mostly"), alt.Tooltip("pairs:Q", format=",")],
    )  # fmt: skip
    ground = words.mark_text(fontSize=12, fontWeight="bold", lineBreak="\n", stroke="white",
                             strokeWidth=4, strokeJoin="round")  # fmt: skip
    return [
        ground,
        words.mark_text(fontSize=12, fontWeight="bold", lineBreak="\n", color="#1d2733"),
    ]


def region_lines(region: Region, *, drawn: bool) -> list[str]:
    """Say what sets a region apart, a line each; ``drawn`` as for ``map_words``."""
    first = region.traits[0].side
    names = {side: "one" if side == first else "the other" for side in "AB"} if drawn else {}
    return [f"{names.get(trait.side, trait.side)} {trait.words}" for trait in region.traits]


def code_bars(
    codes: Floats, features: Sequence[ShownFeature], label: float | None
) -> list[CodeBar]:
    """Return a pair's features, the strongest first.

    Parameters
    ----------
    codes
        (m,) the pair's codes, each in its described pole, in units of the feature's RMS.
    features
        (m,) what they are codes of.
    label
        The pair's label: it tells which response is the preferred one.
    """
    bars = [
        CodeBar(
            feature=feature.feature, name=feature.label, size=abs(code), towards=code,
            side=f"response {side_words(code)}", rewarded=_outcome(code, label),
        )
        for code, feature in zip(codes.tolist(), features, strict=True)
        if code
    ]  # fmt: skip
    return sorted(bars, key=lambda bar: -bar["size"])


def _outcome(code: float, label: float | None) -> str:
    won = label_kind(label)
    if won in ("tie", "no label"):
        return "no winner"
    return "preferred" if (code > 0) == (won == "A preferred") else "other"


def pair_codes(bars: Sequence[CodeBar]) -> Chart:
    """Return a pair's features as bars: towards the response that has more of each."""
    data = pl.DataFrame([
        {
            **bar, "short": chart_name(bar["name"], bar["feature"], 60),
            "won": OUTCOMES[bar["rewarded"]][0],
        }
        for bar in bars
    ])  # fmt: skip
    colours = {words: colour for words, colour in OUTCOMES.values() if words in data["won"]}
    drawn = (
        alt.Chart(data)
        .mark_bar(height=BAR)
        .encode(
            x=alt.X("towards:Q", title=TOWARDS),
            y=names("short:N"),
            color=coloured("won:N", colours, legend(240)),
            tooltip=[
                alt.Tooltip("name:N", title=MORE_OF_IT), alt.Tooltip("side:N"),
                alt.Tooltip("size:Q", format=".2f", title="in units of its RMS"),
            ],
        )
    )  # fmt: skip
    return sized(drawn, 26 * len(bars) + 130)


def tried(features: pl.DataFrame) -> Chart:
    """Return the features of a pair that was typed in (see ``run.try_pair``) as bars."""
    data = pl.DataFrame([
        {
            "name": chart_name(row["description"] or "not described", row["feature"], 44),
            "full": row["description"] or "", "side": f"response {row['more_side']} has more",
            "strength": row["percentile"] * (1 if row["more_side"] == "A" else -1),
            "why": "; ".join(row["because"]),
        }
        for row in features.iter_rows(named=True)
    ])  # fmt: skip
    sides = {"response A has more": COLOURS["plain"], "response B has more": COLOURS["penalised"]}
    drawn = (
        alt.Chart(data)
        .mark_bar(height=BAR)
        .encode(
            x=alt.X(
                "strength:Q", title=TOWARDS, scale=alt.Scale(domain=[-100, 100]),
                axis=alt.Axis(format=".0f"),
            ),
            y=names(),
            color=coloured("side:N", sides, None),
            tooltip=["full:N", "side:N", alt.Tooltip("why:N", title="because")],
        )
    )  # fmt: skip
    return sized(drawn, 26 * len(data) + 80)


def moved(marks: Sequence[EffectMark]) -> Chart:
    """Return effects before and after edits, with intervals, two marks per feature."""
    states = ["before", "after"]
    colours = {"before": COLOURS["unclear"], "after": COLOURS["plain"]}
    data = pl.DataFrame(marks)
    base = alt.Chart(data).encode(
        y=names(),
        yOffset=alt.YOffset("when:N", sort=states),
        color=alt.Color(
            "when:N", title=None, sort=states, legend=alt.Legend(orient="top"),
            scale=alt.Scale(domain=states, range=list(colours.values())),
        ),
        tooltip=[alt.Tooltip("full:N", title=MORE_OF_IT), "when:N", *points_tips()],
    )  # fmt: skip
    dots = base.mark_circle(size=70, opacity=1).encode(x=across("effect", data))
    lines = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    return sized(alt.layer(upright(0), lines, dots), 20 * len(marks) + 80)
