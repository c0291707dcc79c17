"""Dictionaries with a linear encoder of their own and a threshold for each feature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from wimhf.base import Floats32
from wimhf.learn.dictionary.batch_topk import calibrated_threshold
from wimhf.learn.dictionary.kinds.stored import Stored, projected


@dataclass(frozen=True)
class Thresholded(Stored):
    """Codes are products with the encoder's rows that reach a threshold.

    Attributes
    ----------
    decoder
        D, (m, d) with unit rows.
    encoder
        W, (m, d): pre-activations are ``a = delta @ W.T``.
    threshold
        tau, (m,): a code is ``a`` where ``|a| >= tau``, else 0.
    """

    encoder: Floats32
    threshold: Floats32

    def encode(self, differences: Floats32) -> Floats32:
        """Return signed codes (n, m) of differences (n, d)."""
        codes = projected(differences, self.encoder)
        codes[np.abs(codes) < self.threshold] = 0.0
        return codes

    def calibrated(self, select: Floats32, k: int) -> Self:
        """Return it with one threshold for all features, so that k are active in select pairs."""
        tau = calibrated_threshold(projected(select, self.encoder), k)
        return replace(self, threshold=np.full(self.n_features, tau, dtype=np.float32))
