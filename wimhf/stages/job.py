"""What every stage is given and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wimhf.config import Config
from wimhf.difference import Differences, difference
from wimhf.embed import Encoder
from wimhf.progress import Progress
from wimhf.run import Run

Floats = NDArray[np.float32]
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


def difference_of(run: Run) -> Differences:
    """Return every pair's difference (n, d) from what the embed stage saved."""
    rows = run.read_table("pair_texts.parquet")
    fit = (run.pair_table["split"] == "fit").to_numpy()
    return difference(
        run.read_array("embeddings.npy"),
        rows["text_a"].to_numpy(),
        rows["text_b"].to_numpy(),
        fit,
    )


def differences(run: Run) -> Floats:
    """Return every pair's difference (n, d)."""
    return difference_of(run).values
