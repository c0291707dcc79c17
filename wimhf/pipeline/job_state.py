"""How far a background analysis is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wimhf.pipeline.expecting import outlook


@dataclass(frozen=True)
class JobState:
    """How far a background analysis is.

    Attributes
    ----------
    run
        The run folder it fills.
    status
        starting, running, done, failed, cancelled, or lost (its process is gone and said nothing).
    stage, message
        What it is doing, and the last line for a person.
    done, total, unit
        Units of the stage finished and planned; ``total`` is 0 where the number is not known.
    rate, left
        Units a second, and seconds until the stage is through; None where not known.
    plan
        Names and titles of the stages, in order.
    expected, begun
        Seconds that stages are expected to take, and when each began that has: see ``outlook``.
    warnings
        What a person should know, oldest first.
    error
        One line: what went wrong and what to do.
    change
        Of a change to the run's own concepts, what is changed; else None.
    started, updated
        Seconds since 1970.
    """

    run: Path
    source: str
    status: str
    started: float
    updated: float
    stage: str = ""
    message: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    rate: float | None = None
    left: float | None = None
    plan: tuple[tuple[str, str], ...] = ()
    expected: Mapping[str, float] = field(default_factory=dict)
    begun: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
    change: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """The run folder's name."""
        return self.run.name

    @property
    def under_way(self) -> bool:
        """Say whether a process is at work."""
        return self.status in ("starting", "running")

    def outlook(self) -> tuple[float, float | None]:
        """Return how much is through, which never falls, and the seconds that are left."""
        stages = [name for name, _ in self.plan]
        share, left = outlook(stages, self.expected, self.begun, time.time())
        slow = left is not None and self.left is not None and self.left > left
        return share, self.left if slow else left
