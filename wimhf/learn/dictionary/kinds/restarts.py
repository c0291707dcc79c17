"""What trained kinds share: batches, schedule, checkpoints by select pairs, restarts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Event, Floats32, Ints, Progress
from wimhf.learn.device import resolve_device
from wimhf.learn.dictionary.evaluate import stability, variance_explained
from wimhf.learn.dictionary.kinds.given import Trained
from wimhf.learn.dictionary.protocol import Dictionary

CHECK_EVERY = 100
"""Steps between checkpoints, each judged on the select pairs."""
RESTARTS = 2
"""Seeds trained where nothing else is asked for."""


Judge = Callable[[Dictionary], float]
"""How much of select pairs a dictionary explains."""
Told = Callable[[int, dict[str, float]], None]
"""Told of a step and its figures."""


class Learner(Protocol):
    """The weights of one restart.

    Attributes
    ----------
    decoder
        D, (m, d), whose rows are kept on the unit sphere.
    """

    decoder: torch.Tensor

    @property
    def free(self) -> Sequence[torch.Tensor]:
        """Other tensors that are learned."""

    def loss(self, rows: torch.Tensor, progress: float) -> torch.Tensor:
        """Return the loss of some fitting pairs; ``progress`` goes from 0 to 1."""

    def dictionary(self) -> Dictionary:
        """Return the weights as they stand, calibrated on select pairs."""


@dataclass(frozen=True)
class Schedule:
    """How long and on what a kind is trained."""

    steps: int
    batch: int
    restarts: int
    device: torch.device

    @classmethod
    def of(cls, config: DictionaryConfig, n_fit: int) -> Schedule:
        """Return what the settings ask for, else 50 epochs, at least 600 and at most 20,000."""
        batch = min(n_fit, max(config.batch, n_fit // 500))
        steps = config.steps or max(600, min(20_000, math.ceil(50 * n_fit / batch)))
        device = resolve_device(config.device)
        return cls(steps, batch, config.restarts or RESTARTS, device)


@dataclass(frozen=True)
class Kept:
    """One restart's dictionary, the step it was kept at, and how it came there."""

    dictionary: Dictionary
    step: int
    history: list[dict[str, float]]


def descended(
    learner: Learner, judge: Judge, config: DictionaryConfig, plan: Schedule,
    n_fit: int, seed: int, told: Told,
) -> Kept:  # fmt: skip
    """Take all steps of Adam and keep the checkpoint that is judged best."""
    rng = torch.Generator().manual_seed(seed)
    weights = [learner.decoder, *learner.free]
    optimizer = torch.optim.Adam(weights, lr=config.learning_rate)
    order = torch.empty(0, dtype=torch.long)
    best, explained, history = Kept(learner.dictionary(), 0, []), -math.inf, []
    for step in range(1, plan.steps + 1):
        if len(order) < plan.batch:
            order = torch.randperm(n_fit, generator=rng)
        rows, order = order[: plan.batch], order[plan.batch :]
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _rate(step, plan.steps, config.warmup)
        optimizer.zero_grad()
        loss = learner.loss(rows, step / plan.steps)
        loss.backward()  # type: ignore[no-untyped-call]
        _step_on_sphere(optimizer, learner.decoder)
        if step % CHECK_EVERY and step != plan.steps:
            continue
        now = learner.dictionary()
        figure = judge(now)
        figures = {"loss": float(loss.detach()), "variance explained": figure}
        history.append({"step": step, **figures})
        told(step, figures)
        if figure > explained:
            best, explained = Kept(now, step, history), figure
    return best


@torch.no_grad()
def _step_on_sphere(optimizer: torch.optim.Optimizer, decoder: torch.Tensor) -> None:
    """Step without the gradient's component along D, then renormalise D's rows."""
    if decoder.grad is not None:
        decoder.grad -= (decoder.grad * decoder).sum(dim=1, keepdim=True) * decoder
    optimizer.step()
    decoder /= decoder.norm(dim=1, keepdim=True).clamp_min(1e-12)


def _rate(step: int, steps: int, warmup: int) -> float:
    """Linear warm-up, then a cosine to 0; ``step`` counts from 1."""
    if step <= warmup:
        return step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def trained(
    plan: Schedule, k: int, seed: int, judge: Judge, train_one: Callable[[int, int], Kept]
) -> Trained:
    """Train every restart and lay out what came of the one that is judged best.

    Parameters
    ----------
    train_one
        Number of the restart and its seed -> what it kept.
    """
    kept = [train_one(number, seed + number) for number in range(plan.restarts)]
    explained = [judge(one.dictionary) for one in kept]
    best = kept[int(np.argmax(explained))]
    tried = [
        {"seed": seed + at, "step": one.step, "variance_explained": figure}
        for at, (one, figure) in enumerate(zip(kept, explained, strict=True))
    ]
    again = stability(best.dictionary, [one.dictionary for one in kept if one is not best])
    return Trained(best.dictionary, k, plan.steps, str(plan.device), best.history, tried, again)


def teller(progress: Progress, number: int, plan: Schedule) -> Told:
    """Return what reports the steps of one restart."""

    def told(step: int, figures: dict[str, float]) -> None:
        done = number * plan.steps + step
        progress(
            Event("dictionary", done, plan.restarts * plan.steps, unit="steps", figures=figures)
        )

    return told


def explains(select: Floats32) -> Judge:
    """Return the judge of variance explained."""
    return lambda found: variance_explained(found, select)


def by_energy(dictionary: Dictionary, fit: Floats32) -> Ints:
    """Return the order (m,) of features by the sum of squares of their codes, largest first."""
    energy = np.zeros(dictionary.n_features)
    for start in range(0, len(fit), 65_536):
        energy += np.square(dictionary.encode(fit[start : start + 65_536])).sum(axis=0)
    return np.argsort(-energy, kind="stable")
