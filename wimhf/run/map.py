"""A map of a run's pairs: how their responses differ, seen from its two widest directions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from wimhf.base import Floats32, cache_folder, write_atomically
from wimhf.errors import RunError
from wimhf.run.run import Run
from wimhf.run.vectors import differences

METHOD = "truncated-svd-2"
"""Part of the cached map's name: another method makes another map."""


def pair_map(run: Run) -> Floats32:
    """Return every pair's place (n, 2): its difference in the two directions of most spread.

    The differences are not centred, so the same pair with its sides exchanged lies opposite,
    across the middle. Computed once and kept in the user's cache folder, never in the run's.

    Returns
    -------
    array (n, 2)
        In units of the run's own scale; the same run always gives the same map.
    """
    place = _place(run)
    known = _known(place, run.facts("dictionary")["shape"][0])
    if known is not None:
        return known
    found = projected(differences(run), run.config.seed)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, lambda stream: np.save(stream, found))
    except (OSError, RunError):
        return found  # a cache that cannot be written costs time, nothing else
    return found


def projected(values: Floats32, seed: int) -> Floats32:
    """Return vectors (n, d) in their two directions of most spread (n, 2), without centring."""
    from sklearn.decomposition import TruncatedSVD

    if min(values.shape) < 3:
        return np.pad(values, ((0, 0), (0, 2)))[:, :2]
    return np.asarray(TruncatedSVD(2, random_state=seed).fit_transform(values), dtype=np.float32)


def _place(run: Run) -> Path:
    """Return the map's file, named by all that decides it."""
    decided = [METHOD, run.config.seed, run.manifest.output_hashes("read", "embed")]
    name = hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:32]
    return cache_folder() / "maps" / f"{name}.npy"


def _known(place: Path, count: int) -> Floats32 | None:
    """Return the map that is in the cache, if it is whole."""
    try:
        found: Floats32 = np.load(place)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape == (count, 2) else None
