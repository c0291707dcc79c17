"""Figures and text from the data, as the pages write them (figures as the report does)."""

from __future__ import annotations

import re
from typing import Any

ABSENT = "–"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:@^=&])")


def points(value: float | None) -> str:
    """Write points of win rate: +3.2, −0.4, 0.0."""
    return ABSENT if value is None else _signed(f"{value:+.1f}")


def share(value: float | None, digits: int = 0) -> str:
    """Write a share of 1 in per cent."""
    return ABSENT if value is None else f"{100 * value:.{digits}f}%"


def decimal(value: float | None, digits: int = 2) -> str:
    """Write .45 for 0.45, as the field does for figures between -1 and 1."""
    if value is None:
        return ABSENT
    text = f"{value:.{digits}f}"
    return _signed(text.replace("0.", ".", 1) if abs(float(text)) < 1 else text)


def chance(value: float | None) -> str:
    """Write a p or q value."""
    return ABSENT if value is None else "< .001" if value < 0.001 else decimal(value, 3)


def between(low: float | None, high: float | None, write: Any = points) -> str:
    """Write an interval; empty where it is not known."""
    return "" if low is None or high is None else f"{write(low)} to {write(high)}"


def duration(seconds: float) -> str:
    """Write how long something takes, roughly."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def shortened(text: str, most: int) -> str:
    """Return one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def plain(text: str) -> str:
    """Escape a text for Streamlit's Markdown, so that it shows as it is and does nothing."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _signed(text: str) -> str:
    if float(text) == 0:
        return text.lstrip("+-")
    return text.replace("-", "−")
