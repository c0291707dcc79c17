"""Where things stand in a chart: scales and places in per cent, drawn as inline SVG by templates.

Places are shares of the drawing's width, so one drawing fits a desk and a telephone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A line from ``low`` to ``high`` with ticks.

    Attributes
    ----------
    low, high
        Values at the left and right end.
    ticks
        Values that get a grid line and a number; round, with both ends among them.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> str:
        """Return a value's place, e.g. ``"37.5%"``; values beyond the ends stand at the ends."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"

    def up(self, value: float) -> float:
        """Return a value's height as per cent from the top, for drawings whose line stands."""
        return 100 - 100 * (value - self.low) / (self.high - self.low)

    def width(self, first: float, second: float) -> str:
        """Return the width between two values, e.g. ``"12.5%"``."""
        ends = [min(max(value, self.low), self.high) for value in (first, second)]
        return f"{100 * abs(ends[1] - ends[0]) / (self.high - self.low):.2f}%"


def round_scale(values: Iterable[float], origin: float, finest: float, about: int = 6) -> Scale:
    """Return a scale with round ticks that holds all values and the origin.

    Parameters
    ----------
    values
        What is drawn.
    origin
        A value that is always on the scale and always a tick: 0 points, an AUC of .5.
    finest
        The smallest distance of ticks, and the least the scale spans.
    about
        Roughly how many ticks.

    >>> round_scale([-4.2, 11.0], origin=0.0, finest=1.0).ticks
    (-5.0, 0.0, 5.0, 10.0, 15.0)
    """
    known = [origin, *(value for value in values if math.isfinite(value))]
    low, high = min(known) - origin, max(known) - origin
    step = max(_round_step((high - low) / about), finest)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(round(origin + step * n, 10) for n in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def _round_step(wanted: float) -> float:
    if wanted <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(wanted))
    return power * next(step for step in STEPS if step * power >= wanted * (1 - 1e-9))
