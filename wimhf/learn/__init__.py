"""Texts -> vectors -> differences -> codes; the only package that loads torch."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.learn.device import resolve_device
    from wimhf.learn.dictionary.batch_topk import BatchTopK
    from wimhf.learn.dictionary.evaluate import evaluate
    from wimhf.learn.dictionary.kinds.given import KindData, PairData, Trained
    from wimhf.learn.dictionary.kinds.registry import KINDS, load_kind, train_kind
    from wimhf.learn.dictionary.protocol import Dictionary
    from wimhf.learn.dictionary.train import train
    from wimhf.learn.differences import Differences, difference, pair_differences
    from wimhf.learn.embed.choose import AUTO_TEXTS, auto_encoder, choose_encoder
    from wimhf.learn.embed.encoder import Encoder
    from wimhf.learn.embed.loading import folder_hash
    from wimhf.learn.embed.local import fast_is_ready, minilm_location
    from wimhf.learn.embed.precomputed import load_vectors
    from wimhf.learn.embed.texts import Embedded, embed_pairs, embed_texts
    from wimhf.learn.reward import reward_pairs

__all__ = [
    "AUTO_TEXTS",
    "KINDS",
    "BatchTopK",
    "Dictionary",
    "Differences",
    "Embedded",
    "Encoder",
    "KindData",
    "PairData",
    "Trained",
    "auto_encoder",
    "choose_encoder",
    "difference",
    "embed_pairs",
    "embed_texts",
    "evaluate",
    "fast_is_ready",
    "folder_hash",
    "load_kind",
    "load_vectors",
    "minilm_location",
    "pair_differences",
    "resolve_device",
    "reward_pairs",
    "train",
    "train_kind",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "device": ("resolve_device",),
        "dictionary.batch_topk": ("BatchTopK",),
        "dictionary.evaluate": ("evaluate",),
        "dictionary.kinds.given": ("KindData", "PairData", "Trained"),
        "dictionary.kinds.registry": ("KINDS", "load_kind", "train_kind"),
        "dictionary.protocol": ("Dictionary",),
        "dictionary.train": ("train",),
        "differences": ("Differences", "difference", "pair_differences"),
        "embed.choose": ("AUTO_TEXTS", "auto_encoder", "choose_encoder"),
        "embed.encoder": ("Encoder",),
        "embed.loading": ("folder_hash",),
        "embed.local": ("fast_is_ready", "minilm_location"),
        "embed.precomputed": ("load_vectors",),
        "embed.texts": ("Embedded", "embed_pairs", "embed_texts"),
        "reward": ("reward_pairs",),
    },
)
