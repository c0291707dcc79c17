"""What every kind of dictionary offers, whatever it was trained with."""

from __future__ import annotations

from typing import ClassVar, Protocol

from wimhf.base import Floats32


class Dictionary(Protocol):
    """A learned set of directions that writes a difference as a few signed coordinates.

    Every implementation is odd: ``encode(-d) == -encode(d)`` bit for bit.
    """

    kind: ClassVar[str]

    @property
    def n_features(self) -> int:
        """Number of features m."""

    @property
    def directions(self) -> Floats32:
        """(m, d) unit rows: what one unit of each feature adds to a difference."""

    def encode(self, differences: Floats32) -> Floats32:
        """Return codes (n, m) of differences (n, d); most entries are exactly 0."""

    def decode(self, codes: Floats32) -> Floats32:
        """Return the differences (n, d) that codes (n, m) stand for."""

    def tensors(self) -> dict[str, Floats32]:
        """Return the arrays that, saved as safetensors, bring the dictionary back."""
