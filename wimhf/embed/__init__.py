"""Texts -> vectors: encoders, their cache, and vectors that the user brings."""

from wimhf.embed.base import Encoder
from wimhf.embed.choose import choose_encoder
from wimhf.embed.precomputed import load_vectors
from wimhf.embed.texts import Embedded, embed_pairs

__all__ = ["Embedded", "Encoder", "choose_encoder", "embed_pairs", "load_vectors"]
