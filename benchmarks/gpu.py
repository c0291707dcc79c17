"""What a GPU does: steps of the dictionary, whole trainings, texts embedded in half precision.

    python benchmarks/gpu.py [--pairs 600000]
    python benchmarks/gpu.py --model FOLDER [--shape bge-large] [--long 6]

Planted differences (signed sparse sums of directions, plus noise) of 384 dimensions. A step as it
is (a recorded graph of kernels) stands beside the same step launched kernel by kernel and beside
its matrix products alone, recorded too: what no step can go below. Where there is no GPU, says so.
With ``--shape`` the model has that shape, random weights and the tokenizer of FOLDER: its speed is
that of a trained one. ``--long 6`` joins six of the demo's texts into one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from wimhf.base.config import DictionaryConfig
from wimhf.learn.dictionary.evaluate import variance_explained
from wimhf.learn.dictionary.fitting import WARM, Fitting, replayed
from wimhf.learn.dictionary.train import train

DIM = 384
DEMO = Path(__file__).resolve().parents[1] / "data/demo.jsonl.gz"
BERT = {"model_type": "bert", "vocab_size": 30_522}
SHAPES: dict[str, dict] = {
    "minilm": BERT | {"hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536},
    "bge-large": BERT | {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
                         "intermediate_size": 4096},
    "qwen3-0.6b": {"model_type": "qwen3", "hidden_size": 1024, "num_hidden_layers": 28,
                   "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
                   "intermediate_size": 3072, "vocab_size": 151_669},
}  # fmt: skip
SIZES = ((32, 4, 256), (256, 8, 256), (256, 8, 1024), (512, 16, 1024))


def planted(n: int, atoms: int = 300, active: int = 8) -> torch.Tensor:
    """Draw n differences of ``active`` planted directions each, with noise, of unit power."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rng = torch.Generator(device).manual_seed(0)
    rows = torch.randn(atoms, DIM, generator=rng, device=device)
    rows /= rows.norm(dim=1, keepdim=True)
    values = torch.empty(n, DIM, device=device)
    for start in range(0, n, 65_536):
        part = values[start : start + 65_536]
        chosen = torch.rand(len(part), atoms, generator=rng, device=device) < active / atoms
        codes = torch.randn(len(part), atoms, generator=rng, device=device) * chosen
        part.copy_(codes @ rows + 0.1 * torch.randn(part.shape, generator=rng, device=device))
    return values / values.square().sum(dim=1).mean().sqrt()


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return microseconds a round, the first ones not counted."""
    for _ in range(WARM + 2):
        work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(rounds):
        work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return 1e6 * (time.perf_counter() - start) / rounds


def products(restarts: int, m: int, batch: int, device: torch.device) -> Callable[[], None]:
    """Return the five matrix products of a step, of the same shapes."""
    x = torch.randn(restarts, batch, DIM, device=device)
    decoder = torch.randn(restarts, m, DIM, device=device)
    codes = torch.randn(restarts, batch, m, device=device)

    def work() -> None:
        _ = x @ decoder.mT
        residual = torch.baddbmm(x, codes, decoder, alpha=-1)
        _ = residual @ decoder.mT
        of_decoder = codes.mT @ residual
        of_decoder.baddbmm_(codes.mT, x)

    return work


def steps(data: torch.Tensor, size: tuple[int, int, int], restarts: int) -> dict[str, float]:
    """Time a step of this size, as it is, launched one by one, and its products."""
    m, k, batch = size
    config = DictionaryConfig(features=m, k=k)
    rounds = 300 if data.device.type == "cuda" else 10

    def fitting() -> Fitting:
        return Fitting(data, (m, k), batch, 3000, config, range(restarts))

    eager, ours = fitting(), fitting()

    def one_by_one() -> None:
        eager._compute = eager._eager
        eager.step()

    bare = products(restarts, m, batch, data.device)
    if data.device.type == "cuda":
        bare()
        bare = replayed(bare)
    taken = timed(ours.step, rounds)
    return {
        "m": m, "k": k, "batch": batch, "restarts": restarts, "step_us": taken,
        "one_by_one_us": timed(one_by_one, rounds), "products_us": timed(bare, rounds),
        "pairs_per_s": 1e6 * restarts * batch / taken,
    }  # fmt: skip


def whole(values: np.ndarray, device: str, restarts: int) -> dict[str, float | str]:
    """Time a whole training at the default size."""
    cut = int(0.8 * len(values))
    config = DictionaryConfig(features=256, k=8, restarts=restarts, device=device)
    start = time.perf_counter()
    training = train(values[:cut], values[cut:], config, 0)
    seconds = time.perf_counter() - start
    explained = variance_explained(training.dictionary, values[cut:])
    return {
        "device": device, "pairs": cut, "restarts": restarts, "steps": training.steps,
        "seconds": seconds, "variance_explained": explained,
    }  # fmt: skip


def untrained(shape: str, words: str, folder: str) -> str:
    """Keep a model of this shape, with random weights and the tokenizer of ``words``."""
    import transformers
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    config = transformers.AutoConfig.for_model(**SHAPES[shape])
    torch.manual_seed(0)
    transformers.AutoModel.from_config(config).half().save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(words).save_pretrained(folder)
    whole = Transformer(folder, max_seq_length=512)
    kept = f"{folder}/whole"
    mode = "lasttoken" if shape.startswith("qwen") else "mean"
    SentenceTransformer(modules=[whole, Pooling(config.hidden_size, mode)]).float().save(kept)
    return kept


def demo_texts(long: int) -> list[str]:
    """Return the demo's texts, so many joined into one."""
    with gzip.open(DEMO, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = sorted({text for row in rows for text in row.values() if isinstance(text, str)})
    np.random.default_rng(0).shuffle(texts)
    return [" ".join(texts[at : at + long]) for at in range(0, len(texts), long)]


def embedding(folder: str, texts: list[str], batch: int) -> dict[str, float]:
    """Texts a second of a sentence-transformers model, single and half precision."""
    from wimhf.learn.embed.local import SentenceEncoder

    encoder = SentenceEncoder("model", folder, "cuda", None, batch)
    texts = sorted(texts, key=len, reverse=True)
    rates, vectors = {}, {}
    for name in ("half", "single"):
        if name == "single":
            encoder._half = False
            encoder._model.float()
        encoder.encode(texts)  # the memory of every length is set up
        start = time.perf_counter()
        vectors[name] = encoder.encode(texts)
        rates[name] = len(texts) / (time.perf_counter() - start)
    one, other = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in vectors.values())
    characters = sum(map(len, texts)) / len(texts)
    least = float((one * other).sum(axis=1).min())
    return {"batch": batch, "characters": characters, **rates, "least_cosine": least}


def main() -> None:
    """Print one line of JSON per measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=600_000)
    parser.add_argument("--model", help="folder of a sentence-transformers model")
    parser.add_argument("--shape", choices=SHAPES, help="measure this shape, untrained")
    parser.add_argument("--long", type=int, default=1, help="texts of the demo joined into one")
    args = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU on this machine: the same figures of its processor follow")
    else:
        print(torch.cuda.get_device_name(), torch.__version__)
    if args.model:
        texts = demo_texts(args.long)
        with tempfile.TemporaryDirectory() as own:
            model = untrained(args.shape, args.model, own) if args.shape else args.model
            for batch in (64, 256):
                print(args.shape, json.dumps(embedding(model, texts, batch)), flush=True)
        return
    data = planted(args.pairs)
    for size in SIZES:
        for restarts in (1, 4):
            print(json.dumps(steps(data, size, restarts)), flush=True)
    values = data.cpu().numpy()
    for device in ("cuda", "cpu") if torch.cuda.is_available() else ("cpu",):
        for restarts in (1, 4):
            if device == "cuda" or restarts == 1:
                print(json.dumps(whole(values, device, restarts)), flush=True)


if __name__ == "__main__":
    main()
