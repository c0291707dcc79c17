"""Texts a second of the packaged encoders, and of minilm through ONNX Runtime in 8 bits.

    python -m pip install onnx onnxscript onnxruntime
    python benchmarks/embedding.py [FILE] [--texts 2000] [--rounds 3]

FILE is HH-RLHF harmless by default. Every encoder takes turns on the same responses; the median
counts. AUC: of a ridge logistic regression on differences, out of fold by prompt, of as many pairs
as these texts make, to see whether 8 bits lose anything.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

import wimhf
from wimhf.learn.embed.local import SentenceEncoder, StaticEncoder, minilm_location

DEFAULT = Path(__file__).resolve().parents[2] / "shared/data/hh_rlhf_harmless_test.jsonl.gz"
NEEDED = ("onnx", "onnxscript", "onnxruntime")
Encode = Callable[[list[str]], np.ndarray]


def onnx_encoder(bits: int) -> Encode:
    """Return minilm exported to ONNX, in 32 bits or with weights of 8."""
    import onnxruntime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(minilm_location(), device="cpu")
    folder = Path(tempfile.mkdtemp())
    plain, small = folder / "plain.onnx", folder / "small.onnx"
    some = model.tokenizer(["a few words"], return_tensors="pt")
    axes = {0: "texts", 1: "tokens"}
    names = ["input_ids", "attention_mask"]

    class Hidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model[0].auto_model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return self.inner(input_ids=ids, attention_mask=mask).last_hidden_state

    torch.onnx.export(
        Hidden().eval(), tuple(some[name] for name in names), plain, input_names=names,
        output_names=["hidden"], dynamic_axes=dict.fromkeys([*names, "hidden"], axes),
        opset_version=17, dynamo=False,
    )  # fmt: skip
    if bits == 8:
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    session = onnxruntime.InferenceSession(str(small if bits == 8 else plain), options)

    def encode(texts: list[str]) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        out = np.empty((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            tokens = model.tokenizer(
                [texts[row] for row in rows], padding=True, truncation=True,
                max_length=model.max_seq_length, return_tensors="np",
            )  # fmt: skip
            hidden = session.run(None, {name: tokens[name].astype(np.int64) for name in names})[0]
            mask = tokens["attention_mask"][:, :, None]
            mean = (hidden * mask).sum(axis=1) / mask.sum(axis=1)
            out[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return out

    return encode


def auc(pairs: pl.DataFrame, a: np.ndarray, b: np.ndarray) -> float:
    """Return the AUC of differences, out of fold by prompt."""
    decided = ((pairs["label"] != 0.5) & pairs["label"].is_not_null()).to_numpy()
    columns, won = (a - b)[decided] / (a - b).std(), pairs["label"].to_numpy()[decided] > 0.5
    groups, score = pairs["component"].to_numpy()[decided], np.zeros(int(decided.sum()))
    for rest, held in GroupKFold(5).split(columns, won, groups):
        model = LogisticRegression(fit_intercept=False, C=0.01, max_iter=500)
        score[held] = model.fit(columns[rest], won[rest]).decision_function(columns[held])
    return float(roc_auc_score(won, score))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    own = parser.parse_args()
    if not own.file.is_file():
        sys.exit(f"{own.file} is absent; name a file of pairs")
    pairs = wimhf.inspect(own.file, limit=own.texts // 2).pairs.with_row_index("component")
    texts = [*pairs["response_a"], *pairs["response_b"]]
    encoders: dict[str, Encode] = {
        "fast": StaticEncoder().encode,
        "minilm": SentenceEncoder("minilm", minilm_location(), "cpu", None).encode,
    }
    absent = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        print(f"without ONNX: {', '.join(absent)} not installed")
    else:
        encoders |= {"minilm, ONNX": onnx_encoder(32), "minilm, ONNX, 8 bits": onnx_encoder(8)}
    taken: dict[str, list[float]] = {name: [] for name in encoders}
    vectors: dict[str, np.ndarray] = {}
    for encode in encoders.values():
        encode(texts[:64])  # what is loaded at first use is
    for _ in range(own.rounds):
        for name, encode in encoders.items():
            began = time.perf_counter()
            vectors[name] = encode(texts)
            taken[name].append(len(texts) / (time.perf_counter() - began))
    words = np.mean([len(text.split()) for text in texts])
    print(f"{len(texts):,} responses of {words:.0f} words, {os.cpu_count()} cores\n")
    print(
        "| encoder | texts/s | AUC of differences | least cosine with torch |\n"
        + "| --- " * 4
        + "|"
    )
    for name, own_vectors in vectors.items():
        a, b = np.split(own_vectors, 2)
        like = "–"
        if name.startswith("minilm"):
            ours = vectors["minilm"] / np.linalg.norm(vectors["minilm"], axis=1, keepdims=True)
            like = f"{(ours * own_vectors).sum(axis=1).min():.4f}"
        print(f"| {name} | {median(taken[name]):,.0f} | {auc(pairs, a, b):.3f} | {like} |")


if __name__ == "__main__":
    main()
