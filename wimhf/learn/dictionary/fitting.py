"""The steps of training: several restarts of the signed BatchTopK dictionary at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from wimhf.base import DictionaryConfig
from wimhf.learn.dictionary.batch_topk import keep_largest

WARM = 3
"""Steps on a GPU before one is recorded: its libraries and the optimiser set up their memory."""


class Fitting:
    """The mutable state of R restarts: weights, optimiser, batches, dead features.

    All restarts take each step together, as products of stacked matrices: they differ in their
    seeds alone, and so small products leave a machine idle one by one.

    Parameters
    ----------
    data
        (n, d) scaled differences, where the steps are to be computed.
    size
        m and K.
    seeds
        R seeds, each of the start and of the batches of one restart.
    """

    def __init__(
        self,
        data: torch.Tensor,
        size: tuple[int, int],
        batch: int,
        steps: int,
        config: DictionaryConfig,
        seeds: Sequence[int],
    ) -> None:
        m, self.k = size
        self.data, self.batch, self.steps, self.config = data, batch, steps, config
        self.rngs = [torch.Generator().manual_seed(seed) for seed in seeds]
        start = torch.stack([torch.randn(m, data.shape[1], generator=rng) for rng in self.rngs])
        start = start / start.norm(dim=-1, keepdim=True)
        self.on_gpu = data.device.type == "cuda"
        self.decoder = start.to(data.device).requires_grad_()
        self.gain = torch.ones(len(seeds), 1, m, device=data.device, requires_grad=True)
        self.decoder.grad = torch.zeros_like(self.decoder)
        self.gain.grad = torch.zeros_like(self.gain)
        self.optimizer = self._adam()
        self.prefixes = (*config.prefixes, m)
        self.silent_for = torch.zeros(len(seeds), m, device=data.device)
        self.active = torch.zeros(len(seeds), device=data.device)
        self.losses = torch.zeros(len(seeds), device=data.device)
        self.order = torch.empty(len(seeds), 0, dtype=torch.long, device=data.device)
        self.index = torch.zeros(len(seeds), batch, dtype=torch.long, device=data.device)
        self.x = torch.empty(len(seeds), batch, data.shape[1], device=data.device)
        self.taken = 0
        self._compute: Callable[[], None] = self._eager

    def _adam(self) -> torch.optim.Adam:
        rate = torch.zeros((), device=self.data.device) if self.on_gpu else 0.0
        weights = [self.decoder, self.gain]
        return torch.optim.Adam(weights, lr=rate, fused=True, capturable=self.on_gpu)

    @property
    def restarts(self) -> int:
        """Number of restarts R."""
        return len(self.rngs)

    @torch.no_grad()
    def step(self) -> None:
        """Take one optimiser step in every restart; nothing waits for the device."""
        self.taken += 1
        rate = self.config.learning_rate * schedule(self.taken, self.steps, self.config.warmup)
        for group in self.optimizer.param_groups:
            if self.on_gpu:
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        self._next_batch()
        self._compute()
        if self.on_gpu and self.taken == WARM:
            self._compute = replayed(self._eager)

    def _eager(self) -> None:
        """Write the losses and the gradients of the batch in ``index``, and follow them.

        The gradient is written out: of so small products, recording them costs as much again.
        """
        assert self.decoder.grad is not None
        assert self.gain.grad is not None
        x = self.x  # filled in place: new memory for every batch would cost as much as a product
        torch.index_select(self.data, 0, self.index.view(-1), out=x.view(-1, x.shape[-1]))
        projected = x @ self.decoder.mT
        a = projected * self.gain
        z = keep_largest(a, self.k * self.batch)
        fired = z != 0
        self.active.copy_(fired.sum(dim=(1, 2)) / self.batch)
        self.silent_for.add_(self.batch).masked_fill_(fired.any(dim=1), 0.0)
        residual, of_codes, of_decoder = self._reconstruction(x, z)
        of_codes *= fired
        self._auxiliary(residual, a, of_codes, of_decoder)
        torch.baddbmm(of_decoder, (of_codes * self.gain).mT, x, out=self.decoder.grad)
        torch.sum(of_codes * projected, dim=1, keepdim=True, out=self.gain.grad)
        self._stay_on_sphere()

    def _reconstruction(
        self, x: torch.Tensor, z: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Write the mean losses over prefixes; return what is left and the losses' gradients.

        These are of the codes (R, b, m) and, through the decoding alone, of the decoder.
        """
        power = _power(x).clamp_min(1e-12)
        share = 1 / (power * len(self.prefixes))
        of_codes, of_decoder = torch.zeros_like(z), torch.zeros_like(self.decoder)
        self.losses.zero_()
        residual = x
        for p in self.prefixes:
            rows = self.decoder[:, :p]
            residual = torch.baddbmm(x, z[..., :p], rows, alpha=-1)
            self.losses += (_power(residual) * share).flatten()
            pull = residual * (-2 * share)
            of_codes[..., :p] += pull @ rows.mT
            of_decoder[:, :p] += z[..., :p].mT @ pull
        return residual, of_codes, of_decoder

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
        dead = (self.silent_for >= self.config.dead_after)[:, None, :]
        if not self.on_gpu and not dead.any():  # a GPU would have to be waited for
            return
        sizes = torch.where(dead, a.abs(), -1.0)
        top = sizes.topk(min(sizes.shape[-1], 2 * self.k), dim=-1, sorted=False).indices
        mask = torch.zeros_like(a).scatter_(-1, top, 1.0) * dead
        kept = a * mask
        power = _power(residual).clamp_min(1e-12)
        pull = torch.baddbmm(residual, kept, self.decoder, alpha=-1)
        pull *= -2 * self.config.aux_weight / power
        of_codes += (pull @ self.decoder.mT) * mask
        of_decoder += kept.mT @ pull

    def _stay_on_sphere(self) -> None:
        """Step without the gradient's component along D, then renormalise D's rows."""
        grad = self.decoder.grad
        assert grad is not None
        grad -= (grad * self.decoder).sum(dim=-1, keepdim=True) * self.decoder
        self.optimizer.step()
        self.decoder /= self.decoder.norm(dim=-1, keepdim=True).clamp_min(1e-12)

    def _next_batch(self) -> None:
        if self.order.shape[1] < self.batch:
            n = len(self.data)
            order = torch.stack([torch.randperm(n, generator=rng) for rng in self.rngs])
            self.order = order.to(self.data.device)
        self.index.copy_(self.order[:, : self.batch])
        self.order = self.order[:, self.batch :]

    @torch.no_grad()
    def keep(self, which: Sequence[int]) -> None:
        """Go on with these restarts alone; every other tensor of theirs stays as it is."""
        chosen = torch.tensor(list(which), device=self.data.device)
        states = [self.optimizer.state[weights] for weights in (self.decoder, self.gain)]
        self.rngs = [self.rngs[restart] for restart in which]
        for name in ("silent_for", "active", "losses", "order", "index", "x"):
            setattr(self, name, getattr(self, name)[chosen])
        for name in ("decoder", "gain"):
            setattr(self, name, getattr(self, name)[chosen].requires_grad_())
        self.optimizer = self._adam()
        for weights, state in zip((self.decoder, self.gain), states, strict=True):
            weights.grad = torch.zeros_like(weights)
            self.optimizer.state[weights] = {
                name: value[chosen] if value.ndim else value for name, value in state.items()
            }
        if self.on_gpu:
            self._compute = replayed(self._eager)

    def figures(self) -> list[dict[str, float]]:
        """Return loss, mean active features and number of dead ones of each restart."""
        dead = (self.silent_for >= self.config.dead_after).sum(dim=1)
        columns = torch.stack([self.losses, self.active, dead]).T.tolist()
        return [{"loss": loss, "active": active, "dead": count} for loss, active, count in columns]

    @torch.no_grad()
    def explained(self, sample: torch.Tensor) -> list[float]:
        """Return the share of the sample's variance that each restart explains at K active."""
        a = (sample @ self.decoder.mT) * self.gain
        z = keep_largest(a, self.k * len(sample))
        left = torch.baddbmm(sample.expand(self.restarts, -1, -1), z, self.decoder, alpha=-1)
        share: torch.Tensor = 1 - left.square().sum(dim=(1, 2)) / sample.square().sum()
        return share.tolist()

    def weights(self, restart: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a copy of the decoder (m, d) and the gain (m,) of one restart."""
        return self.decoder.detach()[restart].clone(), self.gain.detach()[restart, 0].clone()


def _power(values: torch.Tensor) -> torch.Tensor:
    """Return the sum of squares (R, 1, 1) of each restart's values (R, b, d)."""
    power: torch.Tensor = torch.linalg.vector_norm(values, dim=(1, 2), keepdim=True).square()
    return power


def replayed(body: Callable[[], None]) -> Callable[[], None]:
    """Record a step's kernels as a CUDA graph; return what launches them all at once.

    Dozens of kernels of a few microseconds each would otherwise wait for their launches.
    """
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        body()
    return graph.replay


def schedule(step: int, steps: int, warmup: int) -> float:
    """Return the share of the learning rate: linear warm-up, then a cosine to 0.

    ``step`` counts from 1.
    """
    if step <= warmup:
        return step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
