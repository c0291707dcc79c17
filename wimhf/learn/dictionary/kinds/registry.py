"""Every kind of dictionary, by its name: what trains it and what loads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from wimhf.base import DictionaryConfig, Floats32, Progress, silent
from wimhf.errors import ConfigError, RunError
from wimhf.learn.dictionary.batch_topk import BatchTopK
from wimhf.learn.dictionary.kinds.given import KindData, Trained
from wimhf.learn.dictionary.kinds.mp import MatchingPursuit, train_mp
from wimhf.learn.dictionary.kinds.snmf import SemiNonnegative, train_snmf
from wimhf.learn.dictionary.kinds.supervised import Supervised, train_supervised
from wimhf.learn.dictionary.kinds.transcoder import Transcoder, train_transcoder
from wimhf.learn.dictionary.kinds.vq import Codebook, train_vq
from wimhf.learn.dictionary.kinds.vsae import Variational, train_vsae
from wimhf.learn.dictionary.protocol import Dictionary
from wimhf.learn.dictionary.train import train

Trainer = Callable[[KindData, DictionaryConfig, int, Progress], Trained]


@dataclass(frozen=True)
class Kind:
    """One kind of dictionary.

    Attributes
    ----------
    train
        Data, settings, seed and progress -> what was learned.
    load
        What ``tensors`` gave -> the dictionary.
    needs_more
        Whether differences alone are not enough to train it.
    """

    train: Trainer
    load: Callable[[dict[str, Floats32]], Dictionary]
    needs_more: bool = False


def _batch_topk(data: KindData, config: DictionaryConfig, seed: int, progress: Progress) -> Trained:
    got = train(data.fit.differences, data.select.differences, config, seed, progress)
    return Trained(
        got.dictionary, got.k, got.steps, got.device, got.history, got.restarts, got.stability
    )


KINDS: Mapping[str, Kind] = {
    "batch_topk": Kind(_batch_topk, BatchTopK.from_tensors),
    "mp": Kind(train_mp, MatchingPursuit.from_tensors),
    "snmf": Kind(train_snmf, SemiNonnegative.from_tensors),
    "vq": Kind(train_vq, Codebook.from_tensors),
    "transcoder": Kind(train_transcoder, Transcoder.from_tensors, needs_more=True),
    "vsae": Kind(train_vsae, Variational.from_tensors),
    "supervised": Kind(train_supervised, Supervised.from_tensors, needs_more=True),
}


def train_kind(
    kind: str,
    data: KindData,
    config: DictionaryConfig,
    seed: int,
    progress: Progress = silent,
) -> Trained:
    """Train a dictionary of some kind.

    Parameters
    ----------
    kind
        A name in ``KINDS``; ``config.kind`` is not looked at.
    seed
        The first of the restarts' seeds. Same seed and machine: same bytes.

    Raises
    ------
    ConfigError
        If there is no such kind, or the settings ask for what it has not.
    EstimationError
        If the data lack what it learns from.
    """
    if kind not in KINDS:
        raise ConfigError(f"dictionary {kind!r} is unknown; use {', '.join(KINDS)}")
    return KINDS[kind].train(data, replace(config, kind=kind), seed, progress)


def load_kind(kind: str, tensors: dict[str, Floats32]) -> Dictionary:
    """Return the dictionary that was saved as tensors.

    Raises
    ------
    RunError
        If the kind is unknown or tensors are missing.
    """
    if kind not in KINDS:
        raise RunError(
            f"the run's dictionary is of kind {kind!r}, which this version does not know; "
            "open it with a newer one"
        )
    return KINDS[kind].load(tensors)
