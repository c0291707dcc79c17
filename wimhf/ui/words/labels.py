"""What a label says, what edits made of it, and what the labels make of a feature, in words."""

from __future__ import annotations

from typing import Literal, TypedDict

Verdict = Literal["rewarded", "penalised", "unclear", "unknown"]
VERDICTS: dict[Verdict, str] = {
    "rewarded": "▲ rewarded", "penalised": "▼ penalised", "unclear": "○ no clear effect",
    "unknown": "– no estimate",
}  # fmt: skip
LETTERS: dict[float | None, str] = {None: "none", 1.0: "A", 0.0: "B", 0.5: "tie"}


def label_kind(label: float | None) -> str:
    """Return what a label says, however surely: A preferred, B preferred, tie or no label."""
    if label is None:
        return "no label"
    return "tie" if label == 0.5 else "A preferred" if label > 0.5 else "B preferred"


def label_words(label: float | None) -> str:
    """Say what a label says, and how surely.

    >>> label_words(0.2)
    'B preferred (80%)'
    """
    kind = label_kind(label)
    sure = 1.0 if label is None or label == 0.5 else max(label, 1 - label)
    return kind if sure == 1 else f"{kind} ({100 * sure:.0f}%)"


def label_letter(label: float | None) -> str:
    """Return the shortest word for a label: A, B, tie, none, or the fraction itself."""
    return LETTERS.get(label) or f"{label:g}"


def badge_words(won: float | None) -> str:
    """Say what the label makes of one response; empty of the one that lost.

    Parameters
    ----------
    won
        The label from the response's side: 1 preferred, 0 not, .5 a tie, None unlabelled.
    """
    if won is None:
        return "no label"
    if won > 0.5:
        return "✓ preferred" + (f" ({100 * won:.0f}%)" if won < 1 else "")
    return "tie" if won == 0.5 else ""


def turned_label(label: float | None) -> float | None:
    """Return a label as it is seen from the other side."""
    return None if label is None else 1 - label


class EditedPair(TypedDict):
    """What edits made of a pair, and what the source says of it."""

    label: float | None
    weight: float
    kept: bool
    source_label: float | None
    source_weight: float


def edit_state(pair: EditedPair) -> str:
    """Say what edits made of a pair; empty where it is as in the source."""
    parts = [] if pair["kept"] else ["dropped"]
    if pair["label"] != pair["source_label"]:
        parts.append(f"was: {label_words(pair['source_label'])}")
    if pair["weight"] != pair["source_weight"]:
        parts.append(f"weight {pair['weight']:g}, was {pair['source_weight']:g}")
    return ", ".join(parts)
