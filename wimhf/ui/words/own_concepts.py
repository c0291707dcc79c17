"""What becomes of a concept that somebody adds, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAKS = 0.05
"""Leakage from which it is pointed out."""


def agreement_sentence(agreement: Mapping[str, Any], marked: int, sided: int) -> str:
    """Say how well what was learned from marks does on marks it did not see."""
    value, low, high = (agreement[key] for key in ("value", "low", "high"))
    return (
        f"learned from {marked} marks, {sided} of which name a side; models that did not see them "
        f"agree with {100 * value:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
    )


def learned_lines(record: Mapping[str, Any] | None) -> list[str]:
    """Say how a concept was learned; nothing of one that is written.

    Parameters
    ----------
    record
        What the run keeps of it.
    """
    if record is None:
        return []
    lines = [agreement_sentence(record["agreement"], record["marked"], record["sided"])]
    leak = record.get("leakage")
    if leak is not None:
        lines.append(
            f"AUC of the label from what is predicted less that from the answers: {leak:+.2f}"
            + ("; it knows more of the label than was answered" if leak > LEAKS else "")
        )
    return lines


def differ_sentence(name: str, differ: int) -> str:
    """Say how often a concept tells the sides apart."""
    return f"{name} tells the sides of {differ:,} labelled pairs apart"
