"""A dictionary of one encoder's differences that writes another's, or writes what labels say, too.

After Dunefsky, Chlenski and Nanda (2024), "Transcoders find interpretable LLM feature circuits",
arXiv 2406.11944. The target is the difference by a second encoder; without one it is the
difference itself with the margin of a dense probe appended, the probe fitted to the labels of
fitting pairs alone. A free encoder memorises a few thousand pairs, so it is tied to the decoder
through the ridge map from input to target, with one gain per feature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Floats, Floats32, Progress
from wimhf.errors import EstimationError
from wimhf.learn.dictionary.batch_topk import keep_largest
from wimhf.learn.dictionary.kinds.decoding import written_by
from wimhf.learn.dictionary.kinds.given import KindData, PairData, Trained
from wimhf.learn.dictionary.kinds.restarts import (
    Kept,
    Schedule,
    by_energy,
    descended,
    teller,
    trained,
)  # fmt: skip
from wimhf.learn.dictionary.kinds.thresholded import Thresholded
from wimhf.learn.dictionary.protocol import Dictionary
from wimhf.learn.dictionary.size import choose_size
from wimhf.stats import Labels, fit_probe, ridge_weights

MARGIN_SHARE = 0.25
"""Mean square of an appended margin, as a share of that of the difference."""
LEAST_LABELS = 50
"""Decided labels of fitting pairs from which a probe is fitted."""


@dataclass(frozen=True)
class Transcoder(Thresholded):
    """A trained dictionary.

    Attributes
    ----------
    target_decoder
        (m, e): what one unit of each feature adds to the target.
    """

    target_decoder: Floats32
    kind: ClassVar[str] = "transcoder"

    def write_target(self, differences: Floats32) -> Floats32:
        """Return the target (n, e) that differences (n, d) stand for."""
        return self.encode(differences) @ self.target_decoder


def target_explained(dictionary: Transcoder, differences: Floats32, target: Floats32) -> float:
    """Return 1 - the share of the target's (n, e) sum of squares that is not written."""
    rest = np.square(target - dictionary.write_target(differences), dtype=np.float64).sum()
    whole = np.square(target, dtype=np.float64).sum()
    return 1.0 - float(rest) / float(whole) if whole > 0 else 0.0


@dataclass(frozen=True)
class _Targets:
    """What is written of fitting and of select pairs, and the map (d, e) from the input to it."""

    fit: Floats32
    select: Floats32
    through: Floats32


class _Learner:
    """Loss of the target; the encoder is the decoder through the map."""

    def __init__(
        self, data: KindData, targets: _Targets, size: tuple[int, int], config: DictionaryConfig,
        seed: int, device: torch.device,
    ) -> None:  # fmt: skip
        (m, self.k), self.data, self.targets, self.config = size, data, targets, config
        mapped = data.fit.differences @ targets.through
        self.mapped = torch.from_numpy(np.ascontiguousarray(mapped)).to(device)
        self.target = torch.from_numpy(np.ascontiguousarray(targets.fit)).to(device)
        rng = torch.Generator().manual_seed(seed)
        start = torch.randn(m, self.target.shape[1], generator=rng)
        self.decoder = (start / start.norm(dim=1, keepdim=True)).to(device).requires_grad_()
        self.gain = torch.ones(m, device=device, requires_grad=True)
        self.free: tuple[torch.Tensor, ...] = (self.gain,)
        self.silent_for = torch.zeros(m, device=device)

    def loss(self, rows: torch.Tensor, progress: float) -> torch.Tensor:
        del progress
        at = rows.to(self.mapped.device)
        y = self.target[at]
        a = (self.mapped[at] @ self.decoder.T) * self.gain
        z = keep_largest(a, self.k * len(y))
        rest = y - z @ self.decoder
        fired = (z.detach() != 0).any(dim=0)
        self.silent_for = torch.where(fired, 0.0, self.silent_for + len(y))
        loss: torch.Tensor = rest.square().sum() / y.square().sum().clamp_min(1e-12)
        loss = loss + self._auxiliary(a, rest.detach())
        return loss

    def _auxiliary(self, a: torch.Tensor, rest: torch.Tensor) -> torch.Tensor:
        """Dead features write what the living ones left over (AuxK, Gao et al. 2024)."""
        dead = self.silent_for >= self.config.dead_after
        if not bool(dead.any()):
            return torch.zeros((), device=a.device)
        chosen = keep_largest(a[:, dead], min(int(dead.sum()), 2 * self.k) * len(a))
        again: torch.Tensor = (rest - chosen @ self.decoder[dead]).square().sum()
        return again * (self.config.aux_weight / rest.square().sum().clamp_min(1e-12))

    def dictionary(self) -> Transcoder:
        decoder = self.decoder.detach().cpu().numpy()
        gain = self.gain.detach().cpu().numpy()[:, None]
        encoder = np.ascontiguousarray((decoder * gain) @ self.targets.through.T)
        raw = Transcoder(encoder, encoder, np.zeros(len(encoder), dtype=np.float32), decoder.copy())
        found = raw.calibrated(self.data.select.differences, self.k)
        written = written_by(found, self.data.fit.differences)
        size = written.threshold / found.threshold
        return replace(written, target_decoder=found.target_decoder / size[:, None])


def train_transcoder(
    data: KindData, config: DictionaryConfig, seed: int, progress: Progress
) -> Trained:
    """Train on the target of ``data``, else on the differences with a probe's margin.

    Raises
    ------
    EstimationError
        If there is no target and too few labels for a probe.
    """
    fit, select = data.fit.differences, data.select.differences
    size = choose_size(len(fit) + len(select), fit.shape[1], config)
    plan = Schedule.of(config, len(fit))
    targets, appended = _targets(data, seed)

    def judge(found: Dictionary) -> float:
        assert isinstance(found, Transcoder)
        return target_explained(found, select, targets.select)

    def one(number: int, own: int) -> Kept:
        learner = _Learner(data, targets, size, config, own, plan.device)
        told = teller(progress, number, plan)
        kept = descended(learner, judge, config, plan, len(fit), own, told)
        assert isinstance(kept.dictionary, Transcoder)
        return replace(kept, dictionary=kept.dictionary.taken(by_energy(kept.dictionary, fit)))

    got = trained(plan, size[1], seed, judge, one)
    figures = {
        "target": "margin" if appended else "second encoder",
        "target_explained": judge(got.dictionary),
        "saw_labels": appended,
    }
    return replace(got, figures=figures)


def _targets(data: KindData, seed: int) -> tuple[_Targets, bool]:
    """Return what is written, and whether it is differences with a margin."""
    fit, select = data.fit, data.select
    if fit.target is not None and select.target is not None:
        through = ridge_weights(fit.differences, fit.target).astype(np.float32)
        return _Targets(fit.target, select.target, through), False
    beta = _probe(fit, seed)
    size = float(np.sqrt(np.square(fit.differences @ beta).mean()))
    power = float(np.square(fit.differences, dtype=np.float64).sum(axis=1).mean())
    beta = beta * (np.sqrt(MARGIN_SHARE * power) / max(size, 1e-12))
    through = np.column_stack([np.eye(len(beta)), beta]).astype(np.float32)
    return _Targets(fit.differences @ through, select.differences @ through, through), True


def _probe(fit: PairData, seed: int) -> Floats:
    """Return the coefficients (d,) of a dense probe of the fitting pairs' labels."""
    label = np.full(len(fit), np.nan) if fit.label is None else fit.label
    weight = np.ones(len(fit)) if fit.weight is None else fit.weight
    labels = Labels(label, weight)
    decided = int((labels.used & (label != 0.5)).sum())
    if decided < LEAST_LABELS:
        raise EstimationError(
            f"a transcoder without a second encoder needs labels to fit a probe to: {decided} of "
            f"the pairs to fit have one and {LEAST_LABELS} are needed; use another --dictionary"
        )
    own = np.arange(len(fit)) if fit.component is None else fit.component
    return fit_probe(fit.differences, labels, own, seed)
