"""What sets the regions of a run's map apart, in words that hold on pairs that chose none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wimhf.base import Floats, Floats32, Ints, Mask
from wimhf.run.run import Run

Signs = NDArray[np.int8]
REGIONS = 6
"""Regions that the map is cut into, at most."""
TRAITS = 3
"""Features that name a region, at most."""
LEAST = 40
"""Pairs that a region has at least on average, so that its words mean something."""
POINTS = 10_000
"""Pairs that the regions are found from, so that it takes no longer in large runs."""
CHOSEN, PROVEN = 3.0, 3.0
"""Standard errors by which a region's lean must differ from the rest's: on the half of the pairs
that chooses its words, and, the same way, on the other half."""
ALIKE = 0.5
"""Correlation from which a second feature says nothing that the first did not."""
UNEVEN = 0.25
"""Share of pairs below which a half of the prompts proves too little: then pairs are halved."""


@dataclass(frozen=True)
class Trait:
    """What sets a region apart: which response, A or B, does what in more of its pairs."""

    side: str
    words: str


@dataclass(frozen=True)
class Region:
    """A region of the map.

    Attributes
    ----------
    x, y
        Its middle.
    pairs
        Pairs in it.
    traits
        What sets it apart, the surest first; at least one.
    """

    x: float
    y: float
    pairs: int
    traits: tuple[Trait, ...]


def map_regions(run: Run, places: Floats32) -> list[Region]:
    """Return regions of a run's map, each named by the understood features that set it apart most.

    One half of the prompts chooses the words and the other proves them. A region that nothing sets
    apart is left out, and no two begin with the same words.

    Parameters
    ----------
    places
        (n, 2), from ``pair_map``.
    """
    features = [one for one in run.feature_rows if one.understood and not one.muted]
    named = [(one.whole, one.description) for one in features if one.description]
    count = min(REGIONS, len(places) // LEAST)
    if count < 2 or not named:
        return []
    member = _members(places, count, run.config.seed)
    codes = run.sparse_codes
    signs = np.stack(
        [np.sign(codes.together(run.poles, whole)).astype(np.int8) for whole, _ in named], axis=1
    )
    proving = _proving(run.pair_table["component"].to_numpy())
    names = [description.split("; ") for _, description in named]
    return _named(places, member, _traits(signs, member, proving, names))


def _members(places: Floats32, count: int, seed: int) -> Ints:
    """Return which region every pair is in (n,)."""
    from sklearn.cluster import KMeans

    step = max(1, len(places) // POINTS)
    model = KMeans(count, n_init=4, random_state=seed).fit(places[::step])
    member: Ints = model.predict(places).astype(np.int64)
    return member


def _proving(component: Ints) -> Mask:
    """Return the pairs (n,) that prove: those of every second prompt, or every second pair."""
    odd: Mask = component % 2 == 1
    if min(odd.mean(), 1 - odd.mean()) >= UNEVEN:
        return odd
    every: Mask = np.arange(len(component)) % 2 == 1
    return every


def _leans(signs: Signs, member: Ints, count: int) -> Floats:
    """Return how far each region leans to one side more than the rest, in standard errors.

    Parameters
    ----------
    signs
        (n, m) which response has more of a feature: 1 A, -1 B, 0 neither.

    Returns
    -------
    Floats
        (count, m); 0 where a region or the rest has too few pairs to say.
    """
    inside = np.bincount(member, minlength=count).astype(float)
    sums, squares = np.zeros((count, signs.shape[1])), np.zeros((count, signs.shape[1]))
    for region in range(count):
        part = signs[member == region]
        sums[region] = part.sum(axis=0, dtype=np.int64)
        squares[region] = np.abs(part).sum(axis=0, dtype=np.int64)  # of -1, 0 and 1
    rest = len(member) - inside
    if min(inside.min(), rest.min()) < 2:
        return np.zeros_like(sums)
    within = _moments(sums, squares, inside)
    without = _moments(sums.sum(axis=0) - sums, squares.sum(axis=0) - squares, rest)
    error = np.sqrt(within[1] / inside[:, None] + without[1] / rest[:, None])
    gap = within[0] - without[0]
    leans: Floats = np.divide(gap, error, out=np.zeros_like(gap), where=error > 0)
    return leans


def _moments(sums: Floats, squares: Floats, size: Floats) -> tuple[Floats, Floats]:
    mean = sums / size[:, None]
    return mean, squares / size[:, None] - mean**2


def _traits(
    signs: Signs, member: Ints, proving: Mask, names: Sequence[Sequence[str]]
) -> list[list[tuple[Trait, float]]]:
    """Return per region what sets it apart and its lean where that chose, the surest first.

    Parameters
    ----------
    names
        (m,) the clauses of each feature's name, of which one that is not said yet speaks for it.
    """
    count = int(member.max()) + 1
    chosen = _leans(signs[~proving], member[~proving], count)
    proven = _leans(signs[proving], member[proving], count)
    holds = (np.abs(chosen) >= CHOSEN) & (np.sign(chosen) * proven >= PROVEN)
    found = []
    for region in range(count):
        own, taken = signs[member == region], list[int]()
        kept: list[tuple[Trait, float]] = []
        for feature in np.argsort(-np.abs(chosen[region]), kind="stable").tolist():
            lean, said = float(chosen[region, feature]), {trait.words for trait, _ in kept}
            words = next((one for one in names[feature] if one not in said), None)
            if len(kept) == TRAITS or words is None or not holds[region, feature]:
                continue
            if not any(_alike(own[:, feature], own[:, other]) for other in taken):
                taken.append(feature)
                kept.append((Trait("A" if lean > 0 else "B", words), lean))
        found.append(kept)
    return found


def _alike(one: Signs, other: Signs) -> bool:
    """Say whether two features go together so much within a region that one says both."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return size > 0 and abs(float(one @ other)) >= ALIKE * size


def _named(
    places: Floats32, member: Ints, traits: Sequence[list[tuple[Trait, float]]]
) -> list[Region]:
    """Name every region, the surest first; the first words of each are its own."""
    regions: list[Region] = []
    first: set[Trait] = set()
    surest = sorted(
        (number for number, kept in enumerate(traits) if kept),
        key=lambda number: -abs(traits[number][0][1]),
    )
    for number in surest:
        own = [trait for trait, _ in traits[number] if trait not in first]
        if not own:
            continue
        first.add(own[0])
        inside = places[member == number]
        x, y = (float(value) for value in inside.mean(axis=0))
        regions.append(Region(x, y, len(inside), tuple(own)))
    return regions
