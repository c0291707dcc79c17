"""Shared fixtures: a toy data set with planted words, and an encoder that needs no model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from wimhf.base.config import Config

settings.register_profile("patient", deadline=None)  # laws hold on busy machines, too
settings.load_profile("patient")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
TRAITS = {
    "refusal": "sorry unable decline",
    "praise": "great brilliant wonderful",
    "example": "suppose instance imagine",
    "hedge": "perhaps maybe possibly",
}
WEIGHTS = {"refusal": -2.0, "praise": 1.5, "example": 0.0, "hedge": 0.0}
FILLER = (
    "water garden bread train music river stone table winter letter market window doctor school "
    "engine butter copper candle forest harbour island jacket kettle ladder mirror needle"
).split()


class ToyEncoder:
    """Mean of one random vector per word: real geometry, no model, the same everywhere."""

    id = "toy"
    revision = "1"
    max_tokens: int | None = None
    chunk = 64

    def __init__(self, dim: int = 24) -> None:
        self.dim = dim

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        return np.stack([self._one(text) for text in texts])

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def last_tokens(self, text: str, count: int) -> str:
        return " ".join(text.split()[-count:]) if count > 0 else ""

    def _one(self, text: str) -> NDArray[np.float32]:
        words = text.split() or ["-"]
        total = np.zeros(self.dim)
        for word in words:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
            total += np.random.default_rng(seed).standard_normal(self.dim)
        return (total / len(words)).astype(np.float32)


def toy_rows(n: int = 400, seed: int = 0) -> list[dict[str, Any]]:
    """Draw native rows whose labels reward praise and penalise refusals."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        sides, value = [], 0.0
        filler = list(rng.choice(FILLER, size=15))
        for sign in (1.0, -1.0):
            words = []
            for name, said in TRAITS.items():
                if rng.random() < 0.3:
                    words += said.split()
                    value += sign * WEIGHTS[name]
            words += filler[len(words) :]
            sides.append(" ".join(rng.permutation(words)))
        label = float(rng.random() < 1 / (1 + np.exp(-value)))
        rows.append(
            {
                "prompt": f"question {number // 2}",
                "response_a": sides[0],
                "response_b": sides[1],
                "label": 0.5 if rng.random() < 0.05 else label,
            }
        )
    return rows


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def toy_config(**more: Any) -> Config:
    """Return settings under which the toy data takes about a second."""
    return Config.from_dict(
        {
            "dictionary": {"features": 8, "k": 2, "steps": 400, "restarts": 1, "device": "cpu"},
            "preference": {"bootstrap": 60, "halvings": 3},
        }
        | more
    )


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """Return this worker's cache; encoders made in it are for all workers and calls.

    To make them anew: pytest --cache-clear.
    """
    cache = tmp_path_factory.mktemp("wimhf-cache", numbered=False)
    if pytestconfig.cache is not None:
        (cache / "models").symlink_to(pytestconfig.cache.mkdir("models"))
    return cache


@pytest.fixture(autouse=True)
def _own_cache(shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's cache."""
    monkeypatch.setenv("WIMHF_CACHE", str(shared_cache))


@pytest.fixture
def toy_file(tmp_path: Path) -> Path:
    """Return a file of toy pairs."""
    return write_rows(tmp_path / "toy.jsonl", toy_rows())


@pytest.fixture
def analyze_toy(tmp_path: Path) -> Callable[..., Any]:
    """Return a function that analyzes a file with the toy encoder and settings."""

    def run(source: Path, name: str = "run", **settings: Any) -> Any:
        import wimhf

        settings.setdefault("config", toy_config())
        return wimhf.analyze(source, tmp_path / name, encoder=ToyEncoder(), **settings)

    return run
