"""What every stage is given and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wimhf.base import Config, Progress
from wimhf.learn import Encoder
from wimhf.run import Run

Work = Callable[["Job"], tuple[list[str], dict[str, Any]]]
"""Does a stage; returns the names of the files it wrote and facts for the manifest."""


@dataclass(frozen=True)
class Job:
    """What every stage is given."""

    run: Run
    config: Config
    progress: Progress
    encoder: Encoder | None
    confirm: Callable[[str], bool] = lambda question: False
    """Asks whoever runs it, where something needs leave; without anybody the answer is no."""
