"""Dictionaries whose fields are arrays by feature and numbers, so that all are saved alike."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import torch

from wimhf.base import Floats32, Ints
from wimhf.errors import RunError

BLOCK = 65_536
"""Pairs that are encoded at once."""


@dataclass(frozen=True)
class Stored:
    """Fields are arrays (m, ...) or numbers; numbers are kept as fp32."""

    decoder: Floats32

    def __post_init__(self) -> None:
        m = len(self.decoder)
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray) and (value.shape[:1] != (m,) or value.ndim > 2):
                raise RunError(
                    f"the dictionary's {one.name} has shape {value.shape} and there are {m} "
                    "features: the run is damaged, analyze again"
                )

    @property
    def n_features(self) -> int:
        """Number of features m."""
        return len(self.decoder)

    @property
    def directions(self) -> Floats32:
        """The decoder D, (m, d)."""
        return self.decoder

    def decode(self, codes: Floats32) -> Floats32:
        """Return z D, (n, d)."""
        return np.asarray(codes, dtype=np.float32) @ self.decoder

    def taken(self, order: Ints) -> Self:
        """Return it with some of its features, in an order."""
        arrays = {
            one.name: np.ascontiguousarray(value[order])
            for one in fields(self)
            if isinstance(value := getattr(self, one.name), np.ndarray)
        }
        return replace(self, **arrays)

    def tensors(self) -> dict[str, Floats32]:
        """Return every field as an array of fp32."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: np.atleast_1d(np.asarray(v, dtype=np.float32)) for name, v in held.items()}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Floats32]) -> Self:
        """Rebuild a dictionary from what ``tensors`` gave.

        Raises
        ------
        RunError
            If one is missing.
        """
        values: dict[str, object] = {}
        for one in fields(cls):
            if one.name not in tensors or not len(tensors[one.name]):
                raise RunError(f"dictionary.safetensors lacks {one.name!r}; analyze again")
            held = tensors[one.name]
            number = {"float": float, "int": int}.get(str(one.type))
            values[one.name] = held if number is None else number(held[0])
        return cls(**values)  # type: ignore[arg-type]


def projected(differences: Floats32, rows: Floats32) -> Floats32:
    """Return the products (n, m) of differences (n, d) with rows (m, d).

    Negating a difference negates its products bit for bit.
    """
    weight = torch.from_numpy(np.ascontiguousarray(rows.T))
    out = np.empty((len(differences), len(rows)), dtype=np.float32)
    for start in range(0, len(differences), BLOCK):
        block = np.ascontiguousarray(differences[start : start + BLOCK], dtype=np.float32)
        out[start : start + BLOCK] = (torch.from_numpy(block) @ weight).numpy()
    return out


def unit_rows(rows: Floats32) -> Floats32:
    """Return rows (m, d) of length 1; a row of zeros stays one."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Floats32 = (rows / np.maximum(length, np.finfo(np.float32).tiny)).astype(np.float32)
    return out
