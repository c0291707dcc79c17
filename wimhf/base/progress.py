"""Progress events: what long work tells whoever watches it (terminal, app, notebook, nobody)."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """One report of a stage.

    Attributes
    ----------
    stage
        The stage that reports, e.g. ``"embed"``.
    done, total
        Units finished and planned; ``total`` is 0 where the number is not known.
    unit
        What is counted: ``"texts"``, ``"steps"``, ...
    message
        One line for a person; events with a message and no total are notices.
    figures
        Named numbers to show beside the bar, e.g. ``{"loss": .8}``.
    level
        ``"info"`` or ``"warning"``.
    """

    stage: str
    done: int = 0
    total: int = 0
    unit: str = ""
    message: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    level: str = "info"


Progress = Callable[[Event], None]


def silent(event: Event) -> None:
    """Ignore every event."""


def duration(seconds: float) -> str:
    """Write how long something takes, roughly."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
