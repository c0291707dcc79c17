"""Vectors of texts in the user's cache: in which file, under which key, and in which bytes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from wimhf.base import Floats32, KeyValueCache
from wimhf.errors import EncoderError


def text_key(text: str) -> bytes:
    """Return the cache key of a rendered text."""
    return hashlib.sha256(text.encode()).digest()


def vector_cache(folder: Path, **identity: object) -> KeyValueCache[bytes]:
    """Open the cache of one kind of vector.

    Parameters
    ----------
    identity
        All that changes a vector besides its text: encoder, revision, template, token limit,
        normalisation. Every identity has a file of its own.

    Raises
    ------
    EncoderError
        If the file cannot be used.
    """
    name = json.dumps(identity, sort_keys=True)
    path = folder / "embeddings" / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.db"
    return KeyValueCache(path, bytes, "vector", "the embedding cache", EncoderError, name)


def known_vectors(cache: KeyValueCache[bytes], keys: Iterable[bytes]) -> dict[bytes, Floats32]:
    """Return the vectors that are in the cache; one that is damaged counts as unknown."""
    blobs = cache.get(keys)
    usual = Counter(map(len, blobs.values())).most_common(1)
    vectors = {
        key: np.frombuffer(blob, dtype="<f4")
        for key, blob in blobs.items() if len(blob) == usual[0][0] and len(blob) % 4 == 0
    }  # fmt: skip
    return {key: vector for key, vector in vectors.items() if np.isfinite(vector).all()}


def keep_vectors(cache: KeyValueCache[bytes], keys: Iterable[bytes], vectors: Floats32) -> None:
    """Put vectors (n, d) into the cache, all or none."""
    blobs = (vector.astype("<f4").tobytes() for vector in vectors)
    cache.put(dict(zip(keys, blobs, strict=True)))
