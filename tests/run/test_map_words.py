"""Regions of the map are named by what sets them apart, and by nothing else."""

from __future__ import annotations

import numpy as np

from wimhf.run.map_words import _leans, _members, _named


def blobs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return places in two far blobs, and which they are in."""
    which = np.repeat([0, 1], 200)
    places = rng.standard_normal((400, 2)) + np.where(which[:, None] == 0, -8, 8)
    return places.astype(np.float32), which


def test_a_region_is_named_by_the_feature_that_leans_there() -> None:
    rng = np.random.default_rng(0)
    places, which = blobs(rng)
    member = _members(places, 2, 0)
    planted = np.where(which == 0, 1.0, -1.0)
    noise = rng.choice([-1.0, 0.0, 1.0], 400)
    leans = np.stack([_leans(planted, member, 2), _leans(noise, member, 2)], axis=1)
    regions = _named(places, member, leans, ["is planted", "is noise"])
    assert {(one.side, one.words, one.x < 0) for one in regions} == {
        ("A", "is planted", True), ("B", "is planted", False)
    }  # fmt: skip
    assert sum(one.pairs for one in regions) == 400


def test_what_sets_nothing_apart_names_nothing() -> None:
    rng = np.random.default_rng(1)
    places, _ = blobs(rng)
    member = _members(places, 2, 0)
    leans = np.stack([_leans(rng.choice([-1.0, 1.0], 400), member, 2) for _ in range(5)], axis=1)
    assert _named(places, member, leans, list("abcde")) == []
    assert not _leans(np.zeros(400), member, 2).any()
