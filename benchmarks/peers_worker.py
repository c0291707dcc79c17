"""Train one dictionary on differences that a file holds, by one tool, in that tool's environment.

    python benchmarks/peers_worker.py TOOL DATA.npz SEED M K OUT

TOOL is wimhf, hypothesaes or prefscope, with its own defaults. Writes OUT.json and OUT.npy, the
codes of all pairs. Nothing of any tool but the one asked for is imported.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

Coding = Callable[[np.ndarray], np.ndarray]
Trained = tuple[Coding, Coding, list[tuple[float, float]]]
"""How to encode and to decode, and what our checks explained after how many seconds."""


def explained(x: np.ndarray, again: np.ndarray) -> float:
    """Return the share of squared length that is given back."""
    return 1 - float(np.square(x - again).sum(dtype=float) / np.square(x).sum(dtype=float))


def wimhf(fit: np.ndarray, select: np.ndarray, seed: int, m: int, k: int) -> Trained:
    """Train with our own defaults, watching the checks."""
    from wimhf.base import DictionaryConfig, Event
    from wimhf.learn.dictionary.train import train

    began, seen = time.perf_counter(), []

    def watch(event: Event) -> None:
        seen.append((time.perf_counter() - began, event.figures["variance explained"]))

    one = train(fit, select, DictionaryConfig(features=m, k=k), seed, watch).dictionary
    return one.encode, one.decode, seen


def hypothesaes(fit: np.ndarray, select: np.ndarray, seed: int, m: int, k: int) -> Trained:
    """Train as ``train_sae`` of the package does: batches of 512, early stopping."""
    from hypothesaes.sae import SparseAutoencoder

    torch.manual_seed(seed)
    model = SparseAutoencoder(fit.shape[1], m, k, device="cpu")
    model.fit(torch.from_numpy(fit), torch.from_numpy(select), show_progress=False)
    model.eval()

    def decode(codes: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return (model.decoder(torch.from_numpy(codes)) + model.input_bias).numpy()

    return lambda x: model.get_activations(x, show_progress=False), decode, []


def prefscope(fit: np.ndarray, select: np.ndarray, seed: int, m: int, k: int) -> Trained:
    """Train a signed batch top-k dictionary without prefixes, as ours is."""
    from prefscope.sae.train import train_sae

    model, _, _ = train_sae(
        fit, select, m_total=m, k=k, matryoshka_prefix=(), seed=seed, device="cpu"
    )
    model.eval()

    def encode(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model.encode(torch.from_numpy(x)).numpy()

    def decode(codes: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return (model.decoder(torch.from_numpy(codes)) + model.input_bias).numpy()

    return encode, decode, []


TOOLS = {"wimhf": wimhf, "hypothesaes": hypothesaes, "prefscope": prefscope}


def main() -> None:
    """Train; write what came out."""
    tool, source, seed, m, k, out = sys.argv[1:]
    held = np.load(source)
    part, delta = held["part"], np.ascontiguousarray(held["delta"], dtype=np.float32)
    fit, select, test = (delta[part == name] for name in ("fit", "select", "test"))
    TOOLS[tool](fit[:200], select[:100], 0, 4, 2)  # libraries are loaded
    wall, processor = time.perf_counter(), time.process_time()
    encode, decode, checks = TOOLS[tool](fit, select, int(seed), int(m), int(k))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    codes, swapped = encode(test), encode(-test)
    size = float(np.abs(codes).sum(dtype=float)) or 1.0
    row = {
        "tool": tool, "seed": int(seed), "seconds": wall, "processor": processor,
        "explained": explained(test, decode(codes)),
        "select": explained(select, decode(encode(select))),
        "active": float((codes != 0).sum(axis=1).mean()),
        "swap": float(np.abs(codes + swapped).sum(dtype=float)) / size,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, "checks": checks,
    }  # fmt: skip
    np.save(f"{out}.npy", encode(delta).astype(np.float32))
    Path(f"{out}.json").write_text(json.dumps(row))


if __name__ == "__main__":
    main()
