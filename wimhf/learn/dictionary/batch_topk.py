"""The exactly odd, signed BatchTopK sparse autoencoder.

After Bussmann, Leask and Nanda (2024), "BatchTopK sparse autoencoders", without biases and with
signed codes, so that swapping the two responses negates the codes bit for bit. The encoder is the
decoder times one gain per feature: with a few thousand pairs a free encoder memorises them
(`benchmarks/dictionary.py` measures both).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from wimhf.base import Floats32
from wimhf.errors import RunError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class BatchTopK:
    """A trained dictionary, as plain arrays.

    Attributes
    ----------
    decoder
        D, (m, d) with unit rows.
    gain
        g, (m,): pre-activations are ``a = g * (delta @ D.T)``.
    threshold
        tau: a code is ``a`` where ``|a| >= tau``, else 0.
    """

    decoder: Floats32
    gain: Floats32
    threshold: float
    kind: ClassVar[str] = "batch_topk"

    def __post_init__(self) -> None:
        if self.decoder.ndim != 2 or self.gain.shape != self.decoder.shape[:1]:
            raise RunError(
                f"dictionary arrays have shapes {self.decoder.shape} and {self.gain.shape}; "
                "expected (m, d) and (m,): the run is damaged, analyze again"
            )

    @property
    def n_features(self) -> int:
        """Number of features m."""
        return int(self.decoder.shape[0])

    @property
    def directions(self) -> Floats32:
        """The decoder D, (m, d)."""
        return self.decoder

    def preactivations(self, differences: Floats32, block: int = 65_536) -> Floats32:
        """Return a = g * (delta D^T), (n, m), before thresholding."""
        import torch

        weight = torch.from_numpy(np.ascontiguousarray((self.decoder * self.gain[:, None]).T))
        out = np.empty((len(differences), self.n_features), dtype=np.float32)
        for start in range(0, len(differences), block):
            rows = np.ascontiguousarray(differences[start : start + block], dtype=np.float32)
            out[start : start + block] = (torch.from_numpy(rows) @ weight).numpy()
        return out

    def encode(self, differences: Floats32) -> Floats32:
        """Return signed codes (n, m) of differences (n, d)."""
        codes = self.preactivations(differences)
        codes[np.abs(codes) < np.float32(self.threshold)] = 0.0
        return codes

    def decode(self, codes: Floats32) -> Floats32:
        """Return z D, (n, d)."""
        return np.asarray(codes, dtype=np.float32) @ self.decoder

    def prefix(self, features: int) -> BatchTopK:
        """Return the dictionary of the first features, which keep their numbers and codes."""
        return BatchTopK(self.decoder[:features], self.gain[:features], self.threshold)

    def tensors(self) -> dict[str, Floats32]:
        """Return decoder, gain and threshold, all fp32."""
        return {
            "decoder": self.decoder,
            "gain": self.gain,
            "threshold": np.array([self.threshold], dtype=np.float32),
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, Floats32]) -> BatchTopK:
        """Rebuild a dictionary from what ``tensors`` gave."""
        try:
            return cls(tensors["decoder"], tensors["gain"], float(tensors["threshold"][0]))
        except (KeyError, IndexError) as error:
            raise RunError(f"dictionary.safetensors lacks {error}; analyze again") from None


def calibrated_threshold(preactivations: Floats32, k: int) -> float:
    """Return tau, the (1 - K/m) quantile of |a| on held-out pairs, as a fp32 number.

    A running average of training thresholds, used elsewhere, leaves 2-3 times too many active
    features after few steps.
    """
    magnitudes = np.abs(preactivations).ravel()
    keep = min(len(magnitudes), max(1, round(k * len(preactivations))))
    threshold = np.partition(magnitudes, len(magnitudes) - keep)[len(magnitudes) - keep]
    # a threshold of 0 would call features active that did not move at all
    return float(max(threshold, np.finfo(np.float32).tiny))


def keep_largest(preactivations: torch.Tensor, count: int) -> torch.Tensor:
    """Return preactivations (..., b, m) with all but the ``count`` largest of each b x m set to 0.

    Largest in magnitude; which of equal ones stay does not depend on their order: all do.
    """
    sizes = preactivations.abs()
    each = sizes.flatten(start_dim=-2)
    if count >= each.shape[-1]:
        return preactivations
    if each.device.type == "cuda":  # where kthvalue gives a whole row to a single block
        smallest = each.topk(count, dim=-1, sorted=False).values.amin(dim=-1)
    else:
        smallest = each.kthvalue(each.shape[-1] - count + 1, dim=-1).values
    return preactivations.where(sizes >= smallest[..., None, None], 0.0)
