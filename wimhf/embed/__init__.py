"""Texts -> vectors: encoders, their cache, and vectors that the user brings."""

from wimhf.embed.base import Encoder
from wimhf.embed.choose import choose_encoder
from wimhf.embed.precomputed import load_vectors
from wimhf.embed.reward import Rewarded, reward_pairs
from wimhf.embed.texts import Embedded, embed_pairs, embed_texts

__all__ = [
    "Embedded",
    "Encoder",
    "Rewarded",
    "choose_encoder",
    "embed_pairs",
    "embed_texts",
    "load_vectors",
    "reward_pairs",
]
