"""Figures and text from the data, as the report and the pages write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from wimhf.base import duration as duration

ABSENT = "–"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:@^=&])")


def points(value: float | None) -> str:
    """Write points of win rate: +3.2, −0.4, 0.0."""
    return ABSENT if value is None else _signed(f"{value:+.1f}")


def share(value: float | None, digits: int = 0) -> str:
    """Write a share of 1 in per cent."""
    return ABSENT if value is None else percent(100 * value, digits)


def percent(value: float, digits: int = 0) -> str:
    """Write a figure that is in per cent already."""
    return f"{_signed(f'{value:z.{digits}f}')}%"


def decimal(value: float | None, digits: int = 2) -> str:
    """Write .45 for 0.45, as the field does for figures between -1 and 1."""
    if value is None:
        return ABSENT
    text = f"{value:.{digits}f}"
    return _signed(text.replace("0.", ".", 1) if abs(float(text)) < 1 else text)


def thousandths(value: float | None) -> str:
    """Write an AUC or another figure of which the third digit counts."""
    return decimal(value, 3)


def chance(value: float | None) -> str:
    """Write a p or q value."""
    return ABSENT if value is None else "< .001" if value < 0.001 else thousandths(value)


def count(number: int) -> str:
    """Write how many there are."""
    return f"{number:,}"


def counted(number: int, one: str, more: str = "") -> str:
    """Write how many of something there are.

    >>> counted(1, "pair"), counted(1200, "pair"), counted(2, "reply", "replies")
    ('1 pair', '1,200 pairs', '2 replies')
    """
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def between(low: float | None, high: float | None, write: Callable[[float], str] = points) -> str:
    """Write an interval; empty where it is not known."""
    return "" if low is None or high is None else f"{write(low)} to {write(high)}"


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def upper_first(text: str) -> str:
    """Begin with a capital, as a title does."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def one_line(text: str) -> str:
    """Return a text without its line breaks and repeated blanks."""
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """Return one line of at most so many characters."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def ending(text: str, most: int) -> str:
    """Return the last words on one line, so many characters at most: of a prompt its question.

    >>> ending("Tell me why the sky is blue", 12)
    '… sky is blue'
    """
    line = one_line(text[-4 * most :])
    if len(line) <= most and len(text) <= 4 * most:
        return line
    cut, inside = line[-most:], line[-most - 1 : -most].strip()
    _, blank, whole = cut.partition(" ")
    return f"… {whole if blank and inside else cut}".replace("…  ", "… ")


def chart_name(description: str, feature: int, most: int) -> str:
    """Return what a feature is called beside a chart: its description, shortened, and number."""
    return f"{shortened(description, most)}  [{feature}]"


def plain(text: str) -> str:
    """Escape a text for Streamlit's Markdown, so that it shows as it is and does nothing."""
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def _signed(text: str) -> str:
    if float(text) == 0:
        return text.lstrip("+-")
    return text.replace("-", "−")
