"""Semi-nonnegative factorisation of single responses.

After Ding, Li and Jordan (2010), "Convex and semi-nonnegative matrix factorizations", IEEE TPAMI
32(1), and Shafran, Geiger and Geva (2025), arXiv 2506.10920, who factorise the activations of a
language model so: X ~ Z D with Z >= 0 and D of any sign, only the largest entries of a row of Z
kept. A row is a response's vector without its prompt's mean, so that what is asked does not become
a feature. A feature says that a response has something; that it lacks it is another feature.

The mean of a pair is its midpoint, so its responses are d / 2 and -d / 2 and its codes
g(d / 2) - g(-d / 2), a function of the difference that is odd by construction. While fitting, a
prompt with more responses has its mean taken over all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Floats32, Progress
from wimhf.learn.dictionary.batch_topk import calibrated_threshold
from wimhf.learn.dictionary.kinds.given import KindData, PairData, Trained
from wimhf.learn.dictionary.kinds.restarts import (
    Kept,
    Schedule,
    by_energy,
    explains,
    teller,
    trained,
)
from wimhf.learn.dictionary.kinds.stored import Stored, projected, unit_rows
from wimhf.learn.dictionary.size import choose_size

PASSES = 60
"""Times that codes and directions are fitted in turn."""
UPDATES = 20
"""Multiplicative updates of a row's codes, and half as many after the small ones are left out."""
FITTED = 20_000
"""Responses that are factorised at most."""
BLOCK = 65_536
TINY = 1e-12


@dataclass(frozen=True)
class SemiNonnegative(Stored):
    """A trained dictionary.

    Attributes
    ----------
    decoder
        D, (m, d) with unit rows.
    threshold
        tau: a code of a pair below it is 0.
    most
        Features that one response has at most.
    """

    threshold: float
    most: int
    kind: ClassVar[str] = "snmf"

    def encode(self, differences: Floats32) -> Floats32:
        """Return signed codes (n, m): those of response A less those of response B."""
        out = np.empty((len(differences), self.n_features), dtype=np.float32)
        for start in range(0, len(differences), BLOCK):
            block = projected(differences[start : start + BLOCK], self.decoder) / np.float32(2)
            codes = self._responses(block) - self._responses(-block)
            codes[np.abs(codes) < np.float32(self.threshold)] = 0.0
            out[start : start + BLOCK] = codes
        return out

    def _responses(self, products: Floats32) -> Floats32:
        rows = torch.from_numpy(self.decoder)
        return nonnegative(torch.from_numpy(products), rows @ rows.T, self.most).numpy()

    def calibrated(self, select: Floats32, k: int) -> SemiNonnegative:
        """Return it with the threshold by which k features are active in select pairs."""
        open_ended = replace(self, threshold=0.0)
        return replace(self, threshold=calibrated_threshold(open_ended.encode(select), k))


def nonnegative(products: torch.Tensor, gram: torch.Tensor, most: int) -> torch.Tensor:
    """Return the codes (t, m) >= 0 of responses, at most ``most`` of a row above 0.

    Parameters
    ----------
    products
        (t, m) of the responses with the rows of D.
    gram
        (m, m) of the rows with each other.
    """
    codes = _updated(products.clamp_min(0), products, gram, UPDATES)
    if most < codes.shape[1]:
        kept = codes.topk(most, dim=1).indices
        codes = codes * torch.zeros_like(codes).scatter_(1, kept, 1.0)
    return _updated(codes, products, gram, UPDATES // 2)


def _updated(
    codes: torch.Tensor, products: torch.Tensor, gram: torch.Tensor, times: int
) -> torch.Tensor:
    """Ding, Li and Jordan's update (their eq. 10); a code of 0 stays 0."""
    pull, push = products.clamp_min(0), (-products).clamp_min(0)
    toward, away = (-gram).clamp_min(0), gram.clamp_min(0)
    for _ in range(times):
        codes = codes * ((pull + codes @ toward) / (push + codes @ away + TINY)).sqrt()
    return codes


def single_responses(pairs: PairData) -> Floats32:
    """Return the vectors (2 n, d) of responses without their prompt's mean, A's first."""
    if pairs.a is None or pairs.b is None:
        half = pairs.differences / np.float32(2)
        return np.concatenate([half, -half])
    own = np.arange(len(pairs)) if pairs.prompt is None else pairs.prompt
    number = np.tile(np.unique(own, return_inverse=True)[1], 2)
    vectors = np.concatenate([pairs.a, pairs.b]).astype(np.float32)
    means = np.zeros((number.max() + 1, vectors.shape[1]), dtype=np.float32)
    np.add.at(means, number, vectors)
    means /= np.bincount(number)[:, None].astype(np.float32)
    return np.asarray(vectors - means[number], dtype=np.float32)


def train_snmf(data: KindData, config: DictionaryConfig, seed: int, progress: Progress) -> Trained:
    """Fit codes and directions in turn; keep the pass that explains select pairs best."""
    fit, select = data.fit.differences, data.select.differences
    size = choose_size(len(fit) + len(select), fit.shape[1], config)
    plan = replace(Schedule.of(config, len(fit)), steps=PASSES)
    rows = np.random.default_rng(seed).permutation(2 * len(fit))[:FITTED]
    responses = torch.from_numpy(single_responses(data.fit)[rows]).to(plan.device)

    def one(number: int, own: int) -> Kept:
        told = teller(progress, number, plan)
        decoder, history = _factorised(responses, size, own)
        found = SemiNonnegative(decoder, 0.0, size[1]).calibrated(select, size[1])
        told(PASSES, {})
        return Kept(found.taken(by_energy(found, fit)), PASSES, history)

    return trained(plan, size[1], seed, explains(select), one)


def _factorised(
    x: torch.Tensor, size: tuple[int, int], seed: int
) -> tuple[Floats32, list[dict[str, float]]]:
    """Return unit rows (m, d) of D and what every pass left."""
    m, k = size
    rng = torch.Generator().manual_seed(seed)
    drawn = x[torch.randperm(len(x), generator=rng)[:m].to(x.device)]
    noise = torch.randn(m, x.shape[1], generator=rng).to(x.device)
    decoder = _unit(drawn if len(drawn) == m else noise)
    history: list[dict[str, float]] = []
    for number in range(1, PASSES + 1):
        codes = nonnegative(x @ decoder.T, decoder @ decoder.T, k)
        rest = x - codes @ decoder
        history.append(
            {"step": float(number), "loss": float(rest.square().sum() / x.square().sum())}
        )
        gram = codes.T @ codes
        ridge = 1e-4 * gram.diagonal().mean().clamp_min(TINY)
        solved = torch.linalg.solve(gram + ridge * torch.eye(m, device=x.device), codes.T @ x)
        dead = (codes > 0).sum(dim=0) == 0
        if dead.any():  # a feature that no response has starts anew at what was explained worst
            worst = rest.square().sum(dim=1).topk(min(len(x), m)).indices
            at = torch.randperm(len(worst), generator=rng)[: int(dead.sum())].to(x.device)
            solved[dead.nonzero()[: len(at), 0]] = rest[worst[at]]
        decoder = _unit(solved)
    return unit_rows(decoder.cpu().numpy()), history


def _unit(rows: torch.Tensor) -> torch.Tensor:
    unit: torch.Tensor = rows / rows.norm(dim=1, keepdim=True).clamp_min(TINY)
    return unit
