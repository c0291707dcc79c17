"""Matching pursuit, unrolled.

After Costa, Fel, Lubana, Tolooshams and Ba (2025), "From flat to hierarchical: extracting sparse
representations with matching pursuit", arXiv 2506.03093 (MP-SAE), without biases and with signed
codes. Each round takes the row that matches best what the earlier ones left, so that rows need not
be nearly orthogonal and a feature may stand under another. In training, too, a pursuit ends by a
threshold, by which a batch of B pairs takes k B features: a pair that has more takes more rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Floats32, Ints, Progress
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
from wimhf.learn.dictionary.kinds.stored import BLOCK, Stored, projected, unit_rows
from wimhf.learn.dictionary.size import choose_size

MORE_ROUNDS = 4
"""A pair may take so many times k rounds: the threshold, not the count, ends most pursuits."""


@dataclass(frozen=True)
class MatchingPursuit(Stored):
    """A trained dictionary.

    Attributes
    ----------
    decoder
        D, (m, d) with unit rows; it encodes, too.
    threshold
        A pursuit ends where no row's product with the residual reaches it.
    rounds
        Rounds at most.
    """

    threshold: float
    rounds: int
    kind: ClassVar[str] = "mp"

    def encode(self, differences: Floats32) -> Floats32:
        """Return signed codes (n, m) of differences (n, d).

        Which row matches best does not depend on the sign, not even in ties, so codes are odd.
        """
        out = np.empty((len(differences), self.n_features), dtype=np.float32)
        rows = torch.from_numpy(self.decoder)
        for start in range(0, len(differences), BLOCK):
            block = torch.from_numpy(projected(differences[start : start + BLOCK], self.decoder))
            taken = pursued(block, rows @ rows.T, self.rounds, self.threshold)
            out[start : start + BLOCK] = codes_of(*taken[:2], self.n_features).numpy()
        return out

    def calibrated(self, select: Floats32, k: int) -> MatchingPursuit:
        """Return it with the threshold by which k features are active in a select pair."""
        rows = torch.from_numpy(self.decoder)
        products = torch.from_numpy(projected(select, self.decoder))
        _, values, new = pursued(products, rows @ rows.T, self.rounds, 0.0)
        return replace(self, threshold=pursuit_end(values.abs(), new, k * len(select)))


def pursued(
    products: torch.Tensor, gram: torch.Tensor, rounds: int, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pursue every pair.

    Parameters
    ----------
    products
        (n, m) of the pairs with the rows.
    gram
        (m, m) of the rows with each other.

    Returns
    -------
    tuple
        Per round which row was taken, how much of it, and whether for the first time; (n, rounds)
        each.
    """
    left, seen = products.clone(), torch.zeros_like(products, dtype=torch.bool)
    at = torch.arange(len(left), device=left.device)
    going = torch.ones(len(left), dtype=torch.bool, device=left.device)
    rows = torch.zeros(len(left), rounds, dtype=torch.long, device=left.device)
    values = torch.zeros(len(left), rounds, device=left.device)
    new = torch.zeros(len(left), rounds, dtype=torch.bool, device=left.device)
    for number in range(rounds):
        row = left.abs().argmax(dim=1)
        value = left[at, row]
        going = going & (value.abs() >= threshold)
        if threshold > 0 and not bool(going.any()):
            break
        value = torch.where(going, value, 0.0)
        rows[:, number], values[:, number] = row, value
        new[:, number] = ~seen[at, row] & (value != 0)
        seen[at, row] = True
        left -= value[:, None] * gram[row]
    return rows, values, new


def codes_of(rows: torch.Tensor, values: torch.Tensor, features: int) -> torch.Tensor:
    """Return the codes (n, m) of what was taken in each round, (n, rounds)."""
    codes = torch.zeros(len(rows), features, device=values.device)
    return codes.scatter_add_(1, rows, values)


def pursuit_end(taken: torch.Tensor, new: torch.Tensor, count: int) -> float:
    """Return the threshold by which pursuits take ``count`` features in all.

    What a pursuit takes may rise again; it goes on only as long as nothing fell below, so the
    running minimum of what is taken decides.

    Parameters
    ----------
    taken, new
        Per round the magnitude that was taken and whether for the first time, (n, rounds), of
        pursuits without a threshold.
    """
    tiny = float(np.finfo(np.float32).tiny)
    least = torch.cummin(taken, dim=1).values[new]
    if len(least) == 0:
        return tiny
    keep = min(len(least), max(1, count))
    return max(float(least.kthvalue(len(least) - keep + 1).values), tiny)


class _Learner:
    """Loss of the residual that pursuits leave; the codes are constants in it."""

    def __init__(
        self, fit: torch.Tensor, select: Floats32, size: tuple[int, int], seed: int
    ) -> None:
        m, self.k = size
        self.fit, self.select = fit, select
        rng = torch.Generator().manual_seed(seed)
        start = torch.randn(m, fit.shape[1], generator=rng)
        self.decoder = (start / start.norm(dim=1, keepdim=True)).to(fit.device).requires_grad_()
        self.free: tuple[torch.Tensor, ...] = ()
        self.rounds = min(m, MORE_ROUNDS * self.k)

    def loss(self, rows: torch.Tensor, progress: float) -> torch.Tensor:
        del progress
        x = self.fit[rows.to(self.fit.device)]
        with torch.no_grad():
            products, gram = x @ self.decoder.T, self.decoder @ self.decoder.T
            taken, values, new = pursued(products, gram, self.rounds, 0.0)
            end = pursuit_end(values.abs(), new, self.k * len(x))
            kept = torch.cummin(values.abs(), dim=1).values >= end
            codes = codes_of(taken, values * kept, len(self.decoder))
        rest = x - codes @ self.decoder
        loss: torch.Tensor = rest.square().sum() / x.square().sum().clamp_min(1e-12)
        return loss

    def dictionary(self) -> MatchingPursuit:
        rows = unit_rows(self.decoder.detach().cpu().numpy().copy())
        return MatchingPursuit(rows, 0.0, self.rounds).calibrated(self.select, self.k)


def train_mp(data: KindData, config: DictionaryConfig, seed: int, progress: Progress) -> Trained:
    """Train by the residual that pursuits leave, codes held constant."""
    fit, select = data.fit.differences, data.select.differences
    size = choose_size(len(fit) + len(select), fit.shape[1], config)
    plan = Schedule.of(config, len(fit))
    rows = torch.from_numpy(np.ascontiguousarray(fit)).to(plan.device)

    def one(number: int, own: int) -> Kept:
        learner = _Learner(rows, select, size, own)
        kept = descended(
            learner, explains(select), config, plan, len(fit), own, teller(progress, number, plan)
        )
        found = kept.dictionary
        assert isinstance(found, MatchingPursuit)
        order: Ints = by_energy(found, fit)
        return replace(kept, dictionary=found.taken(order))

    return trained(plan, size[1], seed, explains(select), one)
