"""What was measured, kept so that a comparison goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wimhf.pipeline.bench.measure import Cell
from wimhf.run import Run

PLACE = "scores"
DIRECTIONS, DRAWS = "directions", "auc "


class KeptCells:
    """Scores as JSON, and directions and resampled AUCs as tensors, in a run's folder."""

    def __init__(self, run: Run) -> None:
        self._folder = run.folder

    def read(self, name: str) -> Cell | None:
        """Return what is kept under a name; None where it is not there whole."""
        paths = [f"{PLACE}/{name}.{kind}" for kind in ("json", "safetensors")]
        if not all((self._folder.path / path).is_file() for path in paths):
            return None
        figures = self._folder.read_json(paths[0])["figures"]
        tensors = self._folder.read_tensors(paths[1])
        draws = {
            key.removeprefix(DRAWS): values.astype(np.float64)
            for key, values in tensors.items()
            if key.startswith(DRAWS)
        }
        return Cell(figures, tensors[DIRECTIONS], draws)

    def write(self, name: str, cell: Cell, decides: Mapping[str, object]) -> None:
        """Keep a cell with what decided it; the JSON comes last."""
        (self._folder.path / PLACE).mkdir(exist_ok=True)
        tensors = {f"{DRAWS}{key}": values.astype(np.float32) for key, values in cell.draws.items()}
        self._folder.write_tensors(
            f"{PLACE}/{name}.safetensors", {DIRECTIONS: cell.directions, **tensors}
        )
        card = {"decided_by": decides, "figures": cell.figures}
        self._folder.write_json(f"{PLACE}/{name}.json", card)
