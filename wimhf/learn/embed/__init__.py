"""Texts -> vectors: encoders, their cache, and vectors that the user brings."""

from wimhf.learn.embed.choose import choose_encoder
from wimhf.learn.embed.encoder import Encoder
from wimhf.learn.embed.precomputed import load_vectors
from wimhf.learn.embed.texts import Embedded, embed_pairs, embed_texts

__all__ = [
    "Embedded",
    "Encoder",
    "choose_encoder",
    "embed_pairs",
    "embed_texts",
    "load_vectors",
]
