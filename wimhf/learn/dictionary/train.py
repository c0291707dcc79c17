"""Training of the signed BatchTopK dictionary."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Event, Floats, Floats32, Progress, silent
from wimhf.errors import EstimationError
from wimhf.learn.device import resolve_device
from wimhf.learn.dictionary.batch_topk import BatchTopK, calibrated_threshold, keep_largest
from wimhf.learn.dictionary.evaluate import stability, variance_explained
from wimhf.learn.dictionary.size import choose_size

CHECK_EVERY = 100
"""Steps between checkpoints, each judged on the select pairs, and progress reports."""
RESTARTS = 2
"""Seeds trained where nothing else is asked for; more add less than they differ by."""
CHECK_PAIRS = 4096
"""Select pairs that judge a checkpoint; the threshold is calibrated on all of them."""
MIN_PAIRS = 20
"""Fewer fitting pairs than this teach no direction at all."""
SMALL_WORK = 2**24
"""Multiplications in one batch below which a second thread only adds waiting."""


@dataclass(frozen=True)
class Training:
    """A trained dictionary and how its training went.

    Attributes
    ----------
    dictionary
        The best restart's best checkpoint by variance explained on the select pairs.
    history
        One entry per check of that restart: step, loss, variance explained, active, dead.
    restarts
        Per seed: seed, the kept step and the variance explained on the select pairs.
    stability
        (m,) mean |cosine| with the matched features of the other seeds; None with one seed.
    """

    dictionary: BatchTopK
    k: int
    steps: int
    device: str
    history: list[dict[str, float]] = field(default_factory=list)
    restarts: list[dict[str, float]] = field(default_factory=list)
    stability: Floats | None = None


def train(
    fit: Floats32,
    select: Floats32,
    config: DictionaryConfig,
    seed: int,
    progress: Progress = silent,
) -> Training:
    """Train on the fitting pairs; choose the checkpoint and calibrate on the select pairs.

    Of the restarts the one is kept that explains most of the select pairs' variance.

    Parameters
    ----------
    fit, select
        (n, d) scaled differences. The loss is even in them, so swapping sides changes no bit of
        the result, and swapped copies would only double the cost.
    seed
        The first of the restarts' seeds. Same seed and machine: same bytes.

    Raises
    ------
    EstimationError
        If there are too few pairs to learn from.
    """
    if len(fit) < MIN_PAIRS or len(select) < 2:
        raise EstimationError(
            f"{len(fit)} pairs to fit are too few for a dictionary; at least {MIN_PAIRS} are needed"
        )
    size = choose_size(len(fit) + len(select), fit.shape[1], config)
    device = resolve_device(config.device)
    restarts = config.restarts or RESTARTS
    batch = min(len(fit), max(config.batch, len(fit) // 500))
    steps = config.steps or max(600, min(20_000, math.ceil(50 * len(fit) / batch)))
    data = torch.from_numpy(np.ascontiguousarray(fit)).to(device)
    kept: list[_Checkpoint] = []
    tried: list[dict[str, float]] = []
    with _threads(1 if fit.shape[1] * size[0] * batch < SMALL_WORK else None):
        for restart in range(restarts):
            fitting = _Fitting(data, size, batch, steps, config, seed + restart)
            best = _run(fitting, select, (restart, restarts), progress)
            best.dictionary = _finished(best.dictionary, fit, select, size[1], config)
            best.explained = variance_explained(best.dictionary, select)
            kept.append(best)
            tried.append(
                {"seed": seed + restart, "step": best.step, "variance_explained": best.explained}
            )
    winner = max(kept, key=lambda checkpoint: checkpoint.explained)
    others = [checkpoint.dictionary for checkpoint in kept if checkpoint is not winner]
    again = stability(winner.dictionary, others)
    return Training(winner.dictionary, size[1], steps, str(device), winner.history, tried, again)


@dataclass
class _Checkpoint:
    dictionary: BatchTopK
    explained: float
    step: int
    history: list[dict[str, float]]


def _run(
    fitting: _Fitting, select: Floats32, restart: tuple[int, int], progress: Progress
) -> _Checkpoint:
    """Take all steps and keep the checkpoint that explains the select pairs best."""
    rng = np.random.default_rng(0)
    sample = select[rng.permutation(len(select))[:CHECK_PAIRS]]
    best: _Checkpoint | None = None
    history: list[dict[str, float]] = []
    for step in range(1, fitting.steps + 1):
        loss = fitting.step(step)
        if step % CHECK_EVERY and step != fitting.steps:
            continue
        dictionary = fitting.dictionary(sample)
        explained = variance_explained(dictionary, sample)
        figures = {"loss": float(loss), "variance explained": explained, **fitting.figures()}
        history.append({"step": step, **figures})
        done = restart[0] * fitting.steps + step
        progress(
            Event("dictionary", done, restart[1] * fitting.steps, unit="steps", figures=figures)
        )
        if best is None or explained > best.explained:
            best = _Checkpoint(dictionary, explained, step, history)
    assert best is not None
    return best


def _finished(
    dictionary: BatchTopK, fit: Floats32, select: Floats32, k: int, config: DictionaryConfig
) -> BatchTopK:
    """Calibrate the threshold on all select pairs; order features by what they explain."""
    threshold = calibrated_threshold(dictionary.preactivations(select), k)
    dictionary = BatchTopK(dictionary.decoder, dictionary.gain, threshold)
    if config.prefixes:  # Matryoshka training has ordered them already
        return dictionary
    energy = np.zeros(dictionary.n_features)
    for start in range(0, len(fit), 65_536):
        energy += np.square(dictionary.encode(fit[start : start + 65_536])).sum(axis=0)
    order = np.argsort(-energy, kind="stable")
    return BatchTopK(dictionary.decoder[order], dictionary.gain[order], threshold)


class _Fitting:
    """The mutable state of one restart: weights, optimiser, batches, dead features."""

    def __init__(
        self,
        data: torch.Tensor,
        size: tuple[int, int],
        batch: int,
        steps: int,
        config: DictionaryConfig,
        seed: int,
    ) -> None:
        m, self.k = size
        self.data, self.batch, self.steps, self.config = data, batch, steps, config
        self.rng = torch.Generator().manual_seed(seed)
        start = torch.randn(m, data.shape[1], generator=self.rng)
        start = start / start.norm(dim=1, keepdim=True)
        self.decoder = start.to(data.device).requires_grad_()
        self.gain = torch.ones(m, device=data.device, requires_grad=True)
        self.optimizer = torch.optim.Adam(
            [self.decoder, self.gain], lr=config.learning_rate, fused=True
        )
        self.prefixes = (*config.prefixes, m)
        self.silent_for = torch.zeros(m, device=data.device)
        self.active = torch.zeros((), device=data.device)
        self.order = torch.empty(0, dtype=torch.long)

    @torch.no_grad()
    def step(self, step: int) -> torch.Tensor:
        """Take one optimiser step; return the loss as a tensor, so that a GPU need not wait.

        The gradient is written out: of so small products, recording them costs as much again.
        """
        rate = self.config.learning_rate * _schedule(step, self.steps, self.config.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        x = self._next_batch()
        projected = x @ self.decoder.T
        a = projected * self.gain
        z = keep_largest(a, self.k * len(x))
        fired = z != 0
        self.active = fired.sum() / len(x)
        self.silent_for = torch.where(fired.any(dim=0), 0.0, self.silent_for + len(x))
        loss, residual, of_codes, of_decoder = self._reconstruction(x, z)
        of_codes = of_codes * fired
        self._auxiliary(residual, a, of_codes, of_decoder)
        self.decoder.grad = of_decoder.addmm_((of_codes * self.gain).T, x)
        self.gain.grad = (of_codes * projected).sum(dim=0)
        self._stay_on_sphere()
        return loss

    def _reconstruction(
        self, x: torch.Tensor, z: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the mean loss over prefixes, what all features leave, and the loss's gradients.

        These are of the codes (b, m) and, through the decoding alone, of the decoder (m, d).
        """
        share = 1 / (x.square().sum().clamp_min(1e-12) * len(self.prefixes))
        of_codes, of_decoder = torch.zeros_like(z), torch.zeros_like(self.decoder)
        loss, residual = torch.zeros((), device=x.device), x
        for p in self.prefixes:
            residual = x - z[:, :p] @ self.decoder[:p]
            loss = loss + residual.square().sum() * share
            pull = residual * (-2 * share)
            of_codes[:, :p] += pull @ self.decoder[:p].T
            of_decoder[:p] += z[:, :p].T @ pull
        return loss, residual, of_codes, of_decoder

    def _auxiliary(
        self,
        residual: torch.Tensor,
        a: torch.Tensor,
        of_codes: torch.Tensor,
        of_decoder: torch.Tensor,
    ) -> None:
        """Add the gradients of AuxK (Gao et al. 2024).

        Dead features reconstruct what the living ones left over.
        """
        dead = self.silent_for >= self.config.dead_after
        n_dead = int(dead.sum())
        if n_dead == 0:
            return
        chosen, own = a[:, dead], self.decoder[dead]
        top = chosen.abs().topk(min(n_dead, 2 * self.k), dim=1).indices
        mask = torch.zeros_like(chosen).scatter_(1, top, 1.0)
        kept = chosen * mask
        pull = residual - kept @ own
        pull *= -2 * self.config.aux_weight / residual.square().sum().clamp_min(1e-12)
        of_codes[:, dead] += (pull @ own.T) * mask
        of_decoder[dead] += kept.T @ pull

    def _stay_on_sphere(self) -> None:
        """Step without the gradient's component along D, then renormalise D's rows."""
        grad = self.decoder.grad
        if grad is not None:
            grad -= (grad * self.decoder).sum(dim=1, keepdim=True) * self.decoder
        self.optimizer.step()
        self.decoder /= self.decoder.norm(dim=1, keepdim=True).clamp_min(1e-12)

    def _next_batch(self) -> torch.Tensor:
        if len(self.order) < self.batch:
            self.order = torch.randperm(len(self.data), generator=self.rng)
        index, self.order = self.order[: self.batch], self.order[self.batch :]
        batch: torch.Tensor = self.data[index.to(self.data.device)]
        return batch

    def figures(self) -> dict[str, float]:
        """Return mean active features of the last batch and the number of dead ones."""
        dead = (self.silent_for >= self.config.dead_after).sum()
        return {"active": float(self.active), "dead": float(dead)}

    def dictionary(self, sample: Floats32) -> BatchTopK:
        """Return the weights as they stand, with a threshold for the sample's pairs."""
        decoder = self.decoder.detach().cpu().numpy().copy()
        gain = self.gain.detach().cpu().numpy().copy()
        raw = BatchTopK(decoder, gain, 0.0)
        return BatchTopK(decoder, gain, calibrated_threshold(raw.preactivations(sample), self.k))


def _schedule(step: int, steps: int, warmup: int) -> float:
    """Linear warm-up, then a cosine to 0; ``step`` counts from 1."""
    if step <= warmup:
        return step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Use ``count`` threads of torch for as long as this lasts."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
