"""Texts -> vectors -> differences -> codes; the only package that loads torch."""

from typing import TYPE_CHECKING

from wimhf.base import lazy_face

if TYPE_CHECKING:
    from wimhf.learn.device import resolve_device
    from wimhf.learn.dictionary.batch_topk import BatchTopK
    from wimhf.learn.dictionary.evaluate import evaluate, matched_cosines
    from wimhf.learn.dictionary.kinds.given import KindData, PairData, Trained
    from wimhf.learn.dictionary.kinds.registry import KINDS, load_kind, train_kind
    from wimhf.learn.dictionary.protocol import Dictionary
    from wimhf.learn.dictionary.scores.matching import matched
    from wimhf.learn.dictionary.scores.probes import concept_probes
    from wimhf.learn.dictionary.scores.recovery import (
        auc_draws,
        base_scores,
        code_scores,
        recovered,
    )
    from wimhf.learn.dictionary.scores.summary import Judged, score_dictionary, unit_directions
    from wimhf.learn.dictionary.train import train
    from wimhf.learn.differences import Differences, difference, pair_differences
    from wimhf.learn.embed.choose import (
        AUTO_TEXTS,
        auto_encoder,
        choose_encoder,
        missing_for,
        missing_for_server,
    )
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
    "Judged",
    "KindData",
    "PairData",
    "Trained",
    "auc_draws",
    "auto_encoder",
    "base_scores",
    "choose_encoder",
    "code_scores",
    "concept_probes",
    "difference",
    "embed_pairs",
    "embed_texts",
    "evaluate",
    "fast_is_ready",
    "folder_hash",
    "load_kind",
    "load_vectors",
    "matched",
    "matched_cosines",
    "minilm_location",
    "missing_for",
    "missing_for_server",
    "pair_differences",
    "recovered",
    "resolve_device",
    "reward_pairs",
    "score_dictionary",
    "train",
    "train_kind",
    "unit_directions",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "device": ("resolve_device",),
        "dictionary.batch_topk": ("BatchTopK",),
        "dictionary.evaluate": ("evaluate", "matched_cosines"),
        "dictionary.kinds.given": ("KindData", "PairData", "Trained"),
        "dictionary.kinds.registry": ("KINDS", "load_kind", "train_kind"),
        "dictionary.protocol": ("Dictionary",),
        "dictionary.scores.matching": ("matched",),
        "dictionary.scores.probes": ("concept_probes",),
        "dictionary.scores.recovery": ("auc_draws", "base_scores", "code_scores", "recovered"),
        "dictionary.scores.summary": ("Judged", "score_dictionary", "unit_directions"),
        "dictionary.train": ("train",),
        "differences": ("Differences", "difference", "pair_differences"),
        "embed.choose": (
            "AUTO_TEXTS",
            "auto_encoder",
            "choose_encoder",
            "missing_for",
            "missing_for_server",
        ),
        "embed.encoder": ("Encoder",),
        "embed.loading": ("folder_hash",),
        "embed.local": ("fast_is_ready", "minilm_location"),
        "embed.precomputed": ("load_vectors",),
        "embed.texts": ("Embedded", "embed_pairs", "embed_texts"),
        "reward": ("reward_pairs",),
    },
)
