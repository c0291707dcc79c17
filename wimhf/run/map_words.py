"""What the regions of a run's map have in common, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wimhf.base import Floats, Floats32, Ints
from wimhf.run.run import Run

REGIONS = 6
"""Regions that the map is cut into, at most."""
LEAST = 40
"""Pairs that a region has at least on average, so that its words mean something."""
POINTS = 10_000
"""Pairs that the regions are found from, so that it takes no longer in large runs."""
SURE = 4.0
"""Standard errors by which a region's lean must differ from that of all pairs to name it."""


@dataclass(frozen=True)
class Region:
    """A region of the map.

    Attributes
    ----------
    x, y
        Its middle.
    pairs
        Pairs in it.
    side
        A or B: the response that has more of the feature in most of its pairs.
    words
        What that response does.
    """

    x: float
    y: float
    pairs: int
    side: str
    words: str


def map_regions(run: Run, places: Floats32) -> list[Region]:
    """Return regions of a run's map, each named by the understood feature that sets it apart most.

    A region that no feature sets apart is left out, and no two have the same name.

    Parameters
    ----------
    places
        (n, 2), from ``pair_map``.
    """
    features = [one for one in run.feature_rows if one.understood and not one.muted]
    named = [(one.feature, one.whole, one.description) for one in features if one.description]
    count = min(REGIONS, len(places) // LEAST)
    if count < 2 or not named:
        return []
    member = _members(places, count, run.config.seed)
    signs = (np.sign(run.sparse_codes.together(run.poles, whole)) for _, whole, _ in named)
    leans = np.stack([_leans(sign, member, count) for sign in signs], axis=1)
    return _named(places, member, leans, [words for _, _, words in named])


def _members(places: Floats32, count: int, seed: int) -> Ints:
    """Return which region every pair is in (n,)."""
    from sklearn.cluster import KMeans

    step = max(1, len(places) // POINTS)
    model = KMeans(count, n_init=4, random_state=seed).fit(places[::step])
    member: Ints = model.predict(places).astype(np.int64)
    return member


def _leans(sign: Floats, member: Ints, count: int) -> Floats:
    """Return how far each region leans to one side more than all pairs do, in standard errors.

    Parameters
    ----------
    sign
        (n,) which response has more: 1 A, -1 B, 0 neither.
    """
    size = np.maximum(np.bincount(member, minlength=count), 1)
    means = np.bincount(member, sign, minlength=count) / size
    spread = float(sign.std())
    leans: Floats = (means - sign.mean()) / (spread / np.sqrt(size)) if spread else 0 * means
    return leans


def _named(places: Floats32, member: Ints, leans: Floats, words: Sequence[str]) -> list[Region]:
    """Give every region the name that sets it apart most, the surest first."""
    regions: list[Region] = []
    taken: set[int] = set()
    named: set[tuple[int, bool]] = set()
    for flat in np.argsort(-np.abs(leans), axis=None, kind="stable"):
        region, feature = divmod(int(flat), leans.shape[1])
        lean = float(leans[region, feature])
        if abs(lean) < SURE:
            break
        if region in taken or (feature, lean > 0) in named:
            continue
        taken.add(region)
        named.add((feature, lean > 0))
        inside = places[member == region]
        x, y = (float(value) for value in inside.mean(axis=0))
        regions.append(Region(x, y, len(inside), "A" if lean > 0 else "B", words[feature]))
    return regions
