"""The page of a comparison, rendered by a template in the look of the report."""

from __future__ import annotations

from dataclasses import dataclass

from wimhf.compare import Comparison
from wimhf.ui.report.page import environment, models_view
from wimhf.ui.words.comparison import (
    TOLD,
    ComparedRow,
    MixtureGrid,
    compared_rows,
    comparison_title,
    distance_sentences,
    driven_sentences,
    mixture_grid,
    mixture_sentences,
    unmeasured_sentences,
)
from wimhf.ui.words.labels import Verdict
from wimhf.ui.words.scale import round_scale
from wimhf.version import __version__


@dataclass(frozen=True)
class Mark:
    """One camp's effect as it is drawn."""

    label: str
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    looks: Verdict
    reason: str


def render_comparison(comparison: Comparison) -> str:
    """Return a comparison as one HTML page; the same comparison gives the same bytes."""
    rows, mixture = compared_rows(comparison), comparison.mixture()
    contested = [row for row in rows if row.differs]
    drawn = contested[:TOLD]
    marks = {row.number: _marks(comparison, row) for row in drawn}
    ends = [
        end
        for one in marks.values()
        for mark in one
        for end in (mark.effect_low, mark.effect_high)
        if end is not None
    ]
    grid: MixtureGrid | None = mixture_grid(comparison, [row.number for row in drawn])
    view: dict[str, object] = {
        "title": comparison_title(comparison), "camps": comparison.camps,
        "notes": comparison.notes, "rows": rows, "contested": drawn,
        "n_contested": len(contested), "marks": marks,
        "n_conflicts": sum(row.conflict for row in rows),
        "scale": round_scale(ends, origin=0.0, finest=5.0), "grid": grid,
        "whole": [
            *distance_sentences(comparison),
            *mixture_sentences(comparison, mixture),
            *driven_sentences(comparison, mixture),
            *unmeasured_sentences(comparison),
        ],
        "models": models_view(comparison.models), "version": __version__,
    }  # fmt: skip
    return environment().get_template("comparison.html").render(view)


def _marks(comparison: Comparison, row: ComparedRow) -> list[Mark]:
    return [
        Mark(
            camp.name, cell["effect"], cell["effect_low"], cell["effect_high"],
            _looks(cell["effect"], cell["effect_low"], cell["effect_high"]),
            cell["effect_reason"] or "",
        )
        for camp, cell in zip(comparison.camps, row.cells, strict=True)
    ]  # fmt: skip


def _looks(effect: float | None, low: float | None, high: float | None) -> Verdict:
    if effect is None or low is None or high is None:
        return "unknown"
    if low <= 0 <= high:
        return "unclear"
    return "rewarded" if effect > 0 else "penalised"
