"""What models trained before and after the edits prefer on pairs kept apart, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wimhf.ui.words.figures import between, counted, points, share, thousandths


def evaluation_sentences(evaluation: Mapping[str, Any]) -> list[str]:
    """Say whether the edits did what they should, and what they cost elsewhere.

    Parameters
    ----------
    evaluation
        From ``Curation.evaluate``.
    """
    held, moved = evaluation["held_out"], evaluation["held_out"]["difference"]
    said = [f"On {counted(held['pairs'], 'pair')} kept apart, {_verdict(moved)}."]
    general = evaluation["general"]
    if "difference" in general:
        change = general["difference"]
        before, after = (general[when]["value"] for when in ("before", "after"))
        said.append(
            f"On the {counted(general['pairs'], 'pair')} of the run that no edit could reach, its "
            f"AUC goes from {thousandths(before)} to {thousandths(after)} "
            f"({between(change['low'], change['high'], thousandths)})."
        )
    else:
        said.append(f"What it costs elsewhere cannot be told: {general['reason']}.")
    gone = [f"{count:,} {why}" for why, count in evaluation["left_out"].items() if count]
    if gone:
        said.append(f"Left out of the pairs kept apart: {', '.join(gone)}.")
    return said


def evaluation_rows(evaluation: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return how often the labelled side is preferred, before and after, with 95 % intervals."""
    held = evaluation["held_out"]
    parts = (
        ("Trained on the source’s labels", held["before"]["wins"]),
        ("Trained on the curated labels", held["after"]["wins"]),
    )
    return [
        (name, share(part["value"], 1), between(part["low"], part["high"], lambda v: share(v, 1)))
        for name, part in parts
    ]


def _verdict(moved: Mapping[str, Any]) -> str:
    value, low, high = (moved[end] for end in ("value", "low", "high"))
    if value is None:
        return "no change could be measured"
    known = "" if low is None or high is None else f" ({between(100 * low, 100 * high)})"
    if low is not None and high is not None and low <= 0 <= high:
        return (
            "the edits change nothing that could be told from chance: the labelled side is "
            f"preferred {points(100 * value)} points more often{known}"
        )
    how = "more" if value > 0 else "less"
    size = points(abs(100 * value)).lstrip("+")
    return (
        f"a model trained on the curated labels prefers the labelled side {size} points {how} "
        f"often{known}"
    )
