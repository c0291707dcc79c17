"""The page of a shift in training: predicted against observed, and by kind of prompt."""

from __future__ import annotations

from wimhf.compare import Shift
from wimhf.ui.report.page import environment
from wimhf.ui.words.scale import round_scale
from wimhf.ui.words.shift import kind_sentences, shift_marks, shift_sentences
from wimhf.version import __version__


def render_shift(shift: Shift) -> str:
    """Return a shift as one HTML page; the same shift gives the same bytes."""
    marks = shift_marks(shift)
    sizes = [value for mark in marks for value in (mark["low"], mark["high"], mark["observed"])]
    view: dict[str, object] = {
        "title": f"{shift.after}: before and after training",
        "sentences": shift_sentences(shift), "explained": shift.explained, "marks": marks,
        "across": round_scale([mark["predicted"] for mark in marks], origin=0.0, finest=0.5),
        "upward": round_scale(sizes, origin=0.0, finest=1.0),
        "kinds": shift.kinds.to_dicts(), "kind_sentences": kind_sentences(shift),
        "rows": sorted(marks, key=lambda mark: -abs(mark["observed"])), "version": __version__,
    }  # fmt: skip
    return environment().get_template("shift.html").render(view)
