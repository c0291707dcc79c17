"""What every encoder offers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from wimhf.base import Floats32
from wimhf.errors import EncoderError


class Encoder(Protocol):
    """Texts -> vectors; anything with these members can be given to WIMHF.

    Attributes
    ----------
    id
        Name of the model, as the user would write it.
    revision
        What exactly was loaded: a hash of the weights, a commit or a server's address.
    max_tokens
        Texts are cut after this many tokens; None if the encoder takes any length.
    chunk
        Texts to encode between two reports (and two commits to the cache).
    """

    id: str
    revision: str
    max_tokens: int | None
    chunk: int

    def encode(self, texts: list[str]) -> Floats32:
        """Return (n, d) float32 vectors.

        Raises
        ------
        EncoderError
            If the model or server fails.
        """

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text has before any cut, special ones included."""

    def last_tokens(self, text: str, count: int) -> str:
        """Return the end of a text that is ``count`` tokens long."""


def user_path(name: str) -> Path:
    """Return a path that a user wrote, with ~ expanded."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise EncoderError(f"{name} does not exist: no such user; check the path") from None
