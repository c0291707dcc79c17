"""Whole exchanges: texts longer than an encoder takes, in windows of which the mean stands.

No exchange is packed with another and none is cut short, as FAST does (Li et al. 2025, "Training
superior sparse autoencoders for instruct models", arXiv 2506.07691). Windows are counted from the
beginning, so that those of a shared prompt are the same for both responses and cancel in the
difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wimhf.base import Floats32
from wimhf.learn.embed.encoder import Encoder

EXCHANGE_TEXT = "User: {prompt}\n\nAssistant: {response}"
MARGIN = 4
"""Tokens left free in a window, since pieces join differently than they split."""


def whole_vectors(
    texts: Sequence[str], encoder: Encoder, embed: Callable[[list[str]], Floats32]
) -> Floats32:
    """Return vectors (t, d) of whole texts: means over windows, by the tokens of each.

    Parameters
    ----------
    embed
        Gives the vectors (w, d) of windows, each once.
    """
    pieces = _pieces(texts, encoder)
    unique = sorted({piece for own in pieces for piece, _ in own}, key=lambda one: (-len(one), one))
    row_of = {piece: row for row, piece in enumerate(unique)}
    vectors = embed(unique)
    out = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
    for row, own in enumerate(pieces):
        weight = np.array([tokens for _, tokens in own], dtype=np.float32)
        out[row] = weight @ vectors[[row_of[piece] for piece, _ in own]] / weight.sum()
    return out


def _pieces(texts: Sequence[str], encoder: Encoder) -> list[list[tuple[str, int]]]:
    if encoder.max_tokens is None:
        return [[(text, 1)] for text in texts]
    counts = encoder.count_tokens(list(texts))
    return [windows(text, tokens, encoder) for text, tokens in zip(texts, counts, strict=True)]


def windows(text: str, tokens: int, encoder: Encoder) -> list[tuple[str, int]]:
    """Return a text in pieces that the encoder takes, and the tokens of each; joined, the text."""
    limit = encoder.max_tokens or tokens
    room, found = max(limit - MARGIN, 1), []
    while tokens > limit:
        rest = encoder.last_tokens(text, tokens - room)
        head = text[: len(text) - len(rest)]
        if not rest or not head or not text.endswith(rest):  # an encoder that cannot part it
            break
        found.append((head, room))
        text, tokens = rest, encoder.count_tokens([rest])[0]
    return [*found, (text, max(min(tokens, limit), 1))]
