"""How well a dictionary can be described: what decides between seeds that explain as much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wimhf.base import DescribeConfig, Floats32, Ints
from wimhf.describe.fidelity import correlation
from wimhf.describe.lexical import candidates
from wimhf.describe.offline import sampled

MOST = 5000
"""Pairs looked at; which of two dictionaries is better described shows on a few thousand."""


class Appraiser:
    """Describes dictionaries as ``describe_features`` does, and says how well that goes.

    Parameters
    ----------
    responses, split
        The pairs' texts and parts. Test pairs are not looked at.
    """

    def __init__(
        self,
        responses: tuple[list[str], list[str]],
        split: NDArray[np.str_],
        rng: np.random.Generator,
    ) -> None:
        self._config = DescribeConfig()
        self._sample = sampled(responses, split, self._config, MOST, rng)

    @property
    def rows(self) -> Ints:
        """The pairs whose codes ``appraise`` takes."""
        return self._sample.rows

    def appraise(self, codes: Floats32) -> float:
        """Return the mean correlation on the select pairs of every feature's best description.

        Parameters
        ----------
        codes
            (len(rows), m).
        """
        sample, code = self._sample, np.asarray(codes, dtype=np.float64)
        fit, select = sample.parts["fit"], sample.parts["select"]
        columns = sample.table.columns[select]
        described = candidates(sample.table, code, fit, select, self._config.max_terms)
        best = [
            max(
                (correlation(one.predict(columns), one.pole * code[select, j]) for one in own),
                default=0.0,
            )
            for j, own in enumerate(described)
        ]
        return float(np.mean(best))
