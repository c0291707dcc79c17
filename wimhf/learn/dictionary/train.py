"""Training of the signed BatchTopK dictionary."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch

from wimhf.base import DictionaryConfig, Event, Floats, Floats32, Progress, silent
from wimhf.errors import EstimationError
from wimhf.learn.device import resolve_device
from wimhf.learn.dictionary.batch_topk import BatchTopK, calibrated_threshold
from wimhf.learn.dictionary.evaluate import stability, variance_explained
from wimhf.learn.dictionary.fitting import Fitting
from wimhf.learn.dictionary.size import choose_size

CHECK_EVERY = 100
"""Steps between checkpoints, each judged on the select pairs, and progress reports."""
RESTARTS = 2
"""Seeds trained where nothing else is asked for; more add less than they differ by."""
PATIENCE = 5
"""Checks without a better checkpoint after which a restart has learned what it will."""
MOST_STEPS = 3_000
"""Steps after which more explain nothing more: on 58,630 pairs 3,000 explain .517 of the test
pairs' variance, 800 explain .510 and 11,452 explain .517."""
CHECK_PAIRS = 4096
"""Select pairs that judge a checkpoint; the threshold is calibrated on all of them."""
ORDER_PAIRS = 65_536
"""Fitting pairs, about, that say in which order features stand."""
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
    seeds = [seed + restart for restart in range(config.restarts or RESTARTS)]
    batch = min(len(fit), config.batch)
    steps = config.steps or max(600, min(MOST_STEPS, math.ceil(50 * len(fit) / batch)))
    data = torch.from_numpy(np.ascontiguousarray(fit)).to(device)
    work = len(seeds) * fit.shape[1] * size[0] * batch
    with _threads(1 if work < SMALL_WORK else None):
        kept = _run(Fitting(data, size, batch, steps, config, seeds), seeds, select, progress)
        found = [restart.dictionary(fit, select, size[1], config) for restart in kept]
    best = max(range(len(kept)), key=lambda number: kept[number].explained)
    others = [one for number, one in enumerate(found) if number != best]
    tried = [
        {"seed": restart.seed, "step": restart.step, "variance_explained": restart.explained}
        for restart in kept
    ]
    again = stability(found[best], others)
    return Training(found[best], size[1], steps, str(device), kept[best].history, tried, again)


@dataclass(eq=False)
class _Restart:
    """How one restart went: its best checkpoint so far, by the select pairs."""

    seed: int
    explained: float = -math.inf
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    weights: tuple[torch.Tensor, ...] = ()

    def better(self, step: int, figures: dict[str, float]) -> bool:
        """Keep a check's figures; return whether its weights should be kept, too."""
        self.history.append({"step": step, **figures})
        found = figures["variance explained"] > self.explained
        if found:
            self.explained, self.step = figures["variance explained"], step
        return found

    def flat(self, step: int) -> bool:
        return step - self.step >= PATIENCE * CHECK_EVERY

    def dictionary(
        self, fit: Floats32, select: Floats32, k: int, config: DictionaryConfig
    ) -> BatchTopK:
        """Calibrate the threshold on all select pairs; order features by what they explain."""
        decoder, gain = (weights.cpu().numpy() for weights in self.weights)
        raw = BatchTopK(decoder, gain, 0.0)
        threshold = calibrated_threshold(raw.preactivations(select), k)
        dictionary = BatchTopK(decoder, gain, threshold)
        if not config.prefixes:  # Matryoshka training has ordered them already
            some = fit[:: max(1, len(fit) // ORDER_PAIRS)]
            energy = np.square(dictionary.encode(some), dtype=np.float64).sum(axis=0)
            order = np.argsort(-energy, kind="stable")
            dictionary = BatchTopK(decoder[order], gain[order], threshold)
        self.explained = variance_explained(dictionary, select)
        return dictionary


def _run(
    fitting: Fitting, seeds: Sequence[int], select: Floats32, progress: Progress
) -> list[_Restart]:
    """Take all steps; return the restarts that were not given up on the way.

    One that finds no better checkpoint for long is finished; half-way the worse half of more
    than two is given up (successive halving, Jamieson and Talwalkar 2016).
    """
    rng = np.random.default_rng(0)
    chosen = select[rng.permutation(len(select))[:CHECK_PAIRS]]
    sample = torch.from_numpy(np.ascontiguousarray(chosen)).to(fitting.data.device)
    running = [_Restart(seed) for seed in seeds]
    finished: list[_Restart] = []
    for step in range(1, fitting.steps + 1):
        fitting.step()
        if step % CHECK_EVERY and step != fitting.steps:
            continue
        figures = {}
        shares = zip(fitting.explained(sample), fitting.figures(), strict=True)
        for number, (share, seen) in enumerate(shares):
            figures = {"variance explained": share, **seen}
            if running[number].better(step, figures):
                running[number].weights = fitting.weights(number)
        finished += [restart for restart in running if restart.flat(step)]
        going = _going_on(running, step, fitting.steps)
        done = step if going else fitting.steps
        progress(Event("dictionary", done, fitting.steps, unit="steps", figures=figures))
        if not going:
            break
        if len(going) < len(running):
            fitting.keep(going)
            running = [running[number] for number in going]
    return finished + [restart for restart in running if restart not in finished]


def _going_on(running: list[_Restart], step: int, steps: int) -> list[int]:
    """Return which restarts take the next step."""
    going = [number for number, restart in enumerate(running) if not restart.flat(step)]
    if len(running) > RESTARTS and steps / 2 <= step < steps / 2 + CHECK_EVERY:
        order = sorted(going, key=lambda number: -running[number].explained)
        going = sorted(order[: max(RESTARTS, len(running) // 2)])
    return going


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
