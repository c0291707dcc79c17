"""The models behind predictions, one per fold, for pairs that none of them saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from wimhf.base import Floats, Floats32, Ints

PREDICTED_COLUMNS: dict[str, pl.DataType] = {
    "pair": pl.Int64(), "fold": pl.Int64(), "features": pl.Float64(), "dense": pl.Float64(),
}  # fmt: skip
"""Log odds that A is preferred, by models that saw none of a pair's fold; labelled pairs only."""
WEIGHT_COLUMNS: dict[str, pl.DataType] = {
    "fold": pl.Int64(), "feature": pl.Int64(), "control": pl.String(), "beta": pl.Float64(),
    "cap": pl.Float64(),
}  # fmt: skip
"""Log odds per unit of a code or control, in the models behind ``features``; sizes of a code
count up to ``cap``."""


@dataclass(frozen=True)
class FoldModels:
    """Coefficients per unit of what a pair has, before anything is scaled.

    Attributes
    ----------
    features
        (folds, m + c) of codes, whose sizes count up to ``caps`` (m,), and of controls.
    dense
        (folds, d + c) of differences and of controls.
    controls
        (c,) names.
    """

    features: Floats
    dense: Floats
    caps: Floats
    controls: list[str]

    def fold_of(self, component: Ints) -> Ints:
        """Return the fold (n,) whose models speak of pairs that no model saw."""
        return component % len(self.features)

    def predicted(
        self, pairs: Ints, fold: Ints, codes: Floats32, controls: Floats, differences: Floats32
    ) -> pl.DataFrame:
        """Return PREDICTED_COLUMNS of some pairs, each by the models of its fold.

        Parameters
        ----------
        codes, controls, differences
            (n, m), (n, c) and (n, d) of those pairs.
        """
        features, dense = np.empty(len(pairs)), np.empty(len(pairs))
        m, d = codes.shape[1], differences.shape[1]
        for number, (own, box) in enumerate(zip(self.features, self.dense, strict=True)):
            rows = fold == number
            held, most = controls[rows], self.caps
            features[rows] = np.clip(codes[rows], -most, most) @ own[:m] + held @ own[m:]
            dense[rows] = differences[rows] @ box[:d] + held @ box[d:]
        columns = {"pair": pairs, "fold": fold, "features": features, "dense": dense}
        return pl.DataFrame(columns, schema=PREDICTED_COLUMNS)

    def weights(self) -> pl.DataFrame:
        """Return WEIGHT_COLUMNS."""
        m, (folds, columns) = len(self.caps), self.features.shape
        names = [None] * m + self.controls
        numbers = [*range(m), *([None] * len(self.controls))]
        most = [*self.caps.tolist(), *([None] * len(self.controls))]
        return pl.DataFrame(
            {
                "fold": np.repeat(np.arange(folds), columns), "feature": numbers * folds,
                "control": names * folds, "beta": self.features.ravel(), "cap": most * folds,
            },
            schema=WEIGHT_COLUMNS,
        )  # fmt: skip
