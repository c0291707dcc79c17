"""Why the encoder is tied: a free encoder memorises a few thousand pairs.

    python benchmarks/dictionary.py [FILE] [--seeds 3]

Trains, on the same fitting pairs of HH-RLHF harmless (minilm), this package's dictionary and the
same autoencoder with a free encoder W (learning rate .004, at which it does better than at the
tied one's .01), both at their best checkpoint by the select pairs.
Prints variance explained on fitting and test pairs, and training times side by side.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import wimhf
from wimhf.base.config import DictionaryConfig
from wimhf.learn.dictionary.batch_topk import keep_largest
from wimhf.learn.dictionary.evaluate import variance_explained
from wimhf.learn.dictionary.train import train
from wimhf.learn.differences import difference

DEFAULT = Path(__file__).resolve().parents[2] / "shared/data/hh_rlhf_harmless_test.jsonl.gz"
M, K, STEPS, BATCH = 32, 4, 2000, 256


def free_encoder(parts: dict[str, np.ndarray], seed: int) -> dict[str, float]:
    """Train W and D apart; return variance explained at the best checkpoint on select pairs."""
    data = {name: torch.from_numpy(values) for name, values in parts.items()}
    rng = torch.Generator().manual_seed(seed)
    start = torch.randn(M, data["fit"].shape[1], generator=rng)
    start /= start.norm(dim=1, keepdim=True)
    decoder, encoder = start.clone().requires_grad_(), start.clone().requires_grad_()
    optimizer = torch.optim.Adam([decoder, encoder], lr=4e-3, fused=True)
    best = {"select": -1.0}
    for step in range(STEPS):
        rate = 4e-3 * min(1, (step + 1) / 50) * (1 + math.cos(math.pi * step / STEPS)) / 2
        optimizer.param_groups[0]["lr"] = rate
        x = data["fit"][torch.randint(len(data["fit"]), (BATCH,), generator=rng)]
        z = keep_largest(x @ encoder.T, K * BATCH)
        loss = (x - z @ decoder).square().sum() / x.square().sum()
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():
            decoder.grad -= (decoder.grad * decoder).sum(dim=1, keepdim=True) * decoder
            optimizer.step()
            decoder /= decoder.norm(dim=1, keepdim=True)
            if (step + 1) % 50 == 0:
                figures = explained(data, encoder, decoder)
                if figures["select"] > best["select"]:
                    best = figures
    return best | {"last": explained(data, encoder, decoder)["test"]}


def explained(
    data: dict[str, torch.Tensor], encoder: torch.Tensor, decoder: torch.Tensor
) -> dict[str, float]:
    """Return variance explained per part, the threshold taken on the select pairs."""
    size = (data["select"] @ encoder.T).abs().flatten()
    threshold = size.kthvalue(len(size) - K * len(data["select"]) + 1).values
    out = {}
    for name, x in data.items():
        a = x @ encoder.T
        left = (x - (a * (a.abs() >= threshold)) @ decoder).square().sum()
        out[name] = 1 - float(left.detach() / x.square().sum())
    return out


def principal(parts: dict[str, np.ndarray], count: int) -> float:
    """Return the share of test differences that the fitting pairs' principal components explain."""
    _, _, directions = np.linalg.svd(parts["fit"], full_matrices=False)
    kept = parts["test"] @ directions[:count].T
    return float(np.square(kept).sum() / np.square(parts["test"]).sum())


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    if not args.file.is_file():
        sys.exit(f"{args.file} is absent; give the harmless-base test split as published")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        run = wimhf.analyze(args.file, folder, embed={"encoder": "minilm"})
        rows, split = (
            run.folder.read_table("pair_texts.parquet"),
            run.pair_table["split"].to_numpy(),
        )
        delta = difference(
            run.folder.read_array("embeddings.npy"),
            rows["text_a"].to_numpy(), rows["text_b"].to_numpy(),
            split == "fit",
        ).values  # fmt: skip
    parts = {name: np.ascontiguousarray(delta[split == name]) for name in ("fit", "select", "test")}
    bound = principal(parts, M)
    print(f"{M} principal components, all active: {bound:.3f} of the test pairs\n")
    config = DictionaryConfig(features=M, k=K, steps=STEPS, restarts=1, device="cpu")
    print("| seed | tied fit | tied test | free fit | free test | free last | tied s / free s |")
    print("|" + " --- |" * 7)
    for seed in range(args.seeds):
        started = time.perf_counter()
        tied = train(parts["fit"], parts["select"], config, seed).dictionary
        middle = time.perf_counter()
        free = free_encoder(parts, seed)
        ratio = (middle - started) / (time.perf_counter() - middle)
        values = [variance_explained(tied, parts[name]) for name in ("fit", "test")]
        values += [free["fit"], free["test"], free["last"], ratio]
        print(f"| {seed} | " + " | ".join(f"{value:.3f}" for value in values) + " |", flush=True)


if __name__ == "__main__":
    main()
