"""A variational sparse autoencoder.

After Baker and Li (2025), "Analysis of variational sparse autoencoders", arXiv 2509.22994: codes
are drawn from a Gaussian whose mean the encoder gives, the largest are kept, and the divergence
from a standard normal is part of the loss. The authors report that it leaves fewer living features
than the same autoencoder without it; it is here so that this can be seen. The variance is one per
feature: one that depended on the sign of a difference would not be odd.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Floats32, Progress
from wimhf.learn.dictionary.batch_topk import keep_largest
from wimhf.learn.dictionary.kinds.given import KindData, Trained
from wimhf.learn.dictionary.kinds.restarts import (
    Kept,
    Schedule,
    by_energy,
    descended,
    explains,
    teller,
    trained,
)  # fmt: skip
from wimhf.learn.dictionary.kinds.stored import unit_rows
from wimhf.learn.dictionary.kinds.thresholded import Thresholded
from wimhf.learn.dictionary.size import choose_size

KL_WEIGHT = 1.0
"""Weight of the mean divergence of a feature, against a reconstruction loss of at most 1."""
KL_WARMUP = 0.1
"""Share of the steps over which that weight rises from 0."""
FIRST_LOG_VARIANCE = -2.0


@dataclass(frozen=True)
class Variational(Thresholded):
    """A trained dictionary; its codes are the posterior's means.

    Attributes
    ----------
    deviation
        (m,) standard deviation of each feature's posterior.
    """

    deviation: Floats32
    kind: ClassVar[str] = "vsae"


class _Learner:
    def __init__(
        self, fit: torch.Tensor, select: Floats32, size: tuple[int, int], seed: int
    ) -> None:
        m, self.k = size
        self.fit, self.select = fit, select
        self.rng = torch.Generator().manual_seed(seed)
        start = torch.randn(m, fit.shape[1], generator=self.rng)
        start = (start / start.norm(dim=1, keepdim=True)).to(fit.device)
        self.decoder = start.clone().requires_grad_()
        self.encoder = start.clone().requires_grad_()
        self.log_variance = torch.full(
            (m,), FIRST_LOG_VARIANCE, device=fit.device, requires_grad=True
        )
        self.free: tuple[torch.Tensor, ...] = (self.encoder, self.log_variance)

    def loss(self, rows: torch.Tensor, progress: float) -> torch.Tensor:
        x = self.fit[rows.to(self.fit.device)]
        x = x * self.k**0.5  # then an active code is about as large as the prior expects
        mean = x @ self.encoder.T
        noise = torch.randn(mean.shape, generator=self.rng).to(x.device)
        drawn = mean + noise * (0.5 * self.log_variance).exp()
        z = keep_largest(drawn, self.k * len(x))
        rest = (x - z @ self.decoder).square().sum() / x.square().sum().clamp_min(1e-12)
        variance = self.log_variance.exp()
        divergence = 0.5 * (mean.square() + variance - 1 - self.log_variance).mean()
        loss: torch.Tensor = rest + KL_WEIGHT * min(1.0, progress / KL_WARMUP) * divergence
        return loss

    def dictionary(self) -> Variational:
        decoder, encoder, log_variance = (
            one.detach().cpu().numpy().copy()
            for one in (self.decoder, self.encoder, self.log_variance)
        )
        none = np.zeros(len(decoder), dtype=np.float32)
        deviation = np.exp(0.5 * log_variance).astype(np.float32) / np.float32(self.k**0.5)
        raw = Variational(unit_rows(decoder), encoder, none, deviation)
        return raw.calibrated(self.select, self.k)


def train_vsae(data: KindData, config: DictionaryConfig, seed: int, progress: Progress) -> Trained:
    """Train by reconstruction and divergence; say how many features are left alive."""
    fit, select = data.fit.differences, data.select.differences
    size = choose_size(len(fit) + len(select), fit.shape[1], config)
    plan = Schedule.of(config, len(fit))
    rows = torch.from_numpy(np.ascontiguousarray(fit)).to(plan.device)

    def one(number: int, own: int) -> Kept:
        learner = _Learner(rows, select, size, own)
        told = teller(progress, number, plan)
        kept = descended(learner, explains(select), config, plan, len(fit), own, told)
        assert isinstance(kept.dictionary, Variational)
        return replace(kept, dictionary=kept.dictionary.taken(by_energy(kept.dictionary, fit)))

    got = trained(plan, size[1], seed, explains(select), one)
    living = (got.dictionary.encode(select) != 0).any(axis=0)
    assert isinstance(got.dictionary, Variational)
    figures = {"living": int(living.sum()), "deviation": got.dictionary.deviation.tolist()}
    return replace(got, figures=figures)
