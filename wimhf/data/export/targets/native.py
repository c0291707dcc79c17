"""Our own columns, which hold everything that the pair table knows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from wimhf.data.containers.rows import Row
from wimhf.data.export.target import Chosen, Target
from wimhf.data.pairs import PAIR_COLUMNS

COLUMNS = (
    "pair_id", "prompt", "response_a", "response_b", "label", "weight", "annotator", "strength",
    "model_a", "model_b", "subset", "conversation_id", "turns",
)  # fmt: skip


class NativePairs(Target):
    """The pair table's own columns; the label is a number, null where there is none."""

    name = "native"
    aliases = ("wimhf",)
    about = "prompt, response_a, response_b, label (1 = A, 0 = B, .5 = tie) and all that is known"
    ties = fractions = unlabelled = weights = strength = annotators = turns = zero_weights = True
    family = "native"

    def columns(self, chosen: Chosen) -> dict[str, pl.DataType]:
        """Name the columns that the pair table has."""
        found = {name: PAIR_COLUMNS[name] for name in COLUMNS if name in chosen.pairs.columns}
        return found | chosen.extra_columns()

    def rows(self, chosen: Chosen) -> Iterator[Row]:
        """Return the pairs as they are."""
        yield from chosen.pairs.select(list(self.columns(chosen))).iter_rows(named=True)
