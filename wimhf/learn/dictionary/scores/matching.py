"""Dictionaries made as sparse as one another, so that none wins by saying more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wimhf.base import Floats32
from wimhf.learn.dictionary.batch_topk import calibrated_threshold
from wimhf.learn.dictionary.protocol import Dictionary


@dataclass(frozen=True)
class Matched:
    """A dictionary whose codes below one size are 0; as odd as what is inside.

    Attributes
    ----------
    inside
        The dictionary as it was trained.
    threshold
        Smaller codes, in sizes, are set to 0.
    """

    inside: Dictionary
    threshold: float
    kind: ClassVar[str] = "matched"

    @property
    def n_features(self) -> int:
        """Number of features m."""
        return self.inside.n_features

    @property
    def directions(self) -> Floats32:
        """(m, d) as inside."""
        return self.inside.directions

    def encode(self, differences: Floats32) -> Floats32:
        """Return codes (n, m) of differences (n, d), small ones left out."""
        codes = self.inside.encode(differences)
        return np.where(np.abs(codes) >= np.float32(self.threshold), codes, np.float32(0.0))

    def decode(self, codes: Floats32) -> Floats32:
        """Return the differences (n, d) that codes (n, m) stand for."""
        return self.inside.decode(codes)

    def tensors(self) -> dict[str, Floats32]:
        """Return the arrays of what is inside."""
        return self.inside.tensors()


def matched(dictionary: Dictionary, select: Floats32, k: int) -> Matched:
    """Return the dictionary with K active features per pair on average of the select pairs.

    One that has fewer than that stays as it is: nothing can be added.

    Parameters
    ----------
    select
        (n, d) differences that chose nothing else.
    """
    return Matched(dictionary, calibrated_threshold(dictionary.encode(select), k))
