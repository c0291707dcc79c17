"""Gain-shape residual vector quantisation: features that can be counted.

After Gersho and Gray (1992), "Vector quantization and signal compression" (gain-shape and
multistage codes), and Tamkin, Taufeeque and Goodman (2023), "Codebook features", arXiv 2310.17230.
A feature is a shape, a unit row, and one gain; a code is -1, 0 or 1. Each of k rounds takes what
brings the residual down most, so that a pair has at most k features.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Floats32, Progress
from wimhf.learn.dictionary.kinds.given import KindData, Trained
from wimhf.learn.dictionary.kinds.restarts import (
    Kept,
    Schedule,
    by_energy,
    explains,
    teller,
    trained,
)
from wimhf.learn.dictionary.kinds.stored import BLOCK, Stored, projected, unit_rows
from wimhf.learn.dictionary.size import choose_size

PASSES = 60
"""Times that pairs are given to features and features put in the middle of theirs."""
OPEN_PASSES = 30
"""The first of them, in which the gain is a pair's own: shapes that are quantised from the start
stay where they were drawn (arXiv 2605.06870)."""
FITTED = 50_000
"""Pairs that are quantised at most while fitting."""


@dataclass(frozen=True)
class Codebook(Stored):
    """A trained dictionary.

    Attributes
    ----------
    decoder
        The shapes, (m, d) unit rows.
    gain
        (m,): what a code of 1 adds is its gain times its shape.
    rounds
        Features of a pair at most.
    """

    gain: Floats32
    rounds: int
    kind: ClassVar[str] = "vq"

    def encode(self, differences: Floats32) -> Floats32:
        """Return codes (n, m), each -1, 0 or 1, of differences (n, d).

        What a feature brings does not depend on the sign, not even in ties, so codes are odd.
        """
        out = np.empty((len(differences), self.n_features), dtype=np.float32)
        rows, gain = torch.from_numpy(self.decoder), torch.from_numpy(self.gain)
        for start in range(0, len(differences), BLOCK):
            left = torch.from_numpy(projected(differences[start : start + BLOCK], self.decoder))
            codes = torch.zeros_like(left)
            for _ in range(self.rounds):
                chosen = _chosen(left, gain, codes)
                codes += chosen
                left = left - (chosen * gain) @ (rows @ rows.T)
            out[start : start + BLOCK] = codes.numpy()
        return out

    def decode(self, codes: Floats32) -> Floats32:
        """Return the sum of gains times shapes, (n, d)."""
        return np.asarray(codes, dtype=np.float32) @ (self.decoder * self.gain[:, None])


def _chosen(left: torch.Tensor, gain: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Return one round's codes (n, m): at most one of a row is not 0.

    Parameters
    ----------
    left
        (n, m) products of the residuals with the shapes.
    codes
        (n, m) of earlier rounds: a feature is taken once.
    """
    bring = (2 * left.abs() - gain) * gain
    bring = bring.masked_fill(codes != 0, -1.0)
    best, row = bring.max(dim=1)
    sign = torch.gather(left, 1, row[:, None]).sign() * (best > 0)[:, None]
    return torch.zeros_like(codes).scatter_(1, row[:, None], sign)


def train_vq(data: KindData, config: DictionaryConfig, seed: int, progress: Progress) -> Trained:
    """Fit by Lloyd's passes (1982): give pairs to features, move features to the mean of theirs."""
    fit, select = data.fit.differences, data.select.differences
    size = choose_size(len(fit) + len(select), fit.shape[1], config)
    plan = replace(Schedule.of(config, len(fit)), steps=PASSES)
    rows = np.random.default_rng(seed).permutation(len(fit))[:FITTED]
    pairs = torch.from_numpy(np.ascontiguousarray(fit[rows])).to(plan.device)

    def one(number: int, own: int) -> Kept:
        told = teller(progress, number, plan)
        words, history = _quantised(pairs, size, own)
        gain = np.linalg.norm(words, axis=1).astype(np.float32)
        found = Codebook(unit_rows(words), gain, size[1])
        told(PASSES, {})
        return Kept(found.taken(by_energy(found, fit)), PASSES, history)

    return trained(plan, size[1], seed, explains(select), one)


def _quantised(
    x: torch.Tensor, size: tuple[int, int], seed: int
) -> tuple[Floats32, list[dict[str, float]]]:
    """Return the features (m, d), gain times shape, and what every pass left."""
    m, k = size
    rng = torch.Generator().manual_seed(seed)
    words = x[torch.randint(len(x), (m,), generator=rng).to(x.device)].clone()
    history: list[dict[str, float]] = []
    for number in range(1, PASSES + 1):
        gain = words.norm(dim=1)
        shapes = words / gain.clamp_min(1e-12)[:, None]
        open_gain = number <= OPEN_PASSES
        sums, counts = torch.zeros_like(words), torch.zeros(m, device=x.device)
        rest, codes = x, torch.zeros(len(x), m, device=x.device)
        for _ in range(k):
            products = rest @ shapes.T
            chosen = _chosen(products, products.abs() if open_gain else gain, codes)
            codes = codes + chosen
            weight = chosen * products.abs() if open_gain else chosen
            sums += weight.T @ rest
            counts += weight.abs().sum(dim=0)
            rest = rest - (weight if open_gain else chosen * gain) @ shapes
        left = float(rest.square().sum() / x.square().sum())
        history.append({"step": float(number), "loss": left})
        words = torch.where(counts[:, None] > 0, sums / counts.clamp_min(1e-12)[:, None], words)
        dead = (counts == 0).nonzero()[:, 0]
        if len(dead) and number < PASSES:  # a feature that no pair has becomes what is left of one
            size_left = rest.square().sum(dim=1).clamp_min(1e-12).cpu()
            drawn = torch.multinomial(size_left, len(dead), replacement=True, generator=rng)
            words[dead] = rest[drawn.to(x.device)]
    return words.cpu().numpy(), history
